import { type Edit, type Mutant, REGION_LOSS } from "./mutant.ts";

const TAKES_THE_CLAIM_FOR_GRANTED: Edit = {
  file: "packages/operations/steps/claim-epoch.ts",
  replace: "if (isHeldBy(claim, request.execution)) return afterClaim(context, claim, request);",
  by: 'if (claim.revision > 0) return { type: "claimed", epoch: claim.epoch, basis: "presumed", memo: request.memo, detail: "taken for granted" };',
};

const ACTS_IN_ANY_EPOCH: Edit = {
  file: "packages/operations/ledger/hold-mandate.ts",
  replace: "if (!holds(claim, mandate.execution, mandate.epoch)) {",
  by: "if (claim.revision < 0) {",
};

/** Breakages of the ledger: of the claim, the epoch, the kill switch, and of who may write them. */
export const ledgerMutants: readonly Mutant[] = [
  {
    name: "acts under the kill switch",
    edits: [
      {
        file: "packages/operations/ledger/hold-mandate.ts",
        replace: "if (body.on) {",
        by: "if (body.revision < 0) {",
      },
    ],
    within: "kill-switch",
    seed: 1,
    caughtBy: "kill-switch-stops-acts",
  },
  {
    name: "writes a dry run into the ledger",
    edits: [
      {
        file: "packages/operations/steps/begin.ts",
        replace: "if (request.dryRun || isOurs)",
        by: "if (isOurs)",
      },
    ],
    within: "dry-run",
    seed: 1,
    caughtBy: "dry-run-mutates-nothing",
  },
  {
    name: "takes the claim for granted",
    edits: [TAKES_THE_CLAIM_FOR_GRANTED],
    within: "faults",
    seed: 2,
    caughtBy: "liveness",
  },
  {
    name: "takes the claim for granted, and acts without asking whether its epoch is current",
    edits: [TAKES_THE_CLAIM_FOR_GRANTED, ACTS_IN_ANY_EPOCH],
    ...REGION_LOSS,
    caughtBy: "epoch-at-every-act",
  },
  {
    name: "takes a refused write for its own, whoever's write id it finds",
    edits: [
      {
        file: "packages/operations/ledger/change-entry.ts",
        replace: 'if (written.type === "written") return { body: changed, etag: written.etag };',
        by: 'return { body: changed, etag: written.type === "written" ? written.etag : etag };',
      },
    ],
    within: "duplicate-alarms",
    seed: 1,
    caughtBy: "convergence",
  },
  {
    name: "never lets go of the workload",
    edits: [
      {
        file: "packages/recovery/ledger.ts",
        replace: '? { holder: null, phase: "idle" }',
        by: '? { phase: "idle" }',
      },
    ],
    within: "faults",
    seed: 2,
    caughtBy: "convergence",
  },
  {
    name: "gives the workload back after the point of no return",
    edits: [
      {
        file: "packages/recovery/ledger.ts",
        replace: "(recovered || givenUp || !isPastReturn(claim.phase) || claim",
        by: "(recovered || givenUp || claim.revision > 0 || claim",
      },
    ],
    within: "aborted-in-flight",
    seed: 1,
    caughtBy: "target-first",
  },
  {
    name: "acts without asking whether its epoch is current",
    edits: [ACTS_IN_ANY_EPOCH],
    within: "holder-overtaken",
    seed: 1,
    caughtBy: "epoch-at-every-act",
  },
  {
    name: "acts at once when it has taken over from a holder that never let go",
    edits: [
      {
        file: "packages/operations/steps/claim-epoch.ts",
        replace: "if (nowMs < quietUntilMs) {",
        by: "if (nowMs < quietUntilMs - longestStepMs) {",
      },
    ],
    within: "holder-overtaken",
    seed: 1,
    caughtBy: "epoch-at-every-act",
  },
  {
    name: "begins beside another execution",
    edits: [
      {
        file: "packages/operations/steps/begin.ts",
        replace: "if (otherIsLive) return",
        by: 'if (otherIsLive && activeSite === "") return',
      },
    ],
    within: "given-up",
    seed: 1,
    caughtBy: "one-execution",
  },
];
