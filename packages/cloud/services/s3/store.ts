import { AwsError } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import {
  currentVersion,
  newVersionId,
  insertVersion,
  type Bucket,
  type ObjectVersion,
  type Retention,
} from "./bucket.ts";
import { createReplication, type Replication } from "./replication.ts";

/** The buckets of the account and what all operations on them share. */
export interface Store {
  readonly world: World;
  readonly buckets: Map<string, Bucket>;
  readonly replication: Replication;
  /** The bucket as a request to `region` finds it. NoSuchBucket 404; PermanentRedirect 301 from another region. */
  bucketAt(name: string | undefined, region: string): Bucket;
  /** Makes a version the newest, and sends it on its way. */
  commit(
    bucket: Bucket,
    version: Omit<ObjectVersion, "versionId" | "lastModifiedMs" | "retention" | "replication">,
    retention?: Retention,
  ): ObjectVersion;
  /** Resolves after the time that S3 takes to store something. */
  storing(): Promise<void>;
}

const DAY_MS = 86_400_000;

export const accessDenied = (message = "Access Denied"): AwsError =>
  new AwsError("AccessDenied", message, 403);

export const createStore = (world: World): Store => {
  const buckets = new Map<string, Bucket>();
  const replication = createReplication(world, buckets);
  const random = world.random.stream("s3");
  const { clock } = world;
  return {
    world,
    buckets,
    replication,
    bucketAt(name = "", region) {
      const bucket = buckets.get(name);
      if (bucket === undefined) {
        throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
      }
      if (bucket.region !== region) {
        throw new AwsError(
          "PermanentRedirect",
          "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
          301,
        );
      }
      return bucket;
    },
    commit(bucket, version, retention) {
      const { objectLock } = bucket;
      const nowMs = clock.nowMs();
      const byDefault =
        typeof objectLock === "object" && !version.isDeleteMarker
          ? { mode: objectLock.mode, untilMs: nowMs + objectLock.days * DAY_MS }
          : undefined;
      const stored: ObjectVersion = {
        ...version,
        versionId: bucket.versioning === "Enabled" ? newVersionId(random) : "null",
        // Two writes within one instant still have an order: the later commit is the newer version.
        lastModifiedMs: Math.max(nowMs, currentVersion(bucket, version.key)?.lastModifiedMs ?? 0),
        retention: retention ?? byDefault,
        replication: undefined,
      };
      insertVersion(bucket, stored);
      replication.enqueue(bucket, stored);
      return stored;
    },
    storing: () => clock.sleep(random.integer(8, 30)),
  };
};
