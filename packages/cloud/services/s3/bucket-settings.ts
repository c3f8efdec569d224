import type {
  GetBucketLocationCommandInput,
  GetBucketReplicationCommandInput,
  GetBucketReplicationCommandOutput,
  GetBucketVersioningCommandInput,
  GetObjectLockConfigurationCommandInput,
  GetObjectLockConfigurationCommandOutput,
  HeadBucketCommandInput,
  PutBucketVersioningCommandInput,
} from "@aws-sdk/client-s3";
import { AwsError, type Call } from "../../kernel/service.ts";
import type { Store } from "./store.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: us-east-1 answers with none. */
export const getBucketLocation =
  (s3: Store) =>
  ({ Bucket }: GetBucketLocationCommandInput, { region }: Call): object => {
    const bucket = s3.bucketAt(Bucket, region);
    return bucket.region === "us-east-1" ? {} : { LocationConstraint: bucket.region };
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export const headBucket =
  (s3: Store) =>
  ({ Bucket }: HeadBucketCommandInput, { region }: Call): object => ({
    BucketRegion: s3.bucketAt(Bucket, region).region,
  });

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html: a bucket never versioned has no status. */
export const getBucketVersioning =
  (s3: Store) =>
  ({ Bucket }: GetBucketVersioningCommandInput, { region }: Call): object => {
    const { versioning } = s3.bucketAt(Bucket, region);
    return versioning === undefined ? {} : { Status: versioning };
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export const putBucketVersioning =
  (s3: Store) =>
  (input: PutBucketVersioningCommandInput, { region }: Call): object => {
    const bucket = s3.bucketAt(input.Bucket, region);
    const status = input.VersioningConfiguration?.Status;
    if (status === "Suspended" && (bucket.objectLock !== undefined || bucket.replication.length > 0)) {
      throw new AwsError(
        "InvalidBucketState",
        "Versioning cannot be suspended on a bucket with Object Lock or a replication configuration.",
        409,
      );
    }
    bucket.versioning = status;
    return {};
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html */
export const getBucketReplication =
  (s3: Store) =>
  (
    { Bucket }: GetBucketReplicationCommandInput,
    { region }: Call,
  ): Omit<GetBucketReplicationCommandOutput, "$metadata"> => {
    const bucket = s3.bucketAt(Bucket, region);
    if (bucket.replication.length === 0) {
      throw new AwsError(
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
        404,
      );
    }
    return {
      ReplicationConfiguration: {
        Role: `arn:aws:iam::${s3.world.accountId}:role/s3-replication`,
        Rules: bucket.replication.map((rule, index) => ({
          ID: rule.id,
          Priority: index,
          Filter: { Prefix: rule.prefix },
          Status: rule.enabled ? "Enabled" : "Disabled",
          DeleteMarkerReplication: { Status: rule.deleteMarkers ? "Enabled" : "Disabled" },
          Destination: {
            Bucket: `arn:aws:s3:::${rule.destinationBucket}`,
            Metrics: { Status: "Enabled", EventThreshold: { Minutes: 15 } },
            ReplicationTime: { Status: "Enabled", Time: { Minutes: 15 } },
          },
        })),
      },
    };
  };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html */
export const getObjectLockConfiguration =
  (s3: Store) =>
  (
    { Bucket }: GetObjectLockConfigurationCommandInput,
    { region }: Call,
  ): Omit<GetObjectLockConfigurationCommandOutput, "$metadata"> => {
    const { objectLock } = s3.bucketAt(Bucket, region);
    if (objectLock === undefined) {
      throw new AwsError(
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
        404,
      );
    }
    return {
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        ...(objectLock === "without-default"
          ? {}
          : { Rule: { DefaultRetention: { Mode: objectLock.mode, Days: objectLock.days } } }),
      },
    };
  };
