import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { LedgerPlace } from "@lifeboat/operations/ports";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { clientFor, type Connection } from "./connection.ts";
import { callAws, failureOf } from "./failures.ts";
import { s3For } from "./s3-ledger.ts";

/**
 * The environment of a deployed function in the connection's region: what a stack was deployed with. Null: there is no such
 * function. Throws `AwsUnavailable` and `AwsRejected`.
 */
export const functionEnvironment = async (
  connection: Connection,
  functionName: string,
): Promise<Readonly<Record<string, string>> | null> =>
  callAws("GetFunctionConfiguration", async () => {
    const lambda = clientFor(
      connection,
      "lambda",
      connection.region,
      (settings) => new LambdaClient(settings),
    );
    try {
      const { Environment } = await lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: functionName }),
      );
      return Environment?.Variables ?? {};
    } catch (error) {
      if (failureOf(error).name === "ResourceNotFoundException") return null;
      throw error;
    }
  });

/**
 * The newest records of recoveries in a site's ledger bucket, newest first. Records are created once and never replaced, so
 * that S3's own time of each orders them. Throws `AwsUnavailable` and `AwsRejected`.
 */
export const newestRecords = async (
  connection: Connection,
  place: LedgerPlace,
  workload: string,
  count: number,
): Promise<readonly RecoveryRecord[]> =>
  callAws("reading the records of recoveries", async () => {
    const s3 = s3For(connection, place.region);
    const found: { readonly key: string; readonly atMs: number }[] = [];
    let token: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket: place.bucket,
          Prefix: `${workload}/records/`,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      for (const { Key, LastModified } of page.Contents ?? [])
        if (Key !== undefined) found.push({ key: Key, atMs: LastModified?.getTime() ?? 0 });
      token = page.NextContinuationToken;
    } while (token !== undefined);
    const newest = found.toSorted((left, right) => right.atMs - left.atMs).slice(0, count);
    return Promise.all(
      newest.map(async ({ key }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: key }));
        return JSON.parse((await Body?.transformToString()) ?? "null") as RecoveryRecord;
      }),
    );
  });
