import { hasCanaryStopped } from "./beats.ts";

/**
 * How much data a promotion loses, in time. Judged at the onset of the outage: replication lag goes stale in every real
 * outage, so what counts is which canary rows had arrived when the active site fell silent, not what a metric says later.
 * Both times are the active site's own: no clock is compared with another.
 */
export interface LossEvidence {
  /** The newest canary that the active site acknowledged, as its last lease renewal reported it; null: none reported. */
  readonly lastAcknowledged: {
    readonly sequence: number;
    readonly acknowledgedAtMs: number;
    readonly periodMs: number;
    readonly reportedAtMs: number;
    /** The latest time at which a beat may have reached the database, answered or not; missing: not known. */
    readonly mayHaveBeatenAtMs?: number | undefined;
    /** Until when writers may go on by what the site announced; missing: not told, and the reader's own terms count alone. */
    readonly writesUntilMs?: number | undefined;
  } | null;
  /** The newest canary on the standby's copy; null: it could not be read, or there is none. */
  readonly newestOnStandby: { readonly sequence: number; readonly writtenAtMs: number } | null;
  /** For how long after its last beat the active site's writer may have gone on, milliseconds; see `writesForMs`. */
  readonly writesForMs: number;
  /** Without canaries a writer is stopped by its enforcer alone. */
  readonly enforcerBesideWriter: boolean;
}

/**
 * What was written after the newest canary on the standby left no trace there. `maxMs` is never exceeded: a writer that was
 * cut off, and not stopped, went on for a while after its last beat, with nobody to see it.
 */
export interface LossInterval {
  readonly minMs: number;
  readonly maxMs: number;
}

export type Loss =
  | { readonly known: true; readonly interval: LossInterval }
  /** `passing`: the copy did not answer just now; asking again may settle it. */
  | { readonly known: false; readonly reason: string; readonly passing?: true };

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/**
 * Loss at onset; unknown when either side of the comparison is missing, when nothing says which was the last beat, or when
 * canaries had stopped while the site lived and nothing says how long its writer went on: what the last canary says is then no
 * evidence of what was written since.
 *
 * The upper bound. Nobody writes later than `writesForMs` after the last beat that may have reached the database, counted from
 * before the renewal that announced it was sent: with an enforcer because each beat admits writers until then and no longer, however
 * late it is written itself (a database that stands still with a beat in flight takes it when it wakes, and admits nobody for
 * that; see `admitsForMs`); without one because the site is presumed to have stopped when its lease ended. Every beat that admits
 * writers is announced before it is sent, so `mayHaveBeatenAtMs` is no earlier than the last one, or than the last that was
 * acknowledged. The beat of a check is not announced: it admits nobody. That of an activation is, unless the lease does not tell
 * of beats yet: then the loss is unknown until the watch, which renews after that, has told of its own at both places. And
 * whatever was committed before the newest canary on the standby is there as well, which is no earlier than the time that this
 * canary says. How late beats came, and how many of them were answered, does not matter. While a plan with other terms is published
 * the site may go by the ones before: what it announced counts where that is later.
 */
export const lossAtOnset = (evidence: LossEvidence): Loss => {
  const { lastAcknowledged, newestOnStandby, writesForMs } = evidence;
  if (lastAcknowledged === null) {
    return { known: false, reason: "the active site's last lease carries no acknowledged canary" };
  }
  if (newestOnStandby === null) {
    return { known: false, reason: "the standby's copy could not be asked for its newest canary" };
  }
  const { sequence, periodMs, acknowledgedAtMs, reportedAtMs, mayHaveBeatenAtMs, writesUntilMs } =
    lastAcknowledged;
  const silentMs = reportedAtMs - acknowledgedAtMs;
  const isBounded =
    evidence.enforcerBesideWriter &&
    mayHaveBeatenAtMs !== undefined &&
    !hasCanaryStopped(mayHaveBeatenAtMs - acknowledgedAtMs, periodMs);
  if (hasCanaryStopped(silentMs, periodMs) && !isBounded) {
    return {
      known: false,
      reason: `the active site's database took no canary for the last ${seconds(silentMs)} before its last renewal`,
    };
  }
  if (mayHaveBeatenAtMs === undefined) {
    return { known: false, reason: "the active site's leases do not both tell of its last beat" };
  }
  // Without an enforcer it is the lease that ends: every renewal counts, beat or not.
  const lastBeatMs = Math.max(
    acknowledgedAtMs,
    mayHaveBeatenAtMs,
    evidence.enforcerBesideWriter ? acknowledgedAtMs : reportedAtMs,
  );
  const { writtenAtMs } = newestOnStandby;
  // The canary that the lease reports may itself be on the standby: then nothing older is missing.
  const minMs = newestOnStandby.sequence >= sequence ? 0 : Math.max(0, acknowledgedAtMs - writtenAtMs);
  const byTermsMs = Math.max(0, lastBeatMs - writtenAtMs) + writesForMs;
  return { known: true, interval: { minMs, maxMs: Math.max(byTermsMs, (writesUntilMs ?? 0) - writtenAtMs) } };
};

export interface LossVerdict {
  readonly allowed: boolean;
  /** The worst of the interval; null when the loss is unknown. */
  readonly maxMs: number | null;
  readonly reason: string;
}

/** May a promotion go on without a person? Only if the worst of the interval is within the limit. */
export const judgeLoss = (loss: Loss, limitMs: number): LossVerdict => {
  if (!loss.known)
    return {
      allowed: false,
      maxMs: null,
      reason: `the loss is unknown: ${loss.reason}; a person has to accept it`,
    };
  const range = `${seconds(loss.interval.minMs)} to ${seconds(loss.interval.maxMs)}`;
  return loss.interval.maxMs <= limitMs
    ? {
        allowed: true,
        maxMs: loss.interval.maxMs,
        reason: `the loss is ${range}, within the limit of ${seconds(limitMs)}`,
      }
    : {
        allowed: false,
        maxMs: loss.interval.maxMs,
        reason: `the loss is ${range}, above the limit of ${seconds(limitMs)}; a person has to accept it`,
      };
};
