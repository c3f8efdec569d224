export interface Edit {
  readonly file: string;
  /** The text that is replaced, which stands in the file exactly once. */
  readonly replace: string;
  readonly by: string;
}

/** A deliberate breakage of production code, and who has to notice it. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly scenario: string;
  readonly seed: number;
  /** The checker that fires, or `outcome`: the scenario does not end as its catalogue entry says. */
  readonly caughtBy: string;
}

const REGION_LOSS = { scenario: "region-loss", seed: 1 };
const ISOLATED = { scenario: "primary-isolated", seed: 1 };

const TAKES_THE_CLAIM_FOR_GRANTED: Edit = {
  file: "packages/operations/steps/claim-epoch.ts",
  replace: "if (isHeldBy(claim, request.execution)) return afterClaim(context, claim, request);",
  by: 'if (claim.revision > 0) return { type: "claimed", epoch: claim.epoch, basis: "presumed", memo: request.memo, detail: "taken for granted" };',
};

export const mutants: readonly Mutant[] = [
  {
    name: "does not wait for the lease of a living site",
    edits: [
      {
        file: "packages/recovery/fencing.ts",
        replace: "const mustWait = alive.some((sighting) => !hasRunOut(sighting, terms, nowMs));",
        by: "const mustWait = alive.length > 2;",
      },
    ],
    ...ISOLATED,
    caughtBy: "lease-held-by-one",
  },
  {
    name: "lets a cut-off writer go on for half an hour",
    edits: [
      {
        file: "packages/operations/watch/renew-leases.ts",
        replace: "sentAtMs + writerGraceMs(terms, plan.decision.lossLimitMs)",
        by: "sentAtMs + 1_800_000",
      },
    ],
    ...ISOLATED,
    caughtBy: "loss-reported",
  },
  {
    name: "reports the loss without what a cut-off writer wrote",
    edits: [
      {
        file: "packages/recovery/loss.ts",
        replace: "maxMs: behindMs + unseenMs + writerGraceMs",
        by: "maxMs: behindMs + unseenMs",
      },
    ],
    ...ISOLATED,
    caughtBy: "loss-reported",
  },
  {
    name: "takes a canary that had stopped for a fresh one",
    edits: [
      {
        file: "packages/recovery/loss.ts",
        replace: "const FRESH_PERIODS = 2.5;",
        by: "const FRESH_PERIODS = 1000;",
      },
    ],
    scenario: "lag-unknown-at-onset",
    seed: 1,
    caughtBy: "outcome",
  },
  {
    name: "acts under the kill switch",
    edits: [
      {
        file: "packages/operations/ledger/hold-mandate.ts",
        replace: "if (body.on) {",
        by: "if (body.revision < 0) {",
      },
    ],
    scenario: "kill-switch",
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
    scenario: "dry-run",
    seed: 1,
    caughtBy: "dry-run-mutates-nothing",
  },
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
    name: "moves on a single signal",
    edits: [
      {
        file: "packages/recovery/quorum.ts",
        replace: "if (failing.length < policy.quorum) return",
        by: "if (failing.length < 1) return",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "quorum",
  },
  {
    name: "stops the old site's services on the path to the traffic shift",
    edits: [
      {
        file: "packages/operations/steps/fence-primary.ts",
        replace:
          "({ plan, ports }: SiteContext, mandate: Mandate): Promise<Claim> => {\n  await requireMandate(ports, plan, mandate);\n",
        by: "(context: SiteContext, mandate: Mandate): Promise<Claim> => {\n  const { plan, ports } = context;\n  await requireMandate(ports, plan, mandate);\n  await retireCompute(context, plan.sites.primary.name);\n",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "no-call-to-the-left-site",
  },
  {
    name: "takes the claim for granted",
    edits: [TAKES_THE_CLAIM_FOR_GRANTED],
    ...REGION_LOSS,
    caughtBy: "outcome",
  },
  {
    name: "takes the claim for granted, and acts without asking whether its epoch is current",
    edits: [
      TAKES_THE_CLAIM_FOR_GRANTED,
      {
        file: "packages/operations/ledger/hold-mandate.ts",
        replace: "if (!holds(claim, mandate.execution, mandate.epoch)) {",
        by: "if (claim.revision < 0) {",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "epoch-at-every-act",
  },
  {
    name: "writes the task token into the log",
    edits: [
      {
        file: "functions/ask.ts",
        replace: 'logger.info("asked", { kind: input.kind, phase: input.phase });',
        by: 'logger.info("asked", { kind: input.kind, phase: input.phase, token: input.token });',
      },
    ],
    scenario: "lag-above-limit",
    seed: 1,
    caughtBy: "no-secret-in-the-open",
  },
  {
    name: "ends without a record",
    edits: [
      {
        file: "packages/operations/steps/record-outcome.ts",
        replace: "  await ports.records.append(sitePlace(plan, here.name), record);\n",
        by: "",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "terminal-outcome",
  },
];
