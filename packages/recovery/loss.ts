import { hasCanaryStopped } from "./lease.ts";

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
  } | null;
  /** The newest canary on the standby's copy; null: it could not be read, or there is none. */
  readonly newestOnStandby: { readonly sequence: number; readonly writtenAtMs: number } | null;
  /** How long after a renewal the active site's writer goes on; see `writerGraceMs`. */
  readonly writerGraceMs: number;
  /** Without canaries a writer is stopped by its enforcer alone. */
  readonly enforcerBesideWriter: boolean;
}

/**
 * What was written after the newest canary on the standby left no trace there. `maxMs` is never exceeded: a writer that was
 * cut off, and not stopped, went on for its grace after its last renewal, with nobody to see it. A period is added where
 * the newest canary on the standby is not that of the last renewal itself: the one after it may have been acknowledged without
 * a renewal that reports it.
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

/** The beat after an acknowledged one comes within so many periods; a later one has others before it that nobody acknowledged. */
const IN_TURN_PERIODS = 1.5;

/**
 * Loss at onset; unknown when either side of the comparison is missing, or when canaries had stopped while the site lived and
 * nothing says how long its writer went on: what the last canary says is then no evidence of what was written since. An
 * enforcer admits writers for their grace after a beat. So where one stands beside the writer, and the site knows of which
 * beats it cannot say that they never reached the database, nothing was written after the last of these and the grace.
 */
export const lossAtOnset = (evidence: LossEvidence): Loss => {
  const { lastAcknowledged, newestOnStandby, writerGraceMs } = evidence;
  if (lastAcknowledged === null) {
    return { known: false, reason: "the active site's last lease carries no acknowledged canary" };
  }
  if (newestOnStandby === null) {
    return { known: false, reason: "the standby's copy could not be asked for its newest canary" };
  }
  const { sequence, periodMs, acknowledgedAtMs, reportedAtMs, mayHaveBeatenAtMs } = lastAcknowledged;
  const silentMs = reportedAtMs - acknowledgedAtMs;
  const hasStopped = hasCanaryStopped(silentMs, periodMs);
  const isBounded =
    evidence.enforcerBesideWriter &&
    mayHaveBeatenAtMs !== undefined &&
    !hasCanaryStopped(mayHaveBeatenAtMs - acknowledgedAtMs, periodMs);
  if (hasStopped && !isBounded) {
    return {
      known: false,
      reason: `the active site's database took no canary for the last ${seconds(silentMs)} before its last renewal`,
    };
  }
  const behindMs = Math.max(0, acknowledgedAtMs - newestOnStandby.writtenAtMs);
  // The canary that the lease reports may itself be on the standby: then nothing older is missing.
  const minMs = newestOnStandby.sequence >= sequence ? 0 : behindMs;
  if (hasStopped) {
    const lastBeatMs = Math.max(acknowledgedAtMs, mayHaveBeatenAtMs ?? acknowledgedAtMs);
    const unseenMs = Math.max(0, lastBeatMs - newestOnStandby.writtenAtMs);
    return { known: true, interval: { minMs, maxMs: unseenMs + writerGraceMs } };
  }
  // A renewal goes before its beat, so it reports the beat before: the last one is reported only by arriving here. A newer
  // number alone is no sign of that. The container that renewed may have known an older beat than the last one, and what came
  // after that one, up to its own renewal, is missing as well.
  const beatenLateMs = (mayHaveBeatenAtMs ?? acknowledgedAtMs) - acknowledgedAtMs;
  const hasLastBeat = newestOnStandby.sequence > sequence && newestOnStandby.writtenAtMs >= reportedAtMs;
  // More than that one beat, where those before it are in doubt as well.
  const inDoubtMs = beatenLateMs > IN_TURN_PERIODS * periodMs ? beatenLateMs : periodMs;
  const unseenMs = hasLastBeat ? 0 : inDoubtMs;
  return { known: true, interval: { minMs, maxMs: behindMs + unseenMs + writerGraceMs } };
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
