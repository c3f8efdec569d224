import { QUIET } from "../../kernel/clock.ts";
import type { World } from "../../kernel/world.ts";

/** Which metric: a namespace, a name, and exactly these dimensions. */
export interface MetricId {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What CloudWatch keeps of the values of one second or one minute. */
export interface Bucket {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** The values, for percentiles. */
  readonly values: number[];
}

export interface MetricStore {
  /** Keeps a datum; it can be read a little later. Nothing is kept while the region is lost. */
  put(
    region: string,
    metric: MetricId,
    datum: { atMs: number; value: number; count?: number; resolutionSeconds: 1 | 60 },
  ): void;
  /** The statistic of each period in `[startMs, endMs)`, aligned to periods; undefined where nothing was recorded. */
  read(
    region: string,
    metric: MetricId,
    query: { startMs: number; endMs: number; periodSeconds: number; statistic: string },
  ): { readonly atMs: number; readonly value: number | undefined; readonly sampleCount: number }[];
}

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const SECONDS_IN_A_MINUTE = 60;
/** "Data points with a period of less than 60 seconds are available for 3 hours" (CloudWatch User Guide, "Metrics retention"). */
const HIGH_RESOLUTION_KEPT_MS = 3 * 60 * MINUTE_MS;
/** From arrival to being readable. Guessed: "seconds" for values that are put; service metrics take longer to be sent at all. */
const LEAST_INGESTION_MS = 500;
const MOST_INGESTION_MS = 2500;

const haveSameDimensions = (left: MetricId["dimensions"], right: MetricId["dimensions"]): boolean => {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
};

const merge = (into: Bucket, from: Bucket): void => {
  into.count += from.count;
  into.sum += from.sum;
  into.minimum = Math.min(into.minimum, from.minimum);
  into.maximum = Math.max(into.maximum, from.maximum);
  into.values.push(...from.values);
};
const emptyBucket = (): Bucket => ({
  count: 0,
  sum: 0,
  minimum: Number.POSITIVE_INFINITY,
  maximum: Number.NEGATIVE_INFINITY,
  values: [],
});

/** The bucket of a minute, which is found by its number: a map finds a small number faster than a time. */
const minuteOf = (coarse: Map<number, Bucket>, minute: number): Bucket => {
  const known = coarse.get(minute);
  if (known !== undefined) return known;
  const bucket = emptyBucket();
  coarse.set(minute, bucket);
  return bucket;
};

/** The bucket of a second, among those of its minute. */
const secondOf = (fine: Map<number, Second[]>, second: number): Bucket => {
  const minute = Math.floor(second / SECONDS_IN_A_MINUTE);
  const seconds = fine.get(minute) ?? [];
  fine.set(minute, seconds);
  const before = seconds.findLastIndex((other) => other.second <= second);
  const known = seconds[before];
  if (known?.second === second) return known.bucket;
  const bucket = emptyBucket();
  seconds.splice(before + 1, 0, { second, bucket });
  return bucket;
};

/** Takes a value in, `count` times. */
const takeIn = (into: Bucket, value: number, count: number): void => {
  into.count += count;
  into.sum += value * count;
  into.minimum = Math.min(into.minimum, value);
  into.maximum = Math.max(into.maximum, value);
  for (let times = 0; times < count; times++) into.values.push(value);
};

/** `p99.9` and the five statistics; other statistics are not modelled. */
const statisticOf = (statistic: string, { count, sum, minimum, maximum, values }: Bucket): number => {
  const percentile = statistic.startsWith("p")
    ? /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic)?.[1]
    : undefined;
  if (percentile !== undefined) {
    const sorted = [...values].sort((left, right) => left - right);
    return sorted[Math.max(0, Math.ceil((Number(percentile) / 100) * sorted.length) - 1)] ?? Number.NaN;
  }
  switch (statistic) {
    case "SampleCount":
      return count;
    case "Sum":
      return sum;
    case "Minimum":
      return minimum;
    case "Maximum":
      return maximum;
    case "Average":
      return sum / count;
    default:
      throw new Error(`statistic ${statistic} is not modelled`);
  }
};

/** What was recorded in one second, which has this number since the epoch. */
interface Second {
  readonly second: number;
  readonly bucket: Bucket;
}

interface Series {
  readonly region: string;
  readonly metric: MetricId;
  /** The seconds that something was recorded in, in order, by the number of their minute: most alarms ask for whole minutes. */
  readonly fine: Map<number, Second[]>;
  /** By number of the minute. */
  readonly coarse: Map<number, Bucket>;
  oldestFineMs: number;
}

/** All of the seconds from `from` on; a minute that is kept whole belongs to its first. Undefined: nothing was recorded. */
const totalOf = ({ fine, coarse }: Series, from: number, periodSeconds: number): Bucket | undefined => {
  const end = from + periodSeconds;
  let total: Bucket | undefined;
  for (let minute = Math.floor(from / SECONDS_IN_A_MINUTE); minute * SECONDS_IN_A_MINUTE < end; minute++) {
    const whole = minute * SECONDS_IN_A_MINUTE < from ? undefined : coarse.get(minute);
    if (whole !== undefined) merge((total ??= emptyBucket()), whole);
    for (const { second, bucket } of fine.get(minute) ?? [])
      if (second >= from && second < end) merge((total ??= emptyBucket()), bucket);
  }
  return total;
};

/** Metrics of all regions: standard resolution kept by the minute, high resolution by the second for three hours. */
export const createMetricStore = (world: World): MetricStore => {
  const random = world.random.stream("cloudwatch/ingestion");
  /** By the metric's name, which few share: to compare them costs less than to spell a key for each datum. */
  const series = new Map<string, Series[]>();

  const seriesOf = (region: string, { namespace, metricName, dimensions }: MetricId): Series | undefined =>
    series
      .get(metricName)
      ?.find(
        (one) =>
          one.region === region &&
          one.metric.namespace === namespace &&
          haveSameDimensions(one.metric.dimensions, dimensions),
      );
  const newSeries = (region: string, metric: MetricId, oldestFineMs: number): Series => {
    const created = { region, metric, fine: new Map(), coarse: new Map(), oldestFineMs };
    series.set(metric.metricName, [...(series.get(metric.metricName) ?? []), created]);
    return created;
  };

  const forgetSeconds = (one: Series): void => {
    const beforeMs = world.clock.nowMs() - HIGH_RESOLUTION_KEPT_MS;
    if (one.oldestFineMs >= beforeMs - HIGH_RESOLUTION_KEPT_MS) return;
    for (const [minute, seconds] of one.fine) {
      const old = seconds.filter(({ second }) => second * SECOND_MS < beforeMs);
      for (const { bucket } of old) merge(minuteOf(one.coarse, minute), bucket);
      if (old.length === seconds.length) one.fine.delete(minute);
      else seconds.splice(0, old.length);
    }
    one.oldestFineMs = beforeMs;
  };

  return {
    put(region, metric, { atMs, value, count = 1, resolutionSeconds }) {
      if (world.network.isLost(region)) return;
      world.clock.after(random.integer(LEAST_INGESTION_MS, MOST_INGESTION_MS), () => {
        if (world.network.isLost(region)) return QUIET;
        const one = seriesOf(region, metric) ?? newSeries(region, metric, atMs);
        const bucket =
          resolutionSeconds === 1
            ? secondOf(one.fine, Math.floor(atMs / SECOND_MS))
            : minuteOf(one.coarse, Math.floor(atMs / MINUTE_MS));
        takeIn(bucket, value, count);
        forgetSeconds(one);
        return QUIET;
      });
    },
    read(region, metric, { startMs, endMs, periodSeconds, statistic }) {
      const one = seriesOf(region, metric);
      const periodMs = periodSeconds * SECOND_MS;
      const points: { atMs: number; value: number | undefined; sampleCount: number }[] = [];
      for (let atMs = Math.floor(startMs / periodMs) * periodMs; atMs < endMs; atMs += periodMs) {
        const total = one === undefined ? undefined : totalOf(one, atMs / SECOND_MS, periodSeconds);
        points.push({
          atMs,
          value: total === undefined || total.count === 0 ? undefined : statisticOf(statistic, total),
          sampleCount: total?.count ?? 0,
        });
      }
      return points;
    },
  };
};
