/* What the beats of a site say of its database: the canaries that it writes with each renewal. */

/** A renewal reports the canary of the one before; one that is older than this many periods has not been followed by another. */
const FRESH_PERIODS = 2.5;

/** A row of unanswered beats, by the clock of their sender. */
export interface Unanswered {
  readonly sinceMs: number;
  readonly lastMs: number;
}

/** Does a renewal at `nowMs` go on with the row? An acknowledgement ends it, and a pause breaks it off. */
export const goesOn = (
  { sinceMs, lastMs }: Unanswered,
  acknowledgedAtMs: number,
  nowMs: number,
  periodMs: number,
): boolean => sinceMs > acknowledgedAtMs && nowMs - lastMs <= FRESH_PERIODS * periodMs;

/** Had the database stopped to take canaries when its site last renewed? */
export const hasCanaryStopped = (silentForMs: number, periodMs: number): boolean =>
  silentForMs > FRESH_PERIODS * periodMs;
