import type {
  CopyObjectCommandInput,
  CopyObjectCommandOutput,
  DeleteObjectCommandInput,
  DeleteObjectCommandOutput,
  DeleteObjectsCommandInput,
  DeleteObjectsCommandOutput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
} from "@aws-sdk/client-s3";
import { AwsError, type Call } from "../../kernel/service.ts";
import { currentVersion, etagOf, removeVersion, type Bucket, type Retention } from "./bucket.ts";
import { checkWrite, conditionalConflict, type WriteConditions } from "./conditions.ts";
import { readableVersion } from "./read-objects.ts";
import { accessDenied, type Store } from "./store.ts";

type Output<Type> = Omit<Type, "$metadata">;

const isConditional = ({ IfMatch, IfNoneMatch }: WriteConditions): boolean =>
  IfMatch !== undefined || IfNoneMatch !== undefined;

const denies = (bucket: Bucket, deny: "delete" | "unconditional-put", key: string): boolean =>
  bucket.denials.some((rule) => rule.deny === deny && key.startsWith(rule.prefix));

const asBytes = (body: unknown): Uint8Array =>
  typeof body === "string"
    ? new TextEncoder().encode(body)
    : body instanceof Uint8Array
      ? body
      : new Uint8Array();

const retentionOf = (
  bucket: Bucket,
  { ObjectLockMode, ObjectLockRetainUntilDate }: PutObjectCommandInput | CopyObjectCommandInput,
  nowMs: number,
): Retention | undefined => {
  if (ObjectLockMode === undefined && ObjectLockRetainUntilDate === undefined) return undefined;
  if (bucket.objectLock === undefined) {
    throw new AwsError("InvalidRequest", "Bucket is missing Object Lock Configuration");
  }
  if (ObjectLockMode === undefined || ObjectLockRetainUntilDate === undefined) {
    throw new AwsError(
      "InvalidArgument",
      "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
    );
  }
  if (ObjectLockRetainUntilDate.getTime() <= nowMs)
    throw new AwsError("InvalidArgument", "The retain until date must be in the future!");
  return { mode: ObjectLockMode, untilMs: ObjectLockRetainUntilDate.getTime() };
};

const hasChecksum = (input: PutObjectCommandInput): boolean =>
  input.ContentMD5 !== undefined ||
  input.ChecksumAlgorithm !== undefined ||
  [
    input.ChecksumCRC32,
    input.ChecksumCRC32C,
    input.ChecksumCRC64NVME,
    input.ChecksumSHA1,
    input.ChecksumSHA256,
  ].some((checksum) => checksum !== undefined);

/**
 * Evaluates the condition when the request arrives and again when the object is stored: a write of the same key in
 * between answers 409. Unconditional writes never conflict, the last one wins.
 */
const store = async (s3: Store, bucket: Bucket, key: string, conditions: WriteConditions): Promise<void> => {
  if (!isConditional(conditions) && denies(bucket, "unconditional-put", key)) throw accessDenied();
  const before = currentVersion(bucket, key);
  checkWrite(conditions, key, before);
  await s3.storing();
  if (isConditional(conditions) && currentVersion(bucket, key) !== before) throw conditionalConflict();
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject =
  (s3: Store) =>
  async (input: PutObjectCommandInput, { region }: Call): Promise<Output<PutObjectCommandOutput>> => {
    const bucket = s3.bucketAt(input.Bucket, region);
    const key = input.Key ?? "";
    const retention = retentionOf(bucket, input, s3.world.clock.nowMs());
    if (retention !== undefined && !hasChecksum(input)) {
      throw new AwsError(
        "InvalidRequest",
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
      );
    }
    const body = asBytes(input.Body);
    await store(s3, bucket, key, input);
    const version = s3.commit(
      bucket,
      {
        key,
        isDeleteMarker: false,
        body,
        etag: etagOf(body),
        contentType: input.ContentType ?? "application/octet-stream",
        metadata: input.Metadata ?? {},
      },
      retention,
    );
    return {
      ETag: version.etag,
      ...(input.ChecksumCRC32 === undefined
        ? {}
        : { ChecksumCRC32: input.ChecksumCRC32, ChecksumType: "FULL_OBJECT" }),
      ServerSideEncryption: "AES256",
      ...(bucket.versioning === undefined ? {} : { VersionId: version.versionId }),
    };
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html (whole objects, from any region that answers) */
export const copyObject =
  (s3: Store) =>
  async (input: CopyObjectCommandInput, { region }: Call): Promise<Output<CopyObjectCommandOutput>> => {
    const bucket = s3.bucketAt(input.Bucket, region);
    const key = input.Key ?? "";
    const [path = "", search = ""] = (input.CopySource ?? "").split("?");
    const [, sourceBucket = "", sourceKey = ""] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(path)) ?? [];
    const from = s3.buckets.get(sourceBucket);
    if (from === undefined) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
    if (!s3.world.network.reaches(region, from.region)) {
      throw new AwsError("InternalError", "We encountered an internal error. Please try again.", 500);
    }
    const versionId = new URLSearchParams(search).get("versionId") ?? undefined;
    const source = readableVersion(from, sourceKey, versionId);
    await store(s3, bucket, key, input);
    const { body, etag } = source;
    const replaced = input.MetadataDirective === "REPLACE";
    const version = s3.commit(
      bucket,
      {
        key,
        isDeleteMarker: false,
        body,
        etag,
        contentType: (replaced ? input.ContentType : undefined) ?? source.contentType,
        metadata: replaced ? (input.Metadata ?? {}) : source.metadata,
      },
      retentionOf(bucket, input, s3.world.clock.nowMs()),
    );
    return {
      CopyObjectResult: { ETag: etag, LastModified: new Date(version.lastModifiedMs) },
      ServerSideEncryption: "AES256",
      ...(from.versioning === undefined ? {} : { CopySourceVersionId: source.versionId }),
      ...(bucket.versioning === undefined ? {} : { VersionId: version.versionId }),
    };
  };

const removeForGood = (
  s3: Store,
  bucket: Bucket,
  key: string,
  versionId: string,
  bypass: boolean,
): boolean => {
  const version = bucket.objects.get(key)?.find((candidate) => candidate.versionId === versionId);
  // Deleting what is not there succeeds.
  if (version === undefined) return false;
  const { retention } = version;
  if (retention !== undefined && retention.untilMs > s3.world.clock.nowMs()) {
    if (retention.mode === "COMPLIANCE" || !bypass) {
      throw accessDenied("Access Denied because object protected by object lock.");
    }
  }
  removeVersion(bucket, version);
  return version.isDeleteMarker;
};

/**
 * Without a version id: a delete marker on top, the versions stay. With one: gone for good, unless retained.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export const deleteObject =
  (s3: Store) =>
  async (input: DeleteObjectCommandInput, { region }: Call): Promise<Output<DeleteObjectCommandOutput>> => {
    const bucket = s3.bucketAt(input.Bucket, region);
    const key = input.Key ?? "";
    if (denies(bucket, "delete", key)) throw accessDenied();
    if (input.VersionId !== undefined) {
      const wasMarker = removeForGood(
        s3,
        bucket,
        key,
        input.VersionId,
        input.BypassGovernanceRetention === true,
      );
      return { VersionId: input.VersionId, ...(wasMarker ? { DeleteMarker: true } : {}) };
    }
    await store(s3, bucket, key, input.IfMatch === undefined ? {} : { IfMatch: input.IfMatch });
    if (bucket.versioning === undefined) {
      bucket.objects.delete(key);
      return {};
    }
    const marker = s3.commit(bucket, {
      key,
      isDeleteMarker: true,
      body: new Uint8Array(),
      etag: "",
      contentType: "",
      metadata: {},
    });
    return { DeleteMarker: true, VersionId: marker.versionId };
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html: answers for each object apart. */
export const deleteObjects =
  (s3: Store) =>
  async (input: DeleteObjectsCommandInput, call: Call): Promise<Output<DeleteObjectsCommandOutput>> => {
    const { Objects: objects = [], Quiet: quiet } = input.Delete ?? {};
    const deleted: NonNullable<DeleteObjectsCommandOutput["Deleted"]> = [];
    const errors: NonNullable<DeleteObjectsCommandOutput["Errors"]> = [];
    for (const { Key, VersionId, ETag } of objects) {
      const one = {
        Bucket: input.Bucket,
        Key,
        ...(VersionId === undefined ? {} : { VersionId }),
        ...(ETag === undefined ? {} : { IfMatch: ETag }),
        ...(input.BypassGovernanceRetention === undefined
          ? {}
          : { BypassGovernanceRetention: input.BypassGovernanceRetention }),
      };
      try {
        const { DeleteMarker, VersionId: marker } = await deleteObject(s3)(one, call);
        deleted.push({
          Key,
          ...(VersionId === undefined ? {} : { VersionId }),
          ...(DeleteMarker === true ? { DeleteMarker, DeleteMarkerVersionId: marker } : {}),
        });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        errors.push({
          Key,
          Code: error.code,
          Message: error.message,
          ...(VersionId === undefined ? {} : { VersionId }),
        });
      }
    }
    return {
      ...(quiet === true ? {} : { Deleted: deleted }),
      ...(errors.length === 0 ? {} : { Errors: errors }),
    };
  };
