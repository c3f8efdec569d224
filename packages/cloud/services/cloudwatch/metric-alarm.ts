import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import { comparison, evaluate, evaluationRange, type MissingData } from "./evaluate.ts";
import type { MetricStore } from "./metric-store.ts";
import { stamp, type Alarm, type MetricWatch, type StateRecord } from "./state.ts";

type MetricAlarm = Alarm & { type: "metric" };

const MISSING: readonly string[] = ["missing", "ignore", "breaching", "notBreaching"];
const bad = (message: string): AwsError => new AwsError("ValidationError", message);

/** What the alarm watches; refuses what API_PutMetricAlarm refuses, and what is not modelled (metric math). */
export const watchOf = (input: PutMetricAlarmInput): MetricWatch => {
  const single = input.Metrics?.[0]?.MetricStat;
  if (input.Metrics !== undefined && (input.Metrics.length !== 1 || single === undefined)) {
    throw new Error("alarms on metric math are not modelled");
  }
  const metricName = single?.Metric?.MetricName ?? input.MetricName;
  const namespace = single?.Metric?.Namespace ?? input.Namespace;
  const statistic = single?.Stat ?? input.Statistic ?? input.ExtendedStatistic;
  const periodSeconds = single?.Period ?? input.Period;
  const periods = input.EvaluationPeriods;
  if (metricName === undefined || namespace === undefined || statistic === undefined) {
    throw bad("An alarm needs a metric, a namespace and a statistic");
  }
  if (periodSeconds === undefined || (![10, 20, 30].includes(periodSeconds) && periodSeconds % 60 !== 0)) {
    throw bad("Period must be 10, 20, 30 or a multiple of 60");
  }
  if (periods === undefined || periods < 1) throw bad("EvaluationPeriods must be at least 1");
  const datapointsToAlarm = input.DatapointsToAlarm ?? periods;
  if (datapointsToAlarm < 1 || datapointsToAlarm > periods) {
    throw bad("DatapointsToAlarm must be at least 1 and at most EvaluationPeriods");
  }
  if (input.TreatMissingData !== undefined && !MISSING.includes(input.TreatMissingData)) {
    throw bad(`Option ${input.TreatMissingData} for TreatMissingData is not valid`);
  }
  if (input.ComparisonOperator === undefined || input.Threshold === undefined) {
    throw bad("An alarm needs a comparison operator and a threshold");
  }
  const dimensions = Object.fromEntries(
    (single?.Metric?.Dimensions ?? input.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]),
  );
  return {
    metric: { namespace, metricName, dimensions },
    statistic,
    periodSeconds,
    periods,
    datapointsToAlarm,
  };
};

const WORDS: Readonly<Record<string, string>> = {
  GreaterThanThreshold: "greater than",
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** The state that the metric's data give the alarm now; undefined where it stays what it is. */
export const evaluateMetricAlarm = (
  world: World,
  store: MetricStore,
  { input, watch, region, state }: MetricAlarm,
): StateRecord | undefined => {
  const nowMs = world.clock.nowMs();
  const { metric, statistic, periodSeconds, periods, datapointsToAlarm } = watch;
  const periodMs = periodSeconds * 1000;
  const endMs = Math.floor(nowMs / periodMs) * periodMs;
  const startMs = endMs - evaluationRange(periods, periodSeconds) * periodMs;
  const points = store.read(region, metric, { startMs, endMs, periodSeconds, statistic });
  const { ComparisonOperator: operator = "GreaterThanThreshold", Threshold: threshold = 0 } = input;
  const breaches = comparison(operator, threshold);
  const missing = (input.TreatMissingData ?? "missing") as MissingData;
  const next = evaluate(
    points.map(({ value }) => value),
    { periods, datapointsToAlarm, breaches, missing },
  );
  if (next === "retain" || next === state.value) return undefined;

  const real = points
    .filter((point) => point.value !== undefined)
    .slice(-periods)
    .toReversed();
  const values = real.map(({ value }) => value ?? 0);
  const deciding = values.filter((value) => breaches(value) === (next === "ALARM"));
  const reason =
    next === "INSUFFICIENT_DATA"
      ? `Insufficient Data: ${plural(periods, "datapoint")} ${periods === 1 ? "was" : "were"} unknown.`
      : real.length === 0
        ? `Threshold Crossed: no datapoints were received for ${plural(periods, "period")} and ${plural(periods, "missing datapoint")} ${periods === 1 ? "was" : "were"} treated as [${missing === "breaching" ? "Breaching" : "NonBreaching"}].`
        : `Threshold Crossed: ${deciding.length} out of the last ${plural(values.length, "datapoint")} [${values.join(", ")}] ${deciding.length === 1 ? "was" : "were"} ${next === "ALARM" ? "" : "not "}${WORDS[operator] ?? operator} the threshold (${threshold}) (minimum ${plural(next === "ALARM" ? datapointsToAlarm : periods - datapointsToAlarm + 1, "datapoint")} for ${state.value} -> ${next} transition).`;
  return {
    value: next,
    reason,
    reasonData: JSON.stringify({
      version: "1.0",
      queryDate: stamp(nowMs),
      startDate: stamp(startMs),
      statistic,
      period: periodSeconds,
      recentDatapoints: values.toReversed(),
      threshold,
      evaluatedDatapoints: real.map(({ atMs, value, sampleCount }) => ({
        timestamp: stamp(atMs),
        sampleCount,
        value,
      })),
    }),
    atMs: nowMs,
  };
};
