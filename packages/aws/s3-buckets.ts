import {
  DeleteObjectCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { Buckets, TrafficPort } from "@lifeboat/operations/ports";
import type { Connection } from "./connection.ts";
import { callAws, callAwsForOne, failureOf } from "./failures.ts";
import { s3For } from "./s3-ledger.ts";

export const createBuckets = (connection: Connection): Buckets => ({
  async replication(region, bucket) {
    const client = s3For(connection, region);
    const versioning = await callAwsForOne("GetBucketVersioning", ["NoSuchBucket"], () =>
      client.send(new GetBucketVersioningCommand({ Bucket: bucket })),
    );
    if (versioning === null) return null;
    const replication = await callAwsForOne(
      "GetBucketReplication",
      ["ReplicationConfigurationNotFoundError"],
      () => client.send(new GetBucketReplicationCommand({ Bucket: bucket })),
    );
    const rules = replication?.ReplicationConfiguration?.Rules ?? [];
    return {
      versioned: versioning.Status === "Enabled",
      enabledRules: rules.filter((rule) => rule.Status === "Enabled").length,
    };
  },
});

/** The switch objects that Route 53's health checks watch over HTTPS. */
export const createSwitches = (
  connection: Connection,
): Pick<TrafficPort, "readSwitch" | "setSwitch" | "clearSwitch"> => ({
  readSwitch: (region, bucket, key) =>
    callAws("HeadObject of a switch", async () => {
      try {
        await s3For(connection, region).send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return "present";
      } catch (error) {
        if (failureOf(error).status === 404) return "absent";
        throw error;
      }
    }),
  async setSwitch(region, bucket, key, body) {
    await callAws("PutObject of a switch", () =>
      s3For(connection, region).send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }),
      ),
    );
  },
  async clearSwitch(region, bucket, key) {
    await callAws("DeleteObject of a switch", () =>
      s3For(connection, region).send(new DeleteObjectCommand({ Bucket: bucket, Key: key })),
    );
  },
});
