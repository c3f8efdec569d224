import { answersFor, weigh, type Question, type QuestionKind } from "@lifeboat/recovery/approvals";
import type { Loss } from "@lifeboat/recovery/loss";
import { otherSite } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { sitePlace } from "../ledger/places.ts";
import { messageOf } from "./message.ts";
import {
  keepTold,
  keepToken,
  openQuestion,
  questionId,
  readAnswers,
  wasTold,
  type KeptQuestion,
} from "./question-papers.ts";

export interface AskRequest {
  readonly execution: string;
  readonly epoch: number;
  readonly kind: QuestionKind;
  readonly phase: string;
  readonly reason: string;
  /** Which question of the execution, counted by the machine; the same while it waits on. */
  readonly number: number;
  /** When the machine began to ask, on Step Functions' clock. */
  readonly sinceMs: number;
  /** What no answer in time means to the machine: it ends, or tries the phase again. */
  readonly endsUnanswered: boolean;
  /** The execution finishes a move: nothing is promoted, and there is nothing to override. */
  readonly finishesMove: boolean;
  /** How many different people an approval takes. */
  readonly needed: number;
  /** What an approval would lose; null at a hold. */
  readonly loss: Loss | null;
  /** How often the machine has waited for this question already. */
  readonly attempt: number;
  /** How many answers the machine has counted already. */
  readonly counted: number;
  readonly token: string;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const lossInWords = (request: AskRequest, workload: string, site: string): string => {
  const { kind, loss, phase, endsUnanswered, finishesMove } = request;
  if (kind === "hold") {
    if (phase === "claim" && !finishesMove)
      return "Nothing by a retry. An override goes on without proof that the old primary has stopped: what it still takes is lost.";
    const stays = "Nothing by the answer itself; what was promoted stays promoted.";
    if (endsUnanswered && !finishesMove) return stays;
    const input = `{"workload": "${workload}"}`;
    // It may hold on either side of the write that makes the site the active one, and a person who aborts cannot tell which.
    if (phase === "activate" && !finishesMove)
      return `${stays} After an abort the move is not finished. Starting the machine in this region again, with ${input}, finishes it if the ledger names ${site} as the active site; if not, that starts an ordinary failover, with its quorum, its cooldown and its questions.`;
    return `${stays} After an abort the move stays unfinished until somebody starts the machine in this region again, with ${input}.`;
  }
  if (loss === null) return "Nothing is known of it.";
  return loss.known
    ? `Between ${seconds(loss.interval.minMs)} and ${seconds(loss.interval.maxMs)} of acknowledged writes.`
    : `An unknown amount of acknowledged writes: ${loss.reason}.`;
};

const questionOf = (
  { plan, planHash, here, ports }: SiteContext<"approvals" | "notices">,
  request: AskRequest,
): KeptQuestion => {
  const { kind, phase, loss } = request;
  const from = otherSite(plan, here.name).name;
  return {
    workload: plan.workload,
    execution: request.execution,
    planHash,
    epoch: request.epoch,
    question: questionId(request.execution, request.number, request.sinceMs),
    kind,
    phase,
    region: here.region,
    asked:
      kind === "approval"
        ? `Move ${plan.workload} from ${from} to ${here.name}: an unplanned failover.`
        : `The failover of ${plan.workload} from ${from} to ${here.name} holds in phase "${phase}". How shall it go on?`,
    reason: request.reason,
    loss: lossInWords(request, plan.workload, here.name),
    acceptsLossMs: loss === null ? null : loss.known ? loss.interval.maxMs : "any",
    allowed: answersFor(kind, phase, request.finishesMove),
    // What goes on without proof takes as many as what loses data.
    needed: kind === "approval" ? Math.max(1, request.needed) : plan.decision.approvals.lossy,
    account: plan.account,
    approvers: plan.decision.approvers,
    expiresAtMs: request.sinceMs + plan.decision.answerWithinMs,
    endsUnanswered: request.endsUnanswered,
    linkKey: `${ports.ids.next()}${ports.ids.next()}`,
  };
};

/** The question that stands, and whether people were told of it; `failed`: the message could not be sent. */
export type Asked =
  | { readonly question: Question; readonly told: "now" | "before" }
  | { readonly question: Question; readonly told: "failed"; readonly why: unknown };

/**
 * Puts a question to people, or goes on waiting for one that was put: keeps the question and the token of this wait, and
 * tells people, once for the question and once for each further answer that was not enough. An answer that came while the
 * machine looked elsewhere rings its bell at once. Any part may run twice: papers are created once, and a message that
 * comes twice asks the same question.
 */
export const askPeople = async (
  context: SiteContext<"approvals" | "notices">,
  request: AskRequest,
  linkTo: (question: KeptQuestion) => string | null,
): Promise<Asked> => {
  const { plan, here, ports } = context;
  const place = sitePlace(plan, here.name);
  const question = await openQuestion(ports, place, questionOf(context, request));
  await keepToken(ports, place, question, request.attempt, ports.ids.next(), request.token);
  const weighed = weigh(question, await readAnswers(ports, place, question), ports.clock.nowMs());
  if (weighed.type !== "waiting" || weighed.counted > request.counted) {
    await ports.approvals.wake(request.token);
    return { question, told: "before" };
  }
  if (await wasTold(ports, place, question, weighed.counted)) return { question, told: "before" };
  const { subject, text } = messageOf(question, weighed.by, linkTo(question));
  try {
    await ports.notices.publish(subject, text);
  } catch (why) {
    return { question, told: "failed", why };
  }
  await keepTold(ports, place, question, weighed.counted);
  return { question, told: "now" };
};
