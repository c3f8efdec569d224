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

/** No text of a metric's has a line break. */
const keyOf = (region: string, { namespace, metricName, dimensions }: MetricId): string => {
  let key = `${region}\n${namespace}\n${metricName}`;
  for (const name of Object.keys(dimensions).sort()) key += `\n${name}\n${dimensions[name]}`;
  return key;
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

const bucketAt = (buckets: Map<number, Bucket>, unit: number): Bucket => {
  const known = buckets.get(unit);
  if (known !== undefined) return known;
  const bucket = emptyBucket();
  buckets.set(unit, bucket);
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

/** The buckets are found by how many seconds, or minutes, after the epoch they begin: numbers that a map finds fast. */
interface Series {
  /** By second. */
  readonly fine: Map<number, Bucket>;
  /** By minute. */
  readonly coarse: Map<number, Bucket>;
  oldestFineMs: number;
}

/** Metrics of all regions: standard resolution kept by the minute, high resolution by the second for three hours. */
export const createMetricStore = (world: World): MetricStore => {
  const random = world.random.stream("cloudwatch/ingestion");
  const series = new Map<string, Series>();

  const forgetSeconds = (one: Series): void => {
    const beforeMs = world.clock.nowMs() - HIGH_RESOLUTION_KEPT_MS;
    if (one.oldestFineMs >= beforeMs - HIGH_RESOLUTION_KEPT_MS) return;
    for (const [second, bucket] of one.fine) {
      if (second * SECOND_MS >= beforeMs) continue;
      merge(bucketAt(one.coarse, Math.floor(second / SECONDS_IN_A_MINUTE)), bucket);
      one.fine.delete(second);
    }
    one.oldestFineMs = beforeMs;
  };

  return {
    put(region, metric, { atMs, value, count = 1, resolutionSeconds }) {
      if (world.network.isLost(region)) return;
      world.clock.after(random.integer(LEAST_INGESTION_MS, MOST_INGESTION_MS), () => {
        if (world.network.isLost(region)) return QUIET;
        const key = keyOf(region, metric);
        const one = series.get(key) ?? { fine: new Map(), coarse: new Map(), oldestFineMs: atMs };
        series.set(key, one);
        const unitMs = resolutionSeconds === 1 ? SECOND_MS : MINUTE_MS;
        const target = resolutionSeconds === 1 ? one.fine : one.coarse;
        takeIn(bucketAt(target, Math.floor(atMs / unitMs)), value, count);
        forgetSeconds(one);
        return QUIET;
      });
    },
    read(region, metric, { startMs, endMs, periodSeconds, statistic }) {
      const one = series.get(keyOf(region, metric));
      // Where all is kept by the minute there is nothing to find between two minutes.
      const step = one === undefined || one.fine.size === 0 ? SECONDS_IN_A_MINUTE : 1;
      const periodMs = periodSeconds * 1000;
      const points: { atMs: number; value: number | undefined; sampleCount: number }[] = [];
      for (let atMs = Math.floor(startMs / periodMs) * periodMs; atMs < endMs; atMs += periodMs) {
        let total: Bucket | undefined;
        const from = atMs / SECOND_MS;
        for (let second = Math.ceil(from / step) * step; second < from + periodSeconds; second += step) {
          const fine = step === 1 ? one?.fine.get(second) : undefined;
          if (fine !== undefined) merge((total ??= emptyBucket()), fine);
          const coarse =
            second % SECONDS_IN_A_MINUTE === 0 ? one?.coarse.get(second / SECONDS_IN_A_MINUTE) : undefined;
          if (coarse !== undefined) merge((total ??= emptyBucket()), coarse);
        }
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
