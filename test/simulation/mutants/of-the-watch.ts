import { type Edit, type Mutant, REGION_LOSS } from "./mutant.ts";

const RENEWS_WHILE_MOVED_AWAY: Edit = {
  file: "packages/operations/watch/tick.ts",
  replace: "activeSite === here && (holder === null || holder.site === here);",
  by: "activeSite === here && (holder === null || holder.from === here);",
};

/** Breakages of the watch: of its renewals, its requests, and what it does when a recovery is over. */
export const watchMutants: readonly Mutant[] = [
  {
    name: "asks for a recovery while one is running",
    edits: [
      {
        file: "packages/operations/request-recovery.ts",
        replace: 'if (status === "RUNNING" || status === "PENDING_REDRIVE") {',
        by: 'if (status === "PENDING_REDRIVE") {',
      },
    ],
    ...REGION_LOSS,
    caughtBy: "one-execution",
  },
  {
    name: "lets an execution that has ended hold the workload for ever",
    edits: [
      {
        file: "packages/operations/watch/release-ended.ts",
        replace: "if (holder === null || kind === null) return null;",
        by: 'if (holder === null || holder.execution !== "") return null;',
      },
    ],
    within: "stopped-in-the-claim",
    seed: 1,
    caughtBy: "convergence",
  },
  {
    name: "leaves the services of the old site running",
    edits: [
      {
        file: "packages/operations/tending/retire-site.ts",
        replace: "if (running.length === 0) return [];",
        by: "if (running.length < 100) return [];",
      },
    ],
    within: "faults",
    seed: 7,
    caughtBy: "convergence",
  },
  {
    name: "leaves the old site open to traffic",
    edits: [
      {
        file: "packages/operations/tending/protect-again.ts",
        replace: "if (missing.length === 0) missing.push(...(await restSwitches(context)));\n",
        by: "if (missing.length > 99) missing.push(...(await restSwitches(context)));\n",
      },
    ],
    within: "faults",
    seed: 7,
    caughtBy: "convergence",
  },
  {
    name: "renews over a later epoch",
    edits: [
      {
        file: "packages/operations/watch/renew-leases.ts",
        replace: "if (body.epoch > claim.epoch) return null;",
        by: "if (body.epoch > claim.epoch + 99) return null;",
      },
    ],
    within: "back-in-the-claim",
    seed: 1,
    caughtBy: "lease-held-by-one",
  },
  {
    name: "renews unasked while the workload is moved away",
    edits: [RENEWS_WHILE_MOVED_AWAY],
    within: "back-in-the-claim",
    seed: 1,
    caughtBy: "lease-held-by-one",
  },
  {
    name: "renews unasked while the workload is moved away, among faults",
    edits: [RENEWS_WHILE_MOVED_AWAY],
    within: "faults around the claim",
    seed: 6,
    caughtBy: "lease-held-by-one",
  },
  {
    name: "keeps a request for ever that nobody has started",
    edits: [
      {
        file: "packages/operations/watch/tick-passive.ts",
        replace: 'if (status === "NONE" && ports.clock.nowMs() - requestedAtMs < NEVER_STARTED_MS) return;',
        by: 'if (status === "NONE" && requestedAtMs > 0) return;',
      },
    ],
    within: "request-never-started",
    seed: 1,
    caughtBy: "convergence",
  },
];
