import type { FencingBasis } from "./fencing.ts";
import type { LossInterval } from "./loss.ts";
import type { PhaseName } from "./phases.ts";
import type { SiteName } from "./plan.ts";

/**
 * How an execution ended. `recovered`: the workload is served from the other site and was verified there; `held`: a person
 * stopped it after it had begun to act; `refused`: it was not allowed to act; `not-needed`: there was nothing to recover
 * from; `failed`: it ended without having achieved what it was for.
 */
export const outcomes = ["recovered", "held", "refused", "not-needed", "failed"] as const;
export type Outcome = (typeof outcomes)[number];

export interface PhaseTiming {
  readonly name: PhaseName;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** One line of the append-only record of recoveries. Times are on the clock of the site that the execution ran in. */
export interface RecoveryRecord {
  readonly workload: string;
  readonly execution: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly trigger: string;
  readonly from: SiteName;
  readonly to: SiteName;
  readonly epoch: number;
  readonly planHash: string;
  readonly fencing: FencingBasis | null;
  /** What the last canaries say was lost; null where nothing was promoted, or where it stayed unknown. */
  readonly rpo: LossInterval | null;
  readonly phases: readonly PhaseTiming[];
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** What could not be done yet and is left to the watch, or to a person. */
  readonly remaining: readonly string[];
  /** The move that this execution finished: who began it, and when (null: not known). Missing: it was its own. */
  readonly finishes?: FinishedMove | undefined;
}

export interface FinishedMove {
  /** ARN of the execution that made the site the active one. */
  readonly execution: string;
  readonly startedAtMs: number | null;
}

/**
 * How long a move took: from the start of the execution that began it to this end. Null where that start is not known: the time of
 * the execution that finished it is no recovery time.
 */
export const moveDurationMs = ({
  finishes,
  startedAtMs,
  endedAtMs,
}: Pick<RecoveryRecord, "finishes" | "startedAtMs" | "endedAtMs">): number | null => {
  const beganAtMs = finishes === undefined ? startedAtMs : finishes.startedAtMs;
  return beganAtMs === null ? null : endedAtMs - beganAtMs;
};

/** What was found when a workload was protected again after a recovery. */
export interface ProtectionRecord {
  readonly workload: string;
  readonly epoch: number;
  /** The site that has become the standby. */
  readonly site: SiteName;
  readonly protectedAtMs: number;
  /** AWS's word on fencing the old writer, and what became of the old volume. */
  readonly notes: readonly string[];
  /** What a person has to look at. */
  readonly alerts: readonly string[];
}
