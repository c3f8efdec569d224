import { type Edit, ISOLATED, type Mutant } from "./mutant.ts";

const NEVER_WAITS_FOR_A_LEASE: Edit = {
  file: "packages/recovery/fencing.ts",
  replace: "const mustWait = alive.some((sighting) => !hasRunOut(sighting, terms, nowMs));",
  by: "const mustWait = alive.length > 2;",
};

const LETS_A_WRITER_GO_ON: Edit = {
  file: "packages/operations/watch/beat.ts",
  replace: "validForMs: writerGraceMs(terms, plan.decision.lossLimitMs)",
  by: "validForMs: 1_800_000",
};

/** Breakages of the lease, and of the fence of the old writer. */
export const leaseMutants: readonly Mutant[] = [
  {
    name: "does not wait for the lease of a living site",
    edits: [NEVER_WAITS_FOR_A_LEASE],
    within: "primary-isolated",
    seed: 2,
    caughtBy: "lease-held-by-one",
  },
  {
    name: "lets a cut-off writer go on for half an hour",
    edits: [LETS_A_WRITER_GO_ON],
    ...ISOLATED,
    caughtBy: "loss-reported",
  },
  {
    name: "promotes before the old writer is fenced",
    edits: [NEVER_WAITS_FOR_A_LEASE, LETS_A_WRITER_GO_ON],
    ...ISOLATED,
    caughtBy: "single-writer",
  },
  {
    name: "leaves the old writer admitted when its lease has run out",
    edits: [LETS_A_WRITER_GO_ON],
    within: "faults",
    seed: 11,
    caughtBy: "single-writer",
  },
  {
    name: "does not wait for the lease, among faults",
    edits: [NEVER_WAITS_FOR_A_LEASE],
    within: "faults",
    seed: 7,
    caughtBy: "lease-held-by-one",
  },
  {
    name: "compares the holder's clock with its own",
    edits: [
      {
        file: "packages/recovery/lease.ts",
        replace: "sinceMs: nowMs,",
        by: "sinceMs: lease.canary?.acknowledgedAtMs ?? nowMs,",
      },
    ],
    within: "faults",
    seed: 30,
    caughtBy: "lease-held-by-one",
  },
  {
    name: "trusts a lease that cannot be read",
    edits: [
      {
        file: "packages/recovery/fencing.ts",
        replace: "if (atWitness === null || atStandby === null) {",
        by: "if (atWitness === null && atStandby === null) {",
      },
    ],
    within: "lease-unread",
    seed: 1,
    caughtBy: "lease-held-by-one",
  },
  {
    name: "believes a fence that was told at one place only",
    edits: [
      {
        file: "packages/recovery/fencing.ts",
        replace: "if (atWitness?.fenced === true && atStandby?.fenced === true) {",
        by: "if (atWitness?.fenced === true || atStandby?.fenced === true) {",
      },
    ],
    within: "fence-told-once",
    seed: 1,
    caughtBy: "lease-held-by-one",
  },
];
