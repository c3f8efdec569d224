import { hash } from "node:crypto";
import type { Random } from "../../kernel/random.ts";

/** Retention of a version: until then it cannot be deleted for good (governance: except with the bypass). */
export interface Retention {
  readonly mode: "GOVERNANCE" | "COMPLIANCE";
  readonly untilMs: number;
}

/** One version of an object, or a delete marker. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` in a bucket that was never versioned. */
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly body: Uint8Array;
  /** With its quotes, as it travels. */
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  retention: Retention | undefined;
  replication: "PENDING" | "COMPLETED" | "FAILED" | "REPLICA" | undefined;
}

/** A rule that copies new versions to a bucket elsewhere. */
export interface ReplicationRule {
  readonly id: string;
  readonly prefix: string;
  readonly destinationBucket: string;
  readonly deleteMarkers: boolean;
  enabled: boolean;
}

/**
 * A bucket policy's denials, reduced to those that a recovery relies on: nobody deletes under the prefix; nobody
 * overwrites under it without a condition (`s3:if-match` and `s3:if-none-match` both absent).
 */
export type DenyRule =
  | { readonly deny: "delete"; readonly prefix: string }
  | { readonly deny: "unconditional-put"; readonly prefix: string };

export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly createdAtMs: number;
  versioning: "Enabled" | "Suspended" | undefined;
  /** Object Lock is on; new versions get this retention where the request names none. */
  objectLock: { readonly mode: Retention["mode"]; readonly days: number } | "without-default" | undefined;
  denials: readonly DenyRule[];
  /** Keys that anybody may read. */
  readonly publicKeys: Set<string>;
  replication: readonly ReplicationRule[];
  /** Newest first. */
  readonly objects: Map<string, ObjectVersion[]>;
}

/** The version that a plain GET answers with; undefined when there is none or a delete marker is on top. */
export const currentVersion = (bucket: Bucket, key: string): ObjectVersion | undefined => {
  const newest = bucket.objects.get(key)?.[0];
  return newest?.isDeleteMarker === true ? undefined : newest;
};

/** The entity tag of a body stored in one part: its MD5, quoted. */
export const etagOf = (body: Uint8Array): string => `"${hash("md5", body)}"`;

const VERSION_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/** 32 characters, as S3's own. */
export const newVersionId = (random: Random): string => {
  let id = "";
  while (id.length < 32) id += VERSION_ALPHABET.charAt(random.integer(0, VERSION_ALPHABET.length - 1));
  return id;
};

/** Adds a version in its place by age; a replica may arrive after a younger one. */
export const insertVersion = (bucket: Bucket, version: ObjectVersion): void => {
  const versions = bucket.objects.get(version.key) ?? [];
  const same = versions.findIndex(({ versionId }) => versionId === version.versionId);
  if (same !== -1) versions.splice(same, 1);
  const place = versions.findIndex(({ lastModifiedMs }) => lastModifiedMs <= version.lastModifiedMs);
  versions.splice(place === -1 ? versions.length : place, 0, version);
  bucket.objects.set(version.key, versions);
};

/** Takes a version out for good. */
export const removeVersion = (bucket: Bucket, { key, versionId }: ObjectVersion): void => {
  const rest = (bucket.objects.get(key) ?? []).filter((version) => version.versionId !== versionId);
  if (rest.length === 0) bucket.objects.delete(key);
  else bucket.objects.set(key, rest);
};
