import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type {
  Clock,
  LedgerPlace,
  LedgerRead,
  LedgerStore,
  LedgerWrite,
  Records,
} from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAws, failureOf } from "./failures.ts";

export const s3For = (connection: Connection, region: string): S3Client =>
  clientFor(connection, "s3", region, (settings) => new S3Client(settings));

/** How long a version of the claim is kept from everybody: long enough for any review of a recovery. */
const CLAIM_RETENTION_MS = 365 * 24 * 3_600_000;

/**
 * Versions of the claim are locked one by one. A default of the bucket would lock the lease's thousands of versions a day as
 * well. S3 wants a checksum with a retention:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html#API_PutObject_RequestSyntax
 */
const lockOf = (key: string, clock: Pick<Clock, "nowMs">) =>
  key.endsWith("/claim")
    ? ({
        ObjectLockMode: "GOVERNANCE",
        ObjectLockRetainUntilDate: new Date(clock.nowMs() + CLAIM_RETENTION_MS),
        ChecksumAlgorithm: "CRC32",
      } as const)
    : {};

/**
 * The ledger on S3's conditional requests: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
 * A lost race answers 412 (or 409 while another write is in progress); so does a retry of one's own write that took effect.
 */
export const createLedgerStore = (connection: Connection, clock: Pick<Clock, "nowMs">): LedgerStore => {
  const put = async (
    place: LedgerPlace,
    key: string,
    body: unknown,
    condition: { IfMatch: string } | { IfNoneMatch: "*" },
  ): Promise<LedgerWrite> => {
    try {
      const { ETag } = await s3For(connection, place.region).send(
        new PutObjectCommand({
          Bucket: place.bucket,
          Key: key,
          Body: JSON.stringify(body),
          ContentType: "application/json",
          ...lockOf(key, clock),
          ...condition,
        }),
      );
      return ETag === undefined
        ? { type: "unknown", reason: "S3 answered without an ETag" }
        : { type: "written", etag: ETag };
    } catch (error) {
      const failure = failureOf(error);
      if (failure.status === 412 || failure.status === 409) return { type: "conflict" };
      return { type: "unknown", reason: `${failure.name}: ${failure.message}` };
    }
  };

  return {
    async read(place, key): Promise<LedgerRead> {
      try {
        const { Body, ETag } = await s3For(connection, place.region).send(
          new GetObjectCommand({ Bucket: place.bucket, Key: key }),
        );
        const text = await Body?.transformToString();
        if (text === undefined || ETag === undefined)
          return { type: "unreachable", reason: "S3 answered without a body or an ETag" };
        return { type: "found", body: parseJson(text), etag: ETag };
      } catch (error) {
        const failure = failureOf(error);
        if (failure.name === "NoSuchKey") return { type: "missing" };
        return { type: "unreachable", reason: `${failure.name}: ${failure.message}` };
      }
    },
    replace: (place, key, body, etag) => put(place, key, body, { IfMatch: etag }),
    create: (place, key, body) => put(place, key, body, { IfNoneMatch: "*" }),
  };
};

/** Null for what is not JSON; the ledger's own check then names the object. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
};

/** Records are objects that are created and never replaced: `<workload>/records/<execution name>.json`. */
export const createRecords = (connection: Connection): Records => {
  const create = (place: LedgerPlace, key: string, body: unknown): Promise<void> =>
    callAws("PutObject of a record", async () => {
      try {
        await s3For(connection, place.region).send(
          new PutObjectCommand({
            Bucket: place.bucket,
            Key: key,
            Body: JSON.stringify(body),
            ContentType: "application/json",
            IfNoneMatch: "*",
          }),
        );
      } catch (error) {
        // The record is there: an earlier call of this step wrote it, and its reply was lost.
        if (failureOf(error).status !== 412) throw error;
      }
    });
  return {
    append(place, record) {
      const name = record.execution.slice(record.execution.lastIndexOf(":") + 1);
      return create(place, `${record.workload}/records/${name}.json`, record);
    },
    appendProtection: (place, record) =>
      create(place, `${record.workload}/protection/e${record.epoch}.json`, record),
  };
};

/**
 * A published plan of a workload in this region, as text: the current one, or the one of a hash, which an execution keeps
 * to while another is published. Null: there is none.
 */
export const readPublishedPlan = async (
  connection: Connection,
  place: LedgerPlace,
  workload: string,
  hash: string | null,
): Promise<string | null> =>
  callAws("GetObject of the published plan", async () => {
    try {
      const { Body } = await s3For(connection, place.region).send(
        new GetObjectCommand({ Bucket: place.bucket, Key: planKey(workload, hash) }),
      );
      return (await Body?.transformToString()) ?? null;
    } catch (error) {
      if (failureOf(error).name === "NoSuchKey") return null;
      throw error;
    }
  });

/** Where a plan lies in the ledger's bucket of each place. Plans by hash stay, for executions that began with them. */
const planKey = (workload: string, hash: string | null): string =>
  hash === null ? `${workload}/plan.json` : `${workload}/plans/${hash}.json`;
