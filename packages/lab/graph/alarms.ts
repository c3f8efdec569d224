import type { Create } from "./deployment.ts";
import { nested, number, text } from "./resource-graph.ts";

/** Metrics that Lambda, SQS and Step Functions report of themselves, which the simulated ones do not. */
const UNREPORTED = ["AWS/Lambda", "AWS/SQS", "AWS/States"];

type AlarmInput = Parameters<Parameters<Create>[0]["parts"]["cloudwatch"]["createMetricAlarm"]>[1];

/** An alarm over metrics that somebody reports. It has long been in the state OK. */
export const createMetricAlarm: Create = ({ parts, region }, inputs) => {
  const namespace = text(inputs, "namespace");
  if (UNREPORTED.includes(namespace)) return;
  parts.cloudwatch.createMetricAlarm(
    region,
    {
      AlarmName: text(inputs, "name"),
      AlarmDescription: text(inputs, "alarmDescription"),
      Namespace: namespace,
      MetricName: text(inputs, "metricName"),
      Dimensions: Object.entries(nested(inputs, "dimensions")).map(([Name, Value]) => ({
        Name,
        Value: String(Value),
      })),
      Statistic: text(inputs, "statistic") as NonNullable<AlarmInput["Statistic"]>,
      Period: number(inputs, "period"),
      EvaluationPeriods: number(inputs, "evaluationPeriods"),
      DatapointsToAlarm: number(inputs, "datapointsToAlarm"),
      Threshold: number(inputs, "threshold"),
      ComparisonOperator: text(inputs, "comparisonOperator") as NonNullable<AlarmInput["ComparisonOperator"]>,
      TreatMissingData: text(inputs, "treatMissingData"),
    },
    "OK",
  );
};
