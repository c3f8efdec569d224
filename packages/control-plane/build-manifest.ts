import { sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { DEAD_LETTERS, deadLetterAlarm, heartbeatAlarm, probeAlarms } from "./alarms.ts";
import { ledgerBucket } from "./buckets.ts";
import { dashboardOf, troubleAlarm } from "./dashboard.ts";
import { dutyRules } from "./duty-rules.ts";
import type { Manifest, PlaceManifest } from "./manifest.ts";
import { witnessPermissions } from "./permissions.ts";
import { alarmPattern, siteManifest, type SiteAdditions } from "./site-manifest.ts";
import { notifyFunction } from "./site-functions.ts";
import { WITNESS } from "./stage.ts";
import { switchChecks } from "./switch-checks.ts";
import { switchRecords } from "./switch-records.ts";
import { workloadManifest } from "./workload-manifest.ts";

/**
 * The witness's stack: the ledger's deciding bucket, a probe and its alarms, told to both sites, and the health checks of
 * the switches. Those exist once in an account, and the witness outlives the loss of either site.
 */
const witnessManifest = (plan: RecoveryPlan): PlaceManifest => {
  const { region } = plan.witness;
  const bucket = plan.ledger.witnessBucket;
  return {
    place: WITNESS,
    region,
    kind: "witness",
    account: plan.account,
    ledgerBucket: bucket,
    planKey: `${plan.workload}/plan.json`,
    buckets: [ledgerBucket(plan.workload, bucket)],
    functions: [
      {
        name: "probe",
        handler: "functions/probe.handler",
        timeoutSeconds: 90,
        memoryMegabytes: 256,
        reservedConcurrency: 3,
        network: "none",
        environment: { PLANS_BUCKET: bucket },
        permissions: witnessPermissions(plan)["probe"] ?? [],
        quiet: true,
        delivery: { retries: 0, maxAgeSeconds: 60 },
      },
      notifyFunction(plan, region, bucket),
    ],
    machines: [],
    queues: [],
    schedules: [
      {
        name: "probe",
        expression: "rate(1 minute)",
        target: { function: "probe" },
        input: { workload: plan.workload },
      },
    ],
    // Both sites are told: the ledger, not the stack, says which of them is the passive one that decides.
    rules: [
      ...sitesOf(plan).map((site, index) => ({
        // Not by the site's name: with the workload's, a role's name would be longer than IAM allows.
        name: index === 0 ? "alarms-primary" : "alarms-standby",
        pattern: alarmPattern(
          plan.decision.signals.filter((signal) => signal.type !== "lease" && signal.from === "witness"),
        ),
        target: { busOf: site.name },
      })),
      ...dutyRules(plan, region, [], plan.sites.standby.name),
    ],
    alarms: probeAlarms(plan, "witness"),
    dutyAlarms: [heartbeatAlarm(plan, "probe", region), deadLetterAlarm(plan, region)],
    compositeAlarms: troubleAlarm(plan),
    dashboards: dashboardOf(plan),
    topics: ["notices"],
    buses: [],
    deadLetters: DEAD_LETTERS,
    healthChecks: switchChecks(plan),
    records: switchRecords(plan),
    logRetentionDays: 30,
  };
};

/** Everything that one workload's control plane is, for each place of its plan. */
export const buildManifest = (plan: RecoveryPlan, more?: SiteAdditions): Manifest => ({
  workload: plan.workload,
  account: plan.account,
  places: [
    ...sitesOf(plan).map((site) => siteManifest(plan, site, more)),
    witnessManifest(plan),
    ...(plan.access === undefined ? [] : sitesOf(plan).map((site) => workloadManifest(plan, site))),
  ],
});
