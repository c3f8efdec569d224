import { personOf, weigh, type Answer, type AnswerRecord } from "@lifeboat/recovery/approvals";
import type { LedgerPlace, Ports } from "../ports.ts";
import { purposeOf } from "./message.ts";
import { keepAnswer, readAnswers, readQuestion, readVerdict, wakeMachine } from "./question-papers.ts";

export interface GivenAnswer {
  readonly workload: string;
  readonly question: string;
  readonly answer: Answer;
  readonly why: string;
  /** A request to STS that the person has signed for this answer: see `purposeOf`. */
  readonly proof: string;
  readonly via: AnswerRecord["via"];
}

export type Taken =
  | {
      readonly type: "taken";
      readonly record: AnswerRecord;
      /** What the answers amount to now, in words. */
      readonly standing: string;
    }
  | {
      readonly type: "refused";
      /** `later`: the same answer may be taken if it is given again. */
      readonly cause: "unknown-question" | "over" | "not-allowed" | "unproven" | "not-entitled" | "later";
      readonly reason: string;
    };

const refused = (cause: Extract<Taken, { type: "refused" }>["cause"], reason: string): Taken => ({
  type: "refused",
  cause,
  reason,
});

/**
 * Takes one person's answer, whichever way it came: asks STS who signed the proof, writes the record, and rings the
 * machine's bell. The record is what counts. Whoever dies between the two has answered: the machine looks by itself within
 * minutes. The same answer twice is one record; the first stands. Throws `LedgerUnreadable` and `AwsUnavailable`.
 */
export const takeAnswer = async (
  ports: Pick<Ports, "ledger" | "approvals" | "clock">,
  place: LedgerPlace,
  given: GivenAnswer,
): Promise<Taken> => {
  const question = await readQuestion(ports, place, given.workload, given.question);
  if (question === null) return refused("unknown-question", "there is no such question here");
  const nowMs = ports.clock.nowMs();
  if (nowMs > question.expiresAtMs) return refused("over", "the time to answer is over");
  if (!question.allowed.includes(given.answer)) {
    return refused("not-allowed", `the answer is one of ${question.allowed.join(", ")}`);
  }
  if (given.via === "page" && question.approvers.length === 0) {
    return refused(
      "not-entitled",
      "the plan names no approvers, so that nothing but the permission to invoke says who may answer: answer from a shell",
    );
  }
  const proven = await ports.approvals.identify(given.proof, purposeOf(question, given.answer));
  if (proven.type === "unreachable") return refused("later", `STS did not answer: ${proven.reason}`);
  if (proven.type === "refused") return refused("unproven", proven.reason);
  const who = personOf(proven.identity, question);
  if (who.type === "nobody") return refused("not-entitled", who.reason);
  const { workload, execution, planHash, epoch } = question;
  if ((await readVerdict(ports, place, question)) !== undefined) {
    return refused("over", "the question has been answered already");
  }
  const record = await keepAnswer(ports, place, {
    workload,
    execution,
    planHash,
    epoch,
    question: question.question,
    answer: given.answer,
    why: given.why,
    person: who.person,
    principal: proven.identity,
    via: given.via,
    atMs: nowMs,
  });
  const weighed = weigh(question, await readAnswers(ports, place, question), nowMs);
  // The record stands; a bell that is not heard only costs minutes.
  await wakeMachine(ports, place, question).catch(() => undefined);
  const standing =
    weighed.type === "answered"
      ? `it is decided: ${weighed.answer}, by ${weighed.by.join(" and ")}`
      : `${weighed.by.length} of ${question.needed} people so far`;
  return { type: "taken", record, standing };
};
