import { forSite, otherSite, type RecoveryPlan, type Signal, type Site } from "@lifeboat/recovery/plan";
import { DEAD_LETTERS, deadLetterAlarm, heartbeatAlarm, probeAlarms } from "./alarms.ts";
import { ledgerBucket, switchBuckets } from "./buckets.ts";
import type { MachineEntry, PlaceManifest, RuleEntry, ScheduleEntry } from "./manifest.ts";
import { dutyRules } from "./duty-rules.ts";
import { busName } from "./names.ts";
import { siteQueues } from "./queues.ts";
import { siteFunctions } from "./site-functions.ts";
import { siteMachines, siteSchedules } from "./site-machines.ts";
import { WITNESS } from "./stage.ts";

/** State changes to ALARM of the alarms that signals name. */
export const alarmPattern = (
  signals: readonly Signal[],
  region?: string,
): Readonly<Record<string, unknown>> => ({
  source: ["aws.cloudwatch"],
  "detail-type": ["CloudWatch Alarm State Change"],
  ...(region === undefined ? {} : { region: [region] }),
  detail: {
    alarmName: signals.flatMap((signal) => (signal.type === "lease" ? [] : [signal.alarm])),
    state: { value: ["ALARM"] },
  },
});

/**
 * Alarms seen here start the assessment here. Those that are raised where the workload is active go to the other site as
 * well, for the passive site decides. The pattern names this region, which an event keeps on its way: it is forwarded
 * once, never back.
 */
const siteRules = (plan: RecoveryPlan, here: Site): readonly RuleEntry[] => {
  const { signals } = plan.decision;
  const atActive = signals.filter((signal) => signal.type === "alarm" && signal.from === "active");
  const other = otherSite(plan, here.name);
  return [
    { name: "alarms", pattern: alarmPattern(signals), target: { function: "on-alarm" } },
    ...(atActive.length === 0
      ? []
      : [
          {
            name: "alarms-out",
            pattern: alarmPattern(atActive, here.region),
            target: { busOf: other.name },
          },
        ]),
  ];
};

/** Machines and schedules beyond {@link siteMachines} and {@link siteSchedules}. */
export interface SiteAdditions {
  readonly machines: readonly MachineEntry[];
  readonly schedules: readonly ScheduleEntry[];
}

/** The stack of one site. Both sites have the same one; the ledger says which of them acts. */
export const siteManifest = (plan: RecoveryPlan, here: Site, more?: SiteAdditions): PlaceManifest => {
  const bucket = forSite(plan.ledger.buckets, here.name);
  const machines = [...siteMachines, ...(more?.machines ?? [])];
  return {
    place: here.name,
    region: here.region,
    kind: "site",
    account: plan.account,
    ledgerBucket: bucket,
    planKey: `${plan.workload}/plan.json`,
    buckets: [ledgerBucket(plan.workload, bucket), ...switchBuckets(plan, here)],
    functions: siteFunctions(plan, here),
    machines,
    schedules: [...siteSchedules(plan), ...(more?.schedules ?? [])],
    queues: siteQueues,
    rules: [...siteRules(plan, here), ...dutyRules(plan, here.region, machines, WITNESS)],
    alarms: probeAlarms(plan, "standby"),
    dutyAlarms: [heartbeatAlarm(plan, "watch", here.region), deadLetterAlarm(plan, here.region)],
    compositeAlarms: [],
    dashboards: [],
    topics: ["notices"],
    buses: [busName(plan.workload)],
    deadLetters: DEAD_LETTERS,
    healthChecks: [],
    records: [],
    logRetentionDays: 30,
  };
};
