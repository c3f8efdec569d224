import { weigh, type Answer } from "@lifeboat/recovery/approvals";
import type { SiteContext } from "../context.ts";
import { sitePlace } from "../ledger/places.ts";
import { keepVerdict, questionId, readAnswers, readQuestion, readVerdict } from "./question-papers.ts";

export interface CountRequest {
  readonly execution: string;
  readonly epoch: number;
  readonly number: number;
  readonly sinceMs: number;
}

/** What a question has come to. */
export interface Verdict {
  readonly verdict: Answer | "waiting" | "expired";
  /** How many answers there are, of whatever kind. */
  readonly counted: number;
  /** How many different people stand behind the verdict. */
  readonly persons: number;
  /** Their ARNs, in words. */
  readonly who: string;
  readonly why: string;
  readonly epoch: number;
  readonly acceptsLossMs: number | "any" | null;
}

const isVerdictOf = (body: unknown, epoch: number): body is Verdict =>
  typeof body === "object" && body !== null && (body as Partial<Verdict>).epoch === epoch;

/**
 * Counts the answers to a question from their records: whatever woke the machine is not asked what it knows. The first
 * verdict that is none of waiting is written down and stands, so that a repeat of this call says the same. A question of
 * another plan, epoch or execution has no answers here.
 */
export const countAnswers = async (
  { plan, planHash, here, ports }: SiteContext<"approvals">,
  request: CountRequest,
): Promise<Verdict> => {
  const place = sitePlace(plan, here.name);
  const { execution, epoch } = request;
  const id = questionId(execution, request.number, request.sinceMs);
  const nowMs = ports.clock.nowMs();
  const none: Verdict = {
    verdict: "waiting",
    counted: 0,
    persons: 0,
    who: "",
    why: "",
    epoch,
    acceptsLossMs: null,
  };
  const question = await readQuestion(ports, place, plan.workload, id);
  const isOurs =
    question?.execution === execution && question.planHash === planHash && question.epoch === epoch;
  if (question === null || !isOurs) {
    // Nobody could be asked at all: that, too, ends.
    return nowMs > request.sinceMs + plan.decision.answerWithinMs ? { ...none, verdict: "expired" } : none;
  }
  const earlier = await readVerdict(ports, place, question);
  if (isVerdictOf(earlier, epoch)) return earlier;
  const weighed = weigh(question, await readAnswers(ports, place, question), nowMs);
  const who = weighed.by.join(" and ");
  const { counted } = weighed;
  if (weighed.type === "waiting") return { ...none, counted, who, persons: weighed.by.length };
  const verdict: Verdict = {
    ...none,
    verdict: weighed.type === "answered" ? weighed.answer : "expired",
    counted,
    persons: weighed.by.length,
    who,
    why: weighed.type === "answered" ? weighed.why : "",
    acceptsLossMs: question.acceptsLossMs,
  };
  return keepVerdict(ports, place, question, verdict);
};
