import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { Alarms } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAws } from "./failures.ts";

export const METRIC_NAMESPACE = "Lifeboat";
export const PROBE_METRIC = "ProbeFailed";

export const createAlarms = (connection: Connection): Alarms => {
  const cloudwatch = (region: string): CloudWatchClient =>
    clientFor(connection, "cloudwatch", region, (settings) => new CloudWatchClient(settings));
  return {
    async state(region, name) {
      const { MetricAlarms, CompositeAlarms } = await callAws("DescribeAlarms", () =>
        cloudwatch(region).send(
          new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
        ),
      );
      const alarm = MetricAlarms?.[0] ?? CompositeAlarms?.[0];
      return alarm === undefined
        ? null
        : { value: alarm.StateValue ?? "INSUFFICIENT_DATA", reason: alarm.StateReason ?? "" };
    },
    async reportProbe(region, workload, signal) {
      await callAws("PutMetricData", () =>
        cloudwatch(region).send(
          new PutMetricDataCommand({
            Namespace: METRIC_NAMESPACE,
            MetricData: [
              {
                MetricName: PROBE_METRIC,
                Dimensions: [
                  { Name: "Workload", Value: workload },
                  { Name: "Signal", Value: signal },
                ],
                Value: 1,
                Unit: "Count",
                StorageResolution: 1,
              },
            ],
          }),
        ),
      );
    },
  };
};
