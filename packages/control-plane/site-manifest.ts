import { forSite, otherSite, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import { probeAlarms } from "./alarms.ts";
import type { FunctionEntry, MachineEntry, Permission, PlaceManifest } from "./manifest.ts";
import { deployedName, machineArn, topicArn } from "./names.ts";
import { grantsIn, type Grants } from "./permissions.ts";

interface Sketch {
  readonly name: string;
  readonly timeoutSeconds?: number;
  readonly memoryMegabytes?: number;
  readonly network?: "database";
  readonly environment?: Readonly<Record<string, string>>;
  readonly may: readonly Permission[];
}

/** The functions of a site, each with what it may touch and nothing else. */
const sketches = (plan: RecoveryPlan, here: Site, grants: Grants): readonly Sketch[] => {
  const { readPlan, readLedger, changeClaim, changeLeases, observe, invokeCanary, notify, startExecutions } =
    grants;
  const machine = machineArn(plan.account, here.region, plan.workload, "failover");
  const mandate = [readPlan, ...readLedger];
  const canary = { CANARY_FUNCTION: deployedName(plan.workload, "canary") };
  const notices = { NOTICES_TOPIC_ARN: topicArn(plan.account, here.region, plan.workload, "notices") };
  const start = { FAILOVER_MACHINE_ARN: machine, WORKLOAD: plan.workload };
  return [
    { name: "begin", may: [...mandate, ...changeClaim, ...startExecutions.slice(1)] },
    { name: "assess", environment: canary, may: [...mandate, ...observe, invokeCanary] },
    { name: "ask", environment: notices, may: [readPlan, notify] },
    { name: "claim", may: [...mandate, ...changeClaim] },
    { name: "fence", may: [...mandate, ...changeClaim] },
    { name: "promote", may: [...mandate, ...observe, ...grants.promote] },
    {
      name: "activate",
      environment: canary,
      may: [...mandate, ...changeClaim, ...changeLeases, invokeCanary],
    },
    { name: "start-service", may: [...mandate, ...observe, ...grants.scale(here)] },
    { name: "start-workers", may: [...mandate, ...observe, ...grants.scale(here)] },
    { name: "verify", environment: canary, may: [...mandate, invokeCanary] },
    { name: "shift-traffic", may: [...mandate, ...observe, ...grants.shift] },
    { name: "retire-primary", may: [...mandate, ...grants.scale(otherSite(plan, here.name))] },
    {
      name: "record-outcome",
      environment: notices,
      may: [...mandate, ...changeClaim, grants.writeRecords, notify],
    },
    {
      name: "watch",
      timeoutSeconds: 110,
      environment: { ...canary, ...start },
      may: [
        ...mandate,
        ...observe,
        ...changeClaim,
        ...changeLeases,
        ...grants.scale(here),
        ...grants.shift,
        ...grants.protectAgain,
        ...startExecutions,
        grants.reportProbes,
        invokeCanary,
      ],
    },
    {
      name: "on-alarm",
      environment: start,
      may: [...mandate, ...observe, ...changeClaim, ...startExecutions],
    },
    {
      name: "canary",
      timeoutSeconds: 15,
      network: "database",
      environment: { DATABASES: JSON.stringify(databasesAt(plan, here)) },
      may: [
        {
          actions: ["rds-db:connect"],
          resources: [`arn:aws:rds-db:${here.region}:${plan.account}:dbuser:*/lifeboat`],
        },
      ],
    },
  ];
};

/** Endpoints of the stores in one site. The names are Aurora's; the deployment replaces them by the clusters' own. */
export const databasesAt = (plan: RecoveryPlan, here: Site): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    plan.stores.flatMap((store) =>
      store.type === "aurora-global"
        ? [
            [
              store.name,
              {
                writerHost: `\${WriterHost:${forSite(store.clusters, here.name)}}`,
                readerHost: `\${ReaderHost:${forSite(store.clusters, here.name)}}`,
                database: store.database,
                user: "lifeboat",
              },
            ],
          ]
        : [],
    ),
  );

/** The failover machine, and which function each placeholder of its definition stands for. */
export const failoverMachine: MachineEntry = {
  name: "failover",
  definition: "stepfunctions/failover.asl.json",
  functions: {
    Begin: "begin",
    Assess: "assess",
    Ask: "ask",
    Claim: "claim",
    Fence: "fence",
    Promote: "promote",
    Activate: "activate",
    StartService: "start-service",
    StartWorkers: "start-workers",
    Verify: "verify",
    ShiftTraffic: "shift-traffic",
    RetirePrimary: "retire-primary",
    RecordOutcome: "record-outcome",
  },
};

/** The stack of one site. Both sites have the same one; the ledger says which of them acts. */
export const siteManifest = (plan: RecoveryPlan, here: Site): PlaceManifest => {
  const ledgerBucket = forSite(plan.ledger.buckets, here.name);
  const functions = sketches(plan, here, grantsIn(plan, here.region, here)).map((sketch): FunctionEntry => ({
    name: sketch.name,
    handler: `functions/${sketch.name}.handler`,
    timeoutSeconds: sketch.timeoutSeconds ?? 60,
    memoryMegabytes: sketch.memoryMegabytes ?? 256,
    network: sketch.network ?? "none",
    environment: { PLANS_BUCKET: ledgerBucket, ...sketch.environment },
    permissions: sketch.may.filter((permission) => permission.resources.length > 0),
  }));
  const alarms = probeAlarms(plan, "standby");
  return {
    place: here.name,
    region: here.region,
    kind: "site",
    ledgerBucket,
    functions,
    machines: [failoverMachine],
    schedules: [
      {
        name: "watch",
        expression: "rate(1 minute)",
        target: { function: "watch" },
        input: { workload: plan.workload },
      },
    ],
    rules: [
      {
        name: "alarms",
        pattern: {
          source: ["aws.cloudwatch"],
          "detail-type": ["CloudWatch Alarm State Change"],
          detail: {
            alarmName: plan.decision.signals.flatMap((signal) =>
              signal.type === "lease" ? [] : [signal.alarm],
            ),
            state: { value: ["ALARM"] },
          },
        },
        target: { function: "on-alarm" },
      },
    ],
    alarms,
    topics: ["notices"],
  };
};
