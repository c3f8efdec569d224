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
    async states(region, names) {
      const { MetricAlarms, CompositeAlarms } = await callAws("DescribeAlarms", () =>
        cloudwatch(region).send(
          new DescribeAlarmsCommand({
            AlarmNames: [...names],
            AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
            // A page holds 50 alarms unless it is asked for more; no plan names more than a hundred.
            MaxRecords: 100,
          }),
        ),
      );
      return new Map(
        [...(MetricAlarms ?? []), ...(CompositeAlarms ?? [])].map(({ AlarmName, StateValue }) => [
          AlarmName ?? "",
          StateValue ?? "INSUFFICIENT_DATA",
        ]),
      );
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
                // For alarms over periods of less than a minute; it costs nothing more than the standard.
                StorageResolution: 1,
              },
            ],
          }),
        ),
      );
    },
  };
};
