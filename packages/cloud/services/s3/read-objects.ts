import type {
  GetObjectCommandInput,
  GetObjectRetentionCommandInput,
  GetObjectRetentionCommandOutput,
  HeadObjectCommandInput,
  HeadObjectCommandOutput,
  PutObjectRetentionCommandInput,
} from "@aws-sdk/client-s3";
import { AwsError, type Call } from "../../kernel/service.ts";
import type { Bucket, ObjectVersion } from "./bucket.ts";
import { checkRead, noSuchKey } from "./conditions.ts";
import { accessDenied, type Store } from "./store.ts";

/**
 * The version that a read means. NoSuchKey 404 where a delete marker is on top; MethodNotAllowed 405 for the marker's
 * own id; NoSuchVersion 404.
 */
export const readableVersion = (
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): ObjectVersion => {
  const versions = bucket.objects.get(key) ?? [];
  if (versionId === undefined) {
    const [newest] = versions;
    if (newest === undefined || newest.isDeleteMarker) throw noSuchKey(key);
    return newest;
  }
  const version = versions.find((candidate) => candidate.versionId === versionId);
  if (version === undefined)
    throw new AwsError("NoSuchVersion", "The specified version does not exist.", 404);
  if (version.isDeleteMarker) {
    throw new AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
  }
  return version;
};

const describe = (bucket: Bucket, version: ObjectVersion): Omit<HeadObjectCommandOutput, "$metadata"> => ({
  AcceptRanges: "bytes",
  LastModified: new Date(version.lastModifiedMs),
  ContentLength: version.body.byteLength,
  ETag: version.etag,
  ContentType: version.contentType,
  ServerSideEncryption: "AES256",
  Metadata: version.metadata,
  // Undefined is not sent. An object whose form is always the same costs less than one that is put together.
  VersionId: bucket.versioning === undefined ? undefined : version.versionId,
  ReplicationStatus: version.replication,
  ObjectLockMode: version.retention?.mode,
  ObjectLockRetainUntilDate:
    version.retention === undefined ? undefined : new Date(version.retention.untilMs),
});

const wholeOnly = ({ Range, PartNumber }: GetObjectCommandInput | HeadObjectCommandInput): void => {
  if (Range !== undefined || PartNumber !== undefined) {
    throw new AwsError("NotImplemented", "Reading parts of objects is not simulated", 501);
  }
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const getObject =
  (s3: Store) =>
  (input: GetObjectCommandInput, { region }: Call): object => {
    wholeOnly(input);
    const bucket = s3.bucketAt(input.Bucket, region);
    const version = readableVersion(bucket, input.Key ?? "", input.VersionId);
    checkRead(input, version);
    return { ...describe(bucket, version), Body: version.body };
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html: its errors have no body, only a status. */
export const headObject =
  (s3: Store) =>
  (input: HeadObjectCommandInput, { region }: Call): object => {
    wholeOnly(input);
    const bucket = s3.bucketAt(input.Bucket, region);
    const version = readableVersion(bucket, input.Key ?? "", input.VersionId);
    checkRead(input, version);
    return describe(bucket, version);
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html */
export const getObjectRetention =
  (s3: Store) =>
  (
    input: GetObjectRetentionCommandInput,
    { region }: Call,
  ): Omit<GetObjectRetentionCommandOutput, "$metadata"> => {
    const { retention } = readableVersion(
      s3.bucketAt(input.Bucket, region),
      input.Key ?? "",
      input.VersionId,
    );
    if (retention === undefined) {
      throw new AwsError(
        "NoSuchObjectLockConfiguration",
        "The specified object does not have a ObjectLock configuration",
        404,
      );
    }
    return { Retention: { Mode: retention.mode, RetainUntilDate: new Date(retention.untilMs) } };
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html: longer always, shorter by bypass only. */
export const putObjectRetention =
  (s3: Store) =>
  (input: PutObjectRetentionCommandInput, { region }: Call): object => {
    const bucket = s3.bucketAt(input.Bucket, region);
    if (bucket.objectLock === undefined) {
      throw new AwsError("InvalidRequest", "Bucket is missing Object Lock Configuration");
    }
    const version = readableVersion(bucket, input.Key ?? "", input.VersionId);
    const { Mode, RetainUntilDate } = input.Retention ?? {};
    if (Mode === undefined || RetainUntilDate === undefined)
      throw new AwsError("MalformedXML", "The XML you provided was not well-formed");
    const untilMs = RetainUntilDate.getTime();
    const held = version.retention;
    const isHeld = held !== undefined && held.untilMs > s3.world.clock.nowMs();
    const weakens =
      held !== undefined && (untilMs < held.untilMs || (held.mode === "COMPLIANCE" && Mode !== "COMPLIANCE"));
    if (isHeld && weakens && (held.mode === "COMPLIANCE" || input.BypassGovernanceRetention !== true)) {
      throw accessDenied("Access Denied because object protected by object lock.");
    }
    version.retention = { mode: Mode, untilMs };
    return {};
  };
