import type { RecoveryPlan, Signal, Vantage } from "@lifeboat/recovery/plan";
import type { AlarmEntry } from "./manifest.ts";
import { deployedName } from "./names.ts";

/**
 * How failing probes become an alarm. The standing-by site asks every few seconds: two failures within a minute. The witness
 * asks once a minute, and every few seconds after a failure: it has less time left, so its alarm is of high resolution, three
 * failures within four periods of 10 s. One slow answer makes no outage in either.
 */
const rhythms = {
  standby: { statistic: "Sum", periodSeconds: 60, evaluationPeriods: 1, datapointsToAlarm: 1, threshold: 2 },
  witness: {
    statistic: "Maximum",
    periodSeconds: 10,
    evaluationPeriods: 4,
    datapointsToAlarm: 3,
    threshold: 1,
  },
} as const;

/**
 * The alarms over the probes of one vantage. Only failures are measured, so missing data means that nothing failed (or
 * that nobody probed, which the watch's own heartbeat tells): it is never taken for an outage.
 */
export const probeAlarms = (plan: RecoveryPlan, vantage: Vantage): readonly AlarmEntry[] =>
  plan.decision.signals
    .filter(
      (signal): signal is Extract<Signal, { type: "probe" }> =>
        signal.type === "probe" && signal.from === vantage,
    )
    .map((signal) => ({
      name: signal.alarm,
      namespace: "Lifeboat",
      metricName: "ProbeFailed",
      dimensions: { Workload: plan.workload, Signal: signal.name },
      ...rhythms[vantage],
      comparison: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
      description: `The active site of ${plan.workload} does not answer, seen from the ${vantage}`,
    }));

/** The name of the queue of undeliverable events; `deployedName` makes it the workload's. */
export const DEAD_LETTERS = "dead-letters";

/** A function that the Scheduler starts every minute has not been started for five: nothing is watched from here. */
export const heartbeatAlarm = (plan: RecoveryPlan, functionName: string, region: string): AlarmEntry => ({
  name: deployedName(plan.workload, `no-${functionName}`),
  namespace: "AWS/Lambda",
  metricName: "Invocations",
  dimensions: { FunctionName: deployedName(plan.workload, functionName) },
  statistic: "Sum",
  periodSeconds: 60,
  evaluationPeriods: 5,
  datapointsToAlarm: 5,
  threshold: 1,
  comparison: "LessThanThreshold",
  // Lambda reports nothing for a minute without invocations: silence is what this alarm is for.
  treatMissingData: "breaching",
  description: `${plan.workload}: "${functionName}" has not run in ${region} for five minutes`,
});

export const deadLetterAlarm = (plan: RecoveryPlan, region: string): AlarmEntry => ({
  name: deployedName(plan.workload, DEAD_LETTERS),
  namespace: "AWS/SQS",
  metricName: "ApproximateNumberOfMessagesVisible",
  dimensions: { QueueName: deployedName(plan.workload, DEAD_LETTERS) },
  statistic: "Maximum",
  periodSeconds: 300,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  threshold: 1,
  comparison: "GreaterThanOrEqualToThreshold",
  // SQS stops reporting on a queue that nothing uses.
  treatMissingData: "notBreaching",
  description: `${plan.workload}: an event or a scheduled run in ${region} could not be delivered; it is in the queue`,
});
