import { sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { probeAlarms } from "./alarms.ts";
import type { Manifest, PlaceManifest } from "./manifest.ts";
import { grantsIn } from "./permissions.ts";
import { siteManifest } from "./site-manifest.ts";

/** The witness's stack: the ledger's deciding bucket, a probe, and its alarms, told to both sites. */
const witnessManifest = (plan: RecoveryPlan): PlaceManifest => {
  const grants = grantsIn(plan, plan.witness.region, plan.sites.standby);
  const alarms = probeAlarms(plan, "witness");
  return {
    place: "witness",
    region: plan.witness.region,
    kind: "witness",
    ledgerBucket: plan.ledger.witnessBucket,
    functions: [
      {
        name: "probe",
        handler: "functions/probe.handler",
        timeoutSeconds: 90,
        memoryMegabytes: 256,
        network: "none",
        environment: { PLANS_BUCKET: plan.ledger.witnessBucket },
        permissions: [grants.readPlan, ...grants.readLedger, grants.reportProbes],
      },
    ],
    machines: [],
    schedules: [
      {
        name: "probe",
        expression: "rate(1 minute)",
        target: { function: "probe" },
        input: { workload: plan.workload },
      },
    ],
    // Both sites are told: the ledger, not the stack, says which of them is the passive one that decides.
    rules: sitesOf(plan).map((site) => ({
      name: `alarms-to-${site.name}`,
      pattern: {
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail: { alarmName: alarms.map((alarm) => alarm.name), state: { value: ["ALARM"] } },
      },
      target: { busOf: site.name },
    })),
    alarms,
    topics: [],
  };
};

/** Everything that one workload's control plane is, for each place of its plan. */
export const buildManifest = (plan: RecoveryPlan): Manifest => ({
  workload: plan.workload,
  account: plan.account,
  places: [...sitesOf(plan).map((site) => siteManifest(plan, site)), witnessManifest(plan)],
});
