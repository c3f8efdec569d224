import { type Edit, ISOLATED, type Mutant, REGION_LOSS } from "./mutant.ts";

const MOVES_ON_A_SINGLE_SIGNAL: Edit = {
  file: "packages/recovery/quorum.ts",
  replace: "if (failing.length < policy.quorum) return",
  by: "if (failing.length < 1) return",
};

/** Breakages of what a recovery is decided by: the signals, the loss, the cooldown, the standby. */
export const decisionMutants: readonly Mutant[] = [
  {
    name: "reports the loss without what a cut-off writer wrote",
    edits: [
      {
        file: "packages/recovery/loss.ts",
        replace: "const byTermsMs = Math.max(0, lastBeatMs - writtenAtMs) + writesForMs;",
        by: "const byTermsMs = Math.max(0, lastBeatMs - writtenAtMs);",
      },
      {
        file: "packages/recovery/loss.ts",
        replace: "Math.max(byTermsMs, (writesUntilMs ?? 0) - writtenAtMs)",
        by: "byTermsMs",
      },
    ],
    ...ISOLATED,
    caughtBy: "loss-reported",
  },
  {
    name: "takes a canary that had stopped for a fresh one",
    edits: [
      {
        file: "packages/recovery/beats.ts",
        replace: "const FRESH_PERIODS = 2.5;",
        by: "const FRESH_PERIODS = 1000;",
      },
      {
        file: "packages/recovery/loss.ts",
        replace: "    mayHaveBeatenAtMs,\n    evidence",
        by: "    evidence",
      },
      {
        file: "packages/recovery/loss.ts",
        replace: "Math.max(byTermsMs, (writesUntilMs ?? 0) - writtenAtMs)",
        by: "byTermsMs",
      },
    ],
    within: "lag-unknown-at-onset",
    seed: 2,
    caughtBy: "rpo-guard",
  },
  {
    name: "takes every site that renews for one whose database is lost",
    edits: [
      {
        file: "packages/recovery/lease.ts",
        replace: "silentForMs >= terms.durationMs",
        by: "silentForMs >= 0",
      },
    ],
    within: "alarm-flapping",
    seed: 11,
    caughtBy: "quorum",
  },
  {
    name: "moves on a single signal",
    edits: [MOVES_ON_A_SINGLE_SIGNAL],
    ...REGION_LOSS,
    caughtBy: "quorum",
  },
  {
    name: "moves on a single signal, among faults",
    edits: [MOVES_ON_A_SINGLE_SIGNAL],
    within: "faults",
    seed: 3,
    caughtBy: "quorum",
  },
  {
    name: "loses whatever it takes, and asks nobody",
    edits: [
      {
        file: "packages/recovery/loss.ts",
        replace: "return loss.interval.maxMs <= limitMs",
        by: "return loss.interval.maxMs <= 100 * limitMs",
      },
    ],
    within: "faults",
    seed: 49,
    caughtBy: "loss-reported",
  },
  {
    name: "forgets the cooldown",
    edits: [
      {
        file: "packages/recovery/cooldown.ts",
        replace: "return remainingMs <= 0",
        by: "return remainingMs < Number.POSITIVE_INFINITY",
      },
    ],
    within: "cooldown",
    seed: 1,
    caughtBy: "cooldown",
  },
  {
    name: "moves to a standby that is not ready",
    edits: [
      {
        file: "packages/recovery/decide.ts",
        replace: "applies: (at) => !at.readiness.ready,",
        by: "applies: (at) => !at.readiness.ready && at.mode !== at.mode,",
      },
    ],
    within: "standby-not-ready",
    seed: 1,
    caughtBy: "target-first",
  },
  {
    name: "takes a newer canary for the one that came with the last renewal",
    edits: [
      {
        file: "packages/recovery/loss.ts",
        replace: "const byTermsMs = Math.max(0, lastBeatMs - writtenAtMs) + writesForMs;",
        by: "const byTermsMs = (newestOnStandby.sequence > sequence ? 0 : Math.max(0, lastBeatMs - writtenAtMs)) + writesForMs;",
      },
      {
        file: "packages/recovery/loss.ts",
        replace: "Math.max(byTermsMs, (writesUntilMs ?? 0) - writtenAtMs)",
        by: "byTermsMs",
      },
    ],
    within: "faults around the claim",
    seed: 175,
    caughtBy: "loss-reported",
  },
];
