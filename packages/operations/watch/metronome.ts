/*
 * How the queue of a site's watch is kept filled. The Scheduler's run of each minute puts in the ticks until the next one,
 * and two more: a run that comes a little late leaves no gap. A run that comes a minute late, or not at all, is made up for
 * by the last tick that is left.
 */

/** The Scheduler's finest rate. */
const MINUTE_MS = 60_000;
const SPARE_TICKS = 2;

/** Is this the last tick that the queue holds, as far as is known? */
export const needsFilling = (filledUntilMs: number, nowMs: number, everyMs: number): boolean =>
  filledUntilMs - nowMs < everyMs / 2;

/** The ticks that are missing for the coming minute: after how many whole seconds each is due, and until when that lasts. */
export const fillDueSeconds = (
  filledUntilMs: number,
  nowMs: number,
  everyMs: number,
): { readonly inSeconds: readonly number[]; readonly filledUntilMs: number } => {
  const horizonMs = nowMs + MINUTE_MS + SPARE_TICKS * everyMs;
  const inSeconds: number[] = [];
  let lastMs = Math.max(filledUntilMs, nowMs);
  for (let dueMs = lastMs + everyMs; dueMs <= horizonMs; dueMs += everyMs) {
    inSeconds.push(Math.round((dueMs - nowMs) / 1000));
    lastMs = dueMs;
  }
  return { inSeconds, filledUntilMs: lastMs };
};
