import type { ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import {
  currentVersion,
  etagOf,
  type Bucket,
  type DenyRule,
  type ObjectVersion,
  type Retention,
} from "./bucket.ts";
import {
  getBucketLocation,
  getBucketReplication,
  getBucketVersioning,
  getObjectLockConfiguration,
  headBucket,
  putBucketVersioning,
} from "./bucket-settings.ts";
import { listObjectVersions, listObjectsV2 } from "./list-objects.ts";
import { publicEndpoint } from "./public-endpoint.ts";
import { getObject, getObjectRetention, headObject, putObjectRetention } from "./read-objects.ts";
import { createStore } from "./store.ts";
import { copyObject, deleteObject, deleteObjects, putObject } from "./write-objects.ts";

export interface BucketOptions {
  readonly name: string;
  readonly region: string;
  /** Defaults to `Enabled`. */
  readonly versioning?: "Enabled" | "Suspended" | "never";
  /** Object Lock; a default retention for every new version, or none. */
  readonly objectLock?: { readonly mode: Retention["mode"]; readonly days: number } | "without-default";
  readonly denials?: readonly DenyRule[];
  readonly publicKeys?: readonly string[];
}

export interface ReplicationOptions {
  readonly from: string;
  readonly to: string;
  readonly id?: string;
  readonly prefix?: string;
  readonly deleteMarkers?: boolean;
}

/** S3 of the simulated account. */
export interface S3Model extends ServiceModel {
  createBucket(options: BucketOptions): Bucket;
  /** Adds a replication rule; both buckets must be versioned. */
  replicate(options: ReplicationOptions): void;
  /** Puts an object at once, past conditions, policy and delays. */
  seed(bucket: string, key: string, body: string | Uint8Array): ObjectVersion;
  /** The current version's text, past the network; undefined where there is none. */
  read(bucket: string, key: string): string | undefined;
  bucket(name: string): Bucket;
  has(bucket: string): boolean;
  /** Versions on their way to a rule's destination. */
  pending(bucket: string, ruleId: string): readonly ObjectVersion[];
}

/**
 * S3 with versioning, Object Lock, conditional writes, replication between regions and public keys.
 * Names of buckets are unique across regions, as S3's are.
 */
export const createS3 = (world: World): S3Model => {
  const store = createStore(world);
  const bucketNamed = (name: string): Bucket => {
    const bucket = store.buckets.get(name);
    if (bucket === undefined) throw new Error(`no bucket ${name}`);
    return bucket;
  };
  return {
    service: "s3",
    operations: {
      CopyObject: copyObject(store),
      DeleteObject: deleteObject(store),
      DeleteObjects: deleteObjects(store),
      GetBucketLocation: getBucketLocation(store),
      GetBucketReplication: getBucketReplication(store),
      GetBucketVersioning: getBucketVersioning(store),
      GetObject: getObject(store),
      GetObjectLockConfiguration: getObjectLockConfiguration(store),
      GetObjectRetention: getObjectRetention(store),
      HeadBucket: headBucket(store),
      HeadObject: headObject(store),
      ListObjectVersions: listObjectVersions(store),
      ListObjectsV2: listObjectsV2(store),
      PutBucketVersioning: putBucketVersioning(store),
      PutObject: putObject(store),
      PutObjectRetention: putObjectRetention(store),
    },
    createBucket({ name, region, versioning = "Enabled", objectLock, denials = [], publicKeys = [] }) {
      if (store.buckets.has(name)) throw new Error(`bucket ${name} exists`);
      if (objectLock !== undefined && versioning !== "Enabled") {
        throw new Error(`bucket ${name}: Object Lock needs versioning`);
      }
      const bucket: Bucket = {
        name,
        region,
        createdAtMs: world.clock.nowMs(),
        versioning: versioning === "never" ? undefined : versioning,
        objectLock,
        denials,
        publicKeys: new Set(publicKeys),
        replication: [],
        objects: new Map(),
      };
      store.buckets.set(name, bucket);
      world.fabric.listen(`${name}.s3.${region}.amazonaws.com`, region, publicEndpoint(bucket));
      return bucket;
    },
    replicate({ from, to, id = `to-${to}`, prefix = "", deleteMarkers = false }) {
      const [source, target] = [bucketNamed(from), bucketNamed(to)];
      if (source.versioning !== "Enabled" || target.versioning !== "Enabled") {
        throw new Error(`replication from ${from} to ${to} needs versioning on both`);
      }
      const rule = { id, prefix, destinationBucket: to, deleteMarkers, enabled: true };
      source.replication = [...source.replication, rule];
      store.replication.watch(source, rule);
    },
    seed(name, key, body) {
      const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
      return store.commit(bucketNamed(name), {
        key,
        isDeleteMarker: false,
        body: bytes,
        etag: etagOf(bytes),
        contentType: "application/octet-stream",
        metadata: {},
      });
    },
    read(name, key) {
      const version = currentVersion(bucketNamed(name), key);
      return version === undefined ? undefined : new TextDecoder().decode(version.body);
    },
    bucket: bucketNamed,
    has: (name) => store.buckets.has(name),
    pending: (bucket, ruleId) => store.replication.pending(bucket, ruleId),
  };
};
