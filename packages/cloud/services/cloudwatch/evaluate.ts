import type { ComparisonOperator } from "@aws-sdk/client-cloudwatch";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";
export type MissingData = "missing" | "ignore" | "breaching" | "notBreaching";

export interface Rule {
  /** Evaluation Periods, N. */
  readonly periods: number;
  /** Datapoints to Alarm, M. */
  readonly datapointsToAlarm: number;
  readonly breaches: (value: number) => boolean;
  readonly missing: MissingData;
}

/**
 * The state that an alarm gets from the datapoints of its evaluation range, oldest first, `undefined` where data is
 * missing; `retain` keeps the state that it has. From "Configuring how CloudWatch alarms treat missing data" in the
 * CloudWatch User Guide, whose two tables are this function's tests. A lone breaching datapoint that is too young to
 * tell keeps the state, where the guide says only that it does not go into ALARM yet.
 */
export const evaluate = (
  points: readonly (number | undefined)[],
  { periods, datapointsToAlarm, breaches, missing }: Rule,
): AlarmState | "retain" => {
  const newestFirst = points.toReversed();
  const real = newestFirst.filter((value) => value !== undefined);
  // Enough real data, however far back it has to be fetched: how to treat missing data is not asked.
  if (real.length >= periods) {
    return real.slice(0, periods).filter(breaches).length >= datapointsToAlarm ? "ALARM" : "OK";
  }
  const breaching = real.filter(breaches).length;
  const toFill = periods - real.length;
  switch (missing) {
    case "breaching":
      return breaching + toFill >= datapointsToAlarm ? "ALARM" : "OK";
    case "notBreaching":
      return breaching >= datapointsToAlarm ? "ALARM" : "OK";
    case "ignore":
    case "missing": {
      if (real.length === 0) return missing === "missing" ? "INSUFFICIENT_DATA" : "retain";
      if (breaching >= datapointsToAlarm) return "ALARM";
      if (breaching < real.length) return "OK";
      // All that is there breaches. "Premature alarm state": ALARM once the oldest of it is M periods old.
      const age = newestFirst.findLastIndex((value) => value !== undefined) + 1;
      return missing === "missing" && age >= datapointsToAlarm ? "ALARM" : "retain";
    }
  }
};

/** How many periods CloudWatch looks back: more than N, to have something where data is missing. */
export const evaluationRange = (periods: number, periodSeconds: number): number =>
  // The guide's example is 5 for N = 3. For periods of a minute users measured points up to six minutes old in use.
  periodSeconds === 60 ? Math.max(periods + 2, 6) : periods + 2;

/** The four comparisons with a fixed threshold; anomaly bands are not modelled. */
export const comparison = (operator: ComparisonOperator, threshold: number): ((value: number) => boolean) => {
  switch (operator) {
    case "GreaterThanThreshold":
      return (value) => value > threshold;
    case "GreaterThanOrEqualToThreshold":
      return (value) => value >= threshold;
    case "LessThanThreshold":
      return (value) => value < threshold;
    case "LessThanOrEqualToThreshold":
      return (value) => value <= threshold;
    case "GreaterThanUpperThreshold":
    case "LessThanLowerOrGreaterThanUpperThreshold":
    case "LessThanLowerThreshold":
      throw new Error(`comparison ${operator} is not modelled`);
  }
};
