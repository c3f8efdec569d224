import { ofFinishedMoves } from "./of-finished-moves.ts";

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
  /** A scenario of the catalogue, a close call, a rare path, `faults`, `faults around the claim`, or `faults around a move that is left half-way`. */
  readonly within: string;
  /** The first seed at which it was caught when that was looked for last; where it no longer is, others are tried. */
  readonly seed: number;
  /** The checker that has to fire, or `liveness`: users are not served, or the workload is not protected, in the end. */
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

const RENEWS_WHILE_MOVED_AWAY: Edit = {
  file: "packages/operations/watch/tick.ts",
  replace: "activeSite === here && (holder === null || holder.site === here);",
  by: "activeSite === here && (holder === null || holder.from === here);",
};

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
        replace: "maxMs: Math.max(0, lastBeatMs - writtenAtMs) + writesForMs",
        by: "maxMs: Math.max(0, lastBeatMs - writtenAtMs)",
      },
    ],
    ...ISOLATED,
    caughtBy: "loss-reported",
  },
  {
    name: "takes a canary that had stopped for a fresh one",
    edits: [
      {
        file: "packages/recovery/lease.ts",
        replace: "const FRESH_PERIODS = 2.5;",
        by: "const FRESH_PERIODS = 1000;",
      },
      {
        file: "packages/recovery/loss.ts",
        replace: "    mayHaveBeatenAtMs,\n    evidence",
        by: "    evidence",
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
        // `fence` has no way to services; what starts them could as well stop the others first.
        file: "packages/operations/steps/start-compute.ts",
        replace:
          "      await ports.compute.scaleService(here.region, cluster, service.service, service.activeCount);",
        by: "      const other = plan.sites.primary;\n      await ports.compute.scaleService(other.region, forSite(service.clusters, other.name), service.service, 0).catch(() => undefined);\n      await ports.compute.scaleService(here.region, cluster, service.service, service.activeCount);",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "no-call-to-the-left-site",
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
    name: "moves on a single signal, among faults",
    edits: [
      {
        file: "packages/recovery/quorum.ts",
        replace: "if (failing.length < policy.quorum) return",
        by: "if (failing.length < 1) return",
      },
    ],
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
    name: "trusts the status instead of asking who the writer is",
    edits: [
      {
        file: "packages/operations/steps/watch-writer.ts",
        replace: "writer?.arn === cluster.arn &&\n      global.transition === null &&",
        by: "global.transition === null &&",
      },
      {
        file: "packages/operations/steps/watch-writer.ts",
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
    caughtBy: "terminal-outcome",
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
    name: "asks for a switchover where a failover is due",
    edits: [
      {
        file: "packages/aws/rds.ts",
        replace: "              AllowDataLoss: true,\n",
        by: "",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "verbs-apart",
  },
  {
    name: "tells people of a recovery, and not of what it lost",
    edits: [
      {
        file: "packages/operations/steps/record-outcome.ts",
        replace: "[summary, record.reason, ...lost, ...notes, ...begun,",
        by: "[summary, record.reason, ...notes,",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "verbs-apart",
  },
  {
    name: "takes a promotion for done while it is under way",
    edits: [
      {
        file: "packages/operations/steps/watch-writer.ts",
        replace:
          'return { type: "moving", detail: `${store.globalCluster} is ${global.transition.status}` };\n    const cluster',
        by: 'return { type: "reached", detail: `${store.globalCluster} is ${global.transition.status}` };\n    const cluster',
      },
    ],
    ...REGION_LOSS,
    caughtBy: "verify-by-role",
  },
  // Two edits: the activation writes a canary, and so does the plan's check.
  {
    name: "takes the database's health for a canary",
    edits: [
      {
        file: "packages/operations/steps/verify-checks.ts",
        replace: "  await requireMandate(ports, plan, mandate);\n  try {",
        by: '  await requireMandate(ports, plan, mandate);\n  if (mandate.epoch > 0) return { type: "reached", detail: "healthy" };\n  try {',
      },
      {
        file: "packages/operations/steps/activate-site.ts",
        replace: "  if (store === undefined) return",
        by: "  if (mandate.epoch > 0 || store === undefined) return",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "verify-by-role",
  },
  // Two edits: the question counts, and the decision after it counts again, so that either alone only asks anew. That an
  // approval is of another execution or epoch cannot come about by one edit: papers lie below their question's name, which has
  // the execution's in it, and the epoch does not change under an execution that has the workload.
  {
    name: "goes on when one person has approved what takes two",
    edits: [
      {
        file: "packages/recovery/decide.ts",
        replace: "approval !== null && approval.persons >= persons;",
        by: "approval !== null && approval.persons >= Math.min(1, persons);",
      },
      {
        file: "packages/operations/approvals/ask-people.ts",
        replace: "Math.max(1, request.needed)",
        by: "Math.min(1, request.needed)",
      },
    ],
    within: "override-two-persons",
    seed: 1,
    caughtBy: "approvals",
  },
  // Two edits: a person's answer is one record, and of several records of a person one counts.
  {
    name: "counts an answer that comes twice as two people's",
    edits: [
      {
        file: "packages/operations/approvals/question-papers.ts",
        replace: "answers/${plainPerson(record.person)}.${record.answer}.json",
        by: "answers/${plainPerson(record.person)}.${record.answer}.${record.atMs}.json",
      },
      {
        file: "packages/recovery/approvals.ts",
        replace: "({ person }, index) => said.findIndex((earlier) => earlier.person === person) === index,",
        by: "({ person }, index) => said.findIndex((earlier) => earlier.person === person) <= index,",
      },
    ],
    within: "override-two-persons",
    seed: 1,
    caughtBy: "approvals",
  },
  {
    name: "goes on although a person gave the recovery up",
    edits: [
      {
        file: "packages/recovery/approvals.ts",
        replace: "if (first !== undefined) return answered(no, [first]);",
        by: 'if (first !== undefined) return answered(no === "abort" ? "retry" : no, [first]);',
      },
    ],
    within: "given-up",
    seed: 1,
    caughtBy: "abort-is-final",
  },
  {
    name: "orders without asking for the second person",
    edits: [
      {
        file: "packages/recovery/decide.ts",
        replace: "at.override !== null && !at.loss.allowed && at.approvals.lossy > 1 && !approvedLoss(at),",
        by: "at.override !== null && !at.loss.allowed && at.approvals.lossy > 99 && !approvedLoss(at),",
      },
    ],
    within: "override-two-persons",
    seed: 1,
    caughtBy: "approvals",
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
    name: "renews unasked while the workload is moved away",
    edits: [RENEWS_WHILE_MOVED_AWAY],
    within: "back-in-the-claim",
    seed: 1,
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
  {
    name: "writes into the record when the recovery should have ended",
    edits: [
      {
        file: "functions/record-outcome.ts",
        replace: "endedAtMs: context.ports.clock.nowMs(),",
        by: "endedAtMs: input.startedAtMs + context.plan.objectives.rtoMs,",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "measured",
  },
  {
    name: "renews unasked while the workload is moved away, among faults",
    edits: [RENEWS_WHILE_MOVED_AWAY],
    within: "faults around the claim",
    seed: 6,
    caughtBy: "lease-held-by-one",
  },
  {
    name: "takes a newer canary for the one that came with the last renewal",
    edits: [
      {
        file: "packages/recovery/loss.ts",
        replace: "maxMs: Math.max(0, lastBeatMs - writtenAtMs) + writesForMs",
        by: "maxMs: (newestOnStandby.sequence > sequence ? 0 : Math.max(0, lastBeatMs - writtenAtMs)) + writesForMs",
      },
    ],
    within: "faults around the claim",
    seed: 175,
    caughtBy: "loss-reported",
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
  ...ofFinishedMoves,
];
