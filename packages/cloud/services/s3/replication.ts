import { QUIET } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import type { World } from "../../kernel/world.ts";
import { insertVersion, type Bucket, type ObjectVersion, type ReplicationRule } from "./bucket.ts";

interface Pending {
  readonly version: ObjectVersion;
  readonly since: number;
}

/** Most objects arrive within seconds; one in twenty takes up to a minute. Guessed from "typically seconds". */
const lagMs = (random: Random): number =>
  random.next() < 0.05 ? random.integer(10_000, 60_000) : random.integer(400, 4_000);

const RETRY_MS = 20_000;
const METRIC_PERIOD_MS = 60_000;

export interface Replication {
  /** Sends a new version (or delete marker) on its way to the destinations of the bucket's rules. */
  enqueue(bucket: Bucket, version: ObjectVersion): void;
  /** Starts the minute-by-minute metrics of a rule. */
  watch(bucket: Bucket, rule: ReplicationRule): void;
  /** Versions that have not arrived yet. */
  pending(bucket: string, ruleId: string): readonly ObjectVersion[];
}

/**
 * Asynchronous replication to other regions. A replica keeps its version id, entity tag, date and retention. It leaves
 * and arrives only while both regions are up and see each other; until then S3 tries again.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
 */
export const createReplication = (world: World, buckets: ReadonlyMap<string, Bucket>): Replication => {
  const { clock, network } = world;
  const random = world.random.stream("s3-replication");
  const queues = new Map<string, Pending[]>();
  const queueOf = (bucket: string, ruleId: string): Pending[] => {
    const name = `${bucket}/${ruleId}`;
    const queue = queues.get(name) ?? [];
    queues.set(name, queue);
    return queue;
  };

  const deliver = (source: Bucket, rule: ReplicationRule, pending: Pending): unknown => {
    const target = buckets.get(rule.destinationBucket);
    if (target === undefined || target.versioning !== "Enabled") {
      pending.version.replication = "FAILED";
      settle(source, rule, pending);
      return QUIET;
    }
    if (!network.reaches(source.region, target.region)) {
      clock.after(RETRY_MS + random.integer(0, RETRY_MS), () => deliver(source, rule, pending));
      return QUIET;
    }
    insertVersion(target, { ...pending.version, replication: "REPLICA" });
    pending.version.replication = "COMPLETED";
    settle(source, rule, pending);
    return QUIET;
  };

  const settle = (source: Bucket, rule: ReplicationRule, pending: Pending): void => {
    const queue = queueOf(source.name, rule.id);
    queue.splice(queue.indexOf(pending), 1);
  };

  const measure = (source: Bucket, rule: ReplicationRule): unknown => {
    const target = buckets.get(rule.destinationBucket);
    const queue = queueOf(source.name, rule.id);
    // The destination's region publishes; what it hears from the source is gone while the two do not see each other.
    if (target !== undefined && network.reaches(source.region, target.region)) {
      const dimensions = {
        SourceBucket: source.name,
        DestinationBucket: rule.destinationBucket,
        RuleId: rule.id,
      };
      const atMs = clock.nowMs();
      const oldest = Math.min(...queue.map(({ since }) => since), atMs);
      const values = {
        ReplicationLatency: (atMs - oldest) / 1000,
        OperationsPendingReplication: queue.length,
        BytesPendingReplication: queue.reduce((sum, { version }) => sum + version.body.byteLength, 0),
      };
      for (const [metricName, value] of Object.entries(values)) {
        world.measure(target.region, {
          namespace: "AWS/S3",
          metricName,
          dimensions,
          atMs,
          value,
          storageResolutionSeconds: 60,
        });
      }
    }
    clock.after(METRIC_PERIOD_MS, () => measure(source, rule));
    return QUIET;
  };

  return {
    enqueue(bucket, version) {
      // A replica is not replicated further, nor is it sent back.
      if (version.replication === "REPLICA") return;
      for (const rule of bucket.replication) {
        const applies = rule.enabled && version.key.startsWith(rule.prefix);
        if (!applies || (version.isDeleteMarker && !rule.deleteMarkers)) continue;
        version.replication = "PENDING";
        const pending = { version, since: clock.nowMs() };
        queueOf(bucket.name, rule.id).push(pending);
        clock.after(lagMs(random), () => deliver(bucket, rule, pending));
      }
    },
    watch: (bucket, rule) => void clock.after(METRIC_PERIOD_MS, () => measure(bucket, rule)),
    pending: (bucket, ruleId) => queueOf(bucket, ruleId).map(({ version }) => version),
  };
};
