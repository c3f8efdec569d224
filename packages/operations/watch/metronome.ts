/*
 * How the queue of a site's watch is kept filled. The Scheduler's run of each minute puts in the ticks until the next one,
 * and two more: a run that comes a little late leaves no gap. A run that comes a minute late, or not at all, is made up for
 * once, by the last tick that is left.
 */

/** The Scheduler's finest rate. */
const MINUTE_MS = 60_000;
const SPARE_TICKS = 2;

/** One tick as it lies in the queue. Times are the clock's of whoever filled it. */
export interface QueuedTick {
  readonly dueAtMs: number;
  /** Until when the queue was filled when this was sent. */
  readonly filledUntilMs: number;
  /** Sent by the Scheduler's run, or by a tick that made up for one. */
  readonly by: "run" | "tick";
}

/**
 * Does this tick have to make up for a run of the Scheduler? Only the last one that is known of, in time, and only one that a
 * run has sent: messages come twice and late, and ticks that send ticks which send ticks would flood the site.
 */
export const makesUp = (tick: QueuedTick, filledUntilMs: number, nowMs: number, everyMs: number): boolean =>
  tick.by === "run" && nowMs - tick.dueAtMs < everyMs && filledUntilMs - nowMs < everyMs / 2;

/** The ticks that are missing for the coming minute, with after how many whole seconds each is due. */
export const missingTicks = (
  filledUntilMs: number,
  nowMs: number,
  everyMs: number,
  by: QueuedTick["by"],
): {
  readonly ticks: readonly { readonly inSeconds: number; readonly tick: QueuedTick }[];
  readonly filledUntilMs: number;
} => {
  const horizonMs = nowMs + MINUTE_MS + SPARE_TICKS * everyMs;
  const due: number[] = [];
  for (let dueMs = Math.max(filledUntilMs, nowMs) + everyMs; dueMs <= horizonMs; dueMs += everyMs)
    due.push(dueMs);
  const lastMs = due.at(-1) ?? Math.max(filledUntilMs, nowMs);
  return {
    ticks: due.map((dueAtMs) => ({
      inSeconds: Math.round((dueAtMs - nowMs) / 1000),
      tick: { dueAtMs, filledUntilMs: lastMs, by },
    })),
    filledUntilMs: lastMs,
  };
};
