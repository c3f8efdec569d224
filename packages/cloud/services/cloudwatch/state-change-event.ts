import { stamp, type Alarm, type StateRecord } from "./state.ts";

const describeState = ({ value, reason, reasonData, atMs }: StateRecord) => ({
  value,
  reason,
  ...(reasonData === undefined ? {} : { reasonData }),
  timestamp: stamp(atMs),
});

/** The configuration part of alarm events. */
const configurationOf = (alarm: Alarm) => {
  const description =
    alarm.input.AlarmDescription === undefined ? {} : { description: alarm.input.AlarmDescription };
  if (alarm.type === "composite") return { alarmRule: alarm.input.AlarmRule, ...description };
  const { metric, periodSeconds, statistic } = alarm.watch;
  return {
    ...description,
    metrics: [
      {
        id: alarm.input.Metrics?.[0]?.Id ?? "m1",
        metricStat: {
          metric: { dimensions: metric.dimensions, name: metric.metricName, namespace: metric.namespace },
          period: periodSeconds,
          stat: statistic,
        },
        returnData: true,
      },
    ],
  };
};

/** The `detail` of a "CloudWatch Alarm State Change" event (CloudWatch User Guide, "Alarm events and EventBridge"). */
export const stateChangeDetail = (alarm: Alarm, previous: StateRecord) => ({
  alarmName: alarm.name,
  configuration: configurationOf(alarm),
  previousState: describeState(previous),
  state: describeState(alarm.state),
});
