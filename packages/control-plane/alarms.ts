import type { RecoveryPlan, Signal, Vantage } from "@lifeboat/recovery/plan";
import type { AlarmEntry } from "./manifest.ts";

/**
 * The alarms over the probes of one vantage. Only failures are measured, so missing data means that nothing failed (or
 * that nobody probed, which the watch's own heartbeat tells): it is never taken for an outage. Three failures within four
 * periods of 10 s: one lost datum does not hide an outage, one slow answer does not make one.
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
      statistic: "Maximum",
      periodSeconds: 10,
      evaluationPeriods: 4,
      datapointsToAlarm: 3,
      threshold: 1,
      comparison: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
      description: `The active site of ${plan.workload} does not answer, seen from the ${vantage}`,
    }));
