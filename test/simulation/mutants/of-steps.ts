import { type Mutant, REGION_LOSS } from "./mutant.ts";

/** Breakages of single steps of a recovery, from the promotion to the record. */
export const stepMutants: readonly Mutant[] = [
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
    seed: 12,
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
];
