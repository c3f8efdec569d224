import type { DecisionPolicy, Signal } from "./plan.ts";

/** What one signal says now. `unknown`: it could not be read, or its alarm has no data. Unknown is never a vote. */
export interface Reading {
  readonly signal: string;
  readonly state: "failing" | "healthy" | "unknown";
  /** Where the observation was made: outside the active region, or within it. */
  readonly outside: boolean;
  readonly detail: string;
}

export interface QuorumVerdict {
  readonly met: boolean;
  readonly failing: number;
  readonly needed: number;
  readonly reason: string;
}

/** Is a signal observed from outside the active site's region? The lease is read at the witness and at the standby. */
export const isOutside = (signal: Signal): boolean => signal.type !== "alarm" || signal.from !== "active";

/**
 * Counts the votes for an outage: the plan's number of signals must fail, at least one of them seen from outside the
 * active region. Missing data alone is no outage: a partition blinds observers, too (GitHub, 21 October 2018:
 * 43 seconds of partition, a failover, 24 hours of repair).
 */
export const countQuorum = (
  policy: Pick<DecisionPolicy, "quorum">,
  readings: readonly Reading[],
): QuorumVerdict => {
  const failing = readings.filter((reading) => reading.state === "failing");
  const unknown = readings.filter((reading) => reading.state === "unknown");
  const outside = failing.filter((reading) => reading.outside);
  const names = (some: readonly Reading[]): string =>
    some.map((reading) => reading.signal).join(", ") || "none";
  const tally = `${failing.length} of ${readings.length} signals fail (${names(failing)}), ${policy.quorum} needed; unknown: ${names(unknown)}`;
  const verdict = { failing: failing.length, needed: policy.quorum };
  if (failing.length < policy.quorum) return { ...verdict, met: false, reason: `no quorum: ${tally}` };
  if (outside.length === 0) {
    return {
      ...verdict,
      met: false,
      reason: `no quorum: ${tally}, and none of them was observed from outside the active region`,
    };
  }
  return { ...verdict, met: true, reason: `quorum: ${tally}` };
};
