import { forSite, workloadAccount, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import { DEAD_LETTERS } from "./alarms.ts";
import type { PlaceManifest } from "./manifest.ts";
import { workloadFunctions } from "./site-functions.ts";
import { workloadPlace } from "./stage.ts";

/**
 * What a site has in the workload's account, where that is not Lifeboat's: the function beside the database, and nothing
 * else. It keeps no ledger and publishes no plan.
 */
export const workloadManifest = (plan: RecoveryPlan, here: Site): PlaceManifest => ({
  place: workloadPlace(here.name),
  region: here.region,
  kind: "workload",
  account: workloadAccount(plan),
  ledgerBucket: forSite(plan.ledger.buckets, here.name),
  planKey: `${plan.workload}/plan.json`,
  buckets: [],
  functions: workloadFunctions(plan, here),
  machines: [],
  queues: [],
  schedules: [],
  rules: [],
  alarms: [],
  dutyAlarms: [],
  compositeAlarms: [],
  dashboards: [],
  topics: [],
  buses: [],
  deadLetters: DEAD_LETTERS,
  healthChecks: [],
  records: [],
  logRetentionDays: 30,
});
