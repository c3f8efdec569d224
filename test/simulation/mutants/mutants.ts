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
  /** A scenario, or the schedules of faults. */
  readonly within: string;
  /** The first seed at which it was caught when that was looked for last; where it no longer is, others are tried. */
  readonly seed: number;
  /** The checker that has to fire, or `outcome`: the scenario does not end as its catalogue entry says. */
  readonly caughtBy: string;
}

/** What became of a mutant. */
export interface Caught {
  /** Null: nobody whose task it was noticed it. */
  readonly seed: number | null;
  readonly noticedBy: readonly string[];
  readonly tried: number;
}

/** A mutant has to be caught within so many seeds. */
export const MOST_SEEDS = 200;

const REGION_LOSS = { within: "region-loss", seed: 1 };
const ISOLATED = { within: "primary-isolated", seed: 1 };
const FAULTS = { within: "faults", seed: 1 };

const TAKES_THE_CLAIM_FOR_GRANTED: Edit = {
  file: "packages/operations/steps/claim-epoch.ts",
  replace: "if (isHeldBy(claim, request.execution)) return afterClaim(context, claim, request);",
  by: 'if (claim.revision > 0) return { type: "claimed", epoch: claim.epoch, basis: "presumed", memo: request.memo, detail: "taken for granted" };',
};

const NEVER_WAITS_FOR_A_LEASE: Edit = {
  file: "packages/recovery/fencing.ts",
  replace: "const mustWait = alive.some((sighting) => !hasRunOut(sighting, terms, nowMs));",
  by: "const mustWait = alive.length > 2;",
};

const LETS_A_WRITER_GO_ON: Edit = {
  file: "packages/operations/watch/renew-leases.ts",
  replace: "sentAtMs + writerGraceMs(terms, plan.decision.lossLimitMs)",
  by: "sentAtMs + 1_800_000",
};

export const mutants: readonly Mutant[] = [
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
    within: "lag-unknown-at-onset",
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
        replace: "  await requireMandate(ports, plan, mandate);\n  return changeEntry(",
        by: "  await requireMandate(ports, plan, mandate);\n  await retireCompute({ plan, ports }, plan.sites.primary.name);\n  return changeEntry(",
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
        replace: "phase: question.phase,\n",
        by: "phase: question.phase,\n      token: request.token,\n",
      },
    ],
    within: "lag-above-limit",
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
    seed: 18,
    caughtBy: "single-writer",
  },
  {
    name: "does not wait for the lease, among faults",
    edits: [NEVER_WAITS_FOR_A_LEASE],
    within: "faults",
    seed: 5,
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
    seed: 3,
    caughtBy: "lease-held-by-one",
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
    seed: 5,
    caughtBy: "convergence",
  },
  {
    name: "moves on a single signal, among faults",
    edits: [
      {
        file: "packages/recovery/quorum.ts",
        replace: "if (failing.length < policy.quorum) return",
        by: "if (failing.length < 1) return",
      },
    ],
    ...FAULTS,
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
    caughtBy: "outcome",
  },
  {
    name: "trusts the status instead of asking who the writer is",
    edits: [
      {
        file: "packages/operations/steps/promote-store.ts",
        replace: "writer?.arn === cluster.arn &&\n      global.transition === null &&",
        by: "global.transition === null &&",
      },
      {
        file: "packages/operations/steps/promote-store.ts",
        replace:
          "const hasWriter = cluster.instances.some(\n      (instance) => instance.isWriter && instance.status",
        by: "const hasWriter = cluster.instances.some(\n      (instance) => instance.status",
      },
    ],
    within: "faults",
    seed: 2,
    caughtBy: "convergence",
  },
  {
    name: "adds tasks instead of setting their number",
    edits: [
      {
        file: "packages/operations/steps/start-compute.ts",
        replace:
          "await ports.compute.scaleService(here.region, cluster, service.service, service.activeCount);",
        by: "const now = await ports.compute.service(here.region, cluster, service.service); await ports.compute.scaleService(here.region, cluster, service.service, (now?.running ?? 0) + service.activeCount);",
      },
      {
        file: "packages/operations/steps/start-compute.ts",
        replace: "if (state.desired < service.activeCount) return",
        by: "if (state.running < service.activeCount) return",
      },
    ],
    within: "faults",
    seed: 2,
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
    name: "leaves the services of the old site running",
    edits: [
      {
        file: "packages/operations/watch/protect-again.ts",
        replace: "if (running.length === 0) return [];",
        by: "if (running.length < 100) return [];",
      },
    ],
    within: "faults",
    seed: 16,
    caughtBy: "convergence",
  },
  {
    name: "leaves the old site open to traffic",
    edits: [
      {
        file: "packages/operations/watch/protect-again.ts",
        replace: "if (missing.length === 0) missing.push(...(await restSwitches(context)));\n",
        by: "if (missing.length > 99) missing.push(...(await restSwitches(context)));\n",
      },
    ],
    within: "faults",
    seed: 7,
    caughtBy: "convergence",
  },
  {
    name: "waits for a stuck promotion for ever",
    edits: [
      {
        file: "packages/operations/await-goal.ts",
        replace: "if (nowMs - current.startedAtMs > goal.limitMs) {",
        by: "if (nowMs - current.startedAtMs > Number.POSITIVE_INFINITY) {",
      },
    ],
    within: "promotion-stuck",
    seed: 1,
    caughtBy: "outcome",
  },
  {
    name: "changes the buckets' configuration on its way",
    edits: [
      {
        file: "packages/aws/s3-buckets.ts",
        replace: "  GetBucketVersioningCommand,\n",
        by: "  GetBucketVersioningCommand,\n  PutBucketVersioningCommand,\n",
      },
      {
        file: "packages/aws/s3-buckets.ts",
        replace: "if (versioning === null) return null;",
        by: 'if (versioning === null) return null; await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }));',
      },
    ],
    ...REGION_LOSS,
    caughtBy: "no-global-change",
  },
];
