import type { RecoveryRecord } from "@lifeboat/recovery/outcome";

/** What an execution leaves behind that has moved the example's workload to Paris, or whatever else is given. */
export const recordOf = (
  given: Pick<RecoveryRecord, "execution" | "startedAtMs" | "endedAtMs"> & Partial<RecoveryRecord>,
): RecoveryRecord => ({
  workload: "spacelift",
  outcome: "recovered",
  reason: "spacelift is served from paris",
  dryRun: false,
  trigger: "automatic",
  from: "ireland",
  to: "paris",
  epoch: 2,
  planHash: "hash",
  fencing: "lease-run-out",
  rpo: { minMs: 0, maxMs: 10_000 },
  phases: [],
  remaining: [],
  ...given,
});
