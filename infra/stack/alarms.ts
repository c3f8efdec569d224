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

/** No alarm has an action: rules of EventBridge hear of all, and bring them to whoever decides or tells people. */
export const createAlarms = ({ place }: ChosenStage): readonly aws.cloudwatch.MetricAlarm[] =>
  [...place.alarms, ...place.dutyAlarms].map(
    (alarm) => new aws.cloudwatch.MetricAlarm(logicalName(alarm.name, "alarm"), settings(alarm)),
  );
