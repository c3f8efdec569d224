import { RecoveryError } from "@lifeboat/recovery/errors";
import { pending, reached, type StepMemo, type StepResult } from "./context.ts";
import type { Clock } from "./ports.ts";

export type Observation =
  | { readonly type: "reached"; readonly detail: string }
  /** An operation is under way: nothing to do but wait. */
  | { readonly type: "moving"; readonly detail: string }
  /** Nothing moves towards the goal: act. */
  | { readonly type: "idle"; readonly detail: string };

export interface Goal {
  readonly observe: () => Promise<Observation>;
  /** Makes the one call that moves things; asks for the mandate first. */
  readonly act: () => Promise<void>;
  /** How long the operation usually takes at least: the machine waits that long before it looks again, for free. */
  readonly usualMs: number;
  /** After this the step throws `StepExpired` and a person decides. */
  readonly limitMs: number;
  /** What is awaited, for the error's message. */
  readonly what: string;
}

/** A function looks this often while the operation may end any moment; a look costs a fraction of a second of compute. */
const LOOK_EVERY_MS = 1000;
/**
 * What has not ended so long after its usual time may take long. Of what it takes beyond that, the next look comes after a
 * twentieth: looking adds no more than that, and half an hour's wait spends neither AWS's rates nor the 25,000 events of an
 * execution's history.
 */
const PROMPT_FOR_MS = 240_000;
const DELAY_BETWEEN_LOOKS = 1 / 20;
const LOOK_AT_LEAST_EVERY_MS = 15_000;
/** How long one call of a step waits inside before it hands the wait back to the machine. Well under the functions' timeout. */
const INSIDE_MS = 18_000;
/** A repeated act only after this long: a describe that is stale must not lead to a second act. */
const ACT_AGAIN_AFTER_MS = 60_000;

/**
 * Describe, act, describe again: the loop of every convergent step. It can be killed at any line, and called twice, late,
 * or anew: it always starts from what it observes. The first wait is the operation's usual time and is left to the
 * machine; near the end the function itself looks every second, so that little time is lost, and more seldom at what is long
 * overdue.
 */
export const awaitGoal = async (clock: Clock, memo: StepMemo | null, goal: Goal): Promise<StepResult> => {
  const callStartedAtMs = clock.nowMs();
  let current: StepMemo = memo ?? { startedAtMs: callStartedAtMs };
  for (;;) {
    const observation = await goal.observe();
    const nowMs = clock.nowMs();
    if (observation.type === "reached") return reached(current, observation.detail);
    if (nowMs - current.startedAtMs > goal.limitMs) {
      throw new RecoveryError(
        "StepExpired",
        `${goal.what} did not end within ${goal.limitMs / 1000} s: ${observation.detail}`,
      );
    }
    const actedAgoMs = current.actedAtMs === undefined ? Number.POSITIVE_INFINITY : nowMs - current.actedAtMs;
    if (observation.type === "idle" && actedAgoMs >= ACT_AGAIN_AFTER_MS) {
      await goal.act();
      current = { ...current, actedAtMs: clock.nowMs() };
    }
    const sinceActMs = clock.nowMs() - (current.actedAtMs ?? current.startedAtMs);
    const untilUsualMs = goal.usualMs - sinceActMs;
    if (untilUsualMs > LOOK_EVERY_MS) return pending(current, untilUsualMs / 1000, observation.detail);
    const leftMs = current.startedAtMs + goal.limitMs + 1 - clock.nowMs();
    const waitMs = Math.max(Math.min(untilNextLookMs(-untilUsualMs), leftMs), LOOK_EVERY_MS);
    if (clock.nowMs() - callStartedAtMs + waitMs > INSIDE_MS)
      return pending(current, waitMs / 1000, observation.detail);
    await clock.sleep(waitMs);
  }
};

const untilNextLookMs = (overdueMs: number): number => {
  const waitMs = Math.ceil((overdueMs - PROMPT_FOR_MS) * DELAY_BETWEEN_LOOKS);
  return Math.min(Math.max(waitMs, LOOK_EVERY_MS), LOOK_AT_LEAST_EVERY_MS);
};
