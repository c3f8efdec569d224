import type { AlarmEntry } from "@lifeboat/control-plane/manifest";
import type { ChosenStage } from "./choose-stage.ts";
import { logicalName } from "./names.ts";

const settings = (alarm: AlarmEntry) => ({
  name: alarm.name,
  alarmDescription: alarm.description,
  namespace: alarm.namespace,
  metricName: alarm.metricName,
  dimensions: { ...alarm.dimensions },
  statistic: alarm.statistic,
  period: alarm.periodSeconds,
  evaluationPeriods: alarm.evaluationPeriods,
  datapointsToAlarm: alarm.datapointsToAlarm,
  threshold: alarm.threshold,
  comparisonOperator: alarm.comparison,
  treatMissingData: alarm.treatMissingData,
});

/** Alarms that decide are heard by EventBridge and need no action; those about Lifeboat itself tell people. */
export const createAlarms = ({ place }: ChosenStage, topics: readonly aws.sns.Topic[]): void => {
  for (const alarm of place.alarms)
    new aws.cloudwatch.MetricAlarm(logicalName(alarm.name, "alarm"), settings(alarm));
  const tell = topics.map((topic) => topic.arn);
  for (const alarm of place.dutyAlarms) {
    new aws.cloudwatch.MetricAlarm(logicalName(alarm.name, "alarm"), {
      ...settings(alarm),
      alarmActions: tell,
      okActions: tell,
    });
  }
};
