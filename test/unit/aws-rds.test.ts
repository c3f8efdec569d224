import {
  CreateDBClusterSnapshotCommand,
  RDSClient,
  SwitchoverGlobalClusterCommand,
} from "@aws-sdk/client-rds";
import type { Connection } from "@lifeboat/aws/connection";
import { createDatabases } from "@lifeboat/aws/rds";
import { createDatabases as createSimulatedDatabases } from "@lifeboat/cloud/database/databases";
import { createRds } from "@lifeboat/cloud/services/rds/rds";
import { describe, expect, it } from "vitest";
import { ACCOUNT, createAccount, IRELAND, PARIS } from "./cloud-account.ts";

const TEN_MINUTES_MS = 600_000;
/** RDS describes so many things at a time: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const A_PAGE = 100;

const createPlace = () => {
  const account = createAccount({
    models: (world) => {
      const model = createRds(world, { databases: createSimulatedDatabases(world) });
      model.createGlobalCluster({
        identifier: "spacelift",
        engineVersion: "17.5",
        primary: { identifier: "spacelift-ireland", region: IRELAND, kmsKeyId: "mrk-1" },
        secondaries: [{ identifier: "spacelift-paris", region: PARIS, kmsKeyId: "mrk-1" }],
      });
      return [model];
    },
  });
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  const connection: Connection = {
    region: PARIS,
    credentials,
    requestHandler: ({ timeoutMs }) => account.cloud.connect({ region: PARIS, timeoutMs }),
  };
  const rds = (region: string): RDSClient =>
    new RDSClient({
      region,
      credentials,
      requestHandler: account.cloud.connect({ region: PARIS, timeoutMs: 5000 }),
    });
  return { account, rds, databases: createDatabases(connection) };
};

describe("the adapter for databases", () => {
  it("tells of every snapshot of a cluster, however many pages that is", async () => {
    const { account, rds, databases } = createPlace();
    const snapshots = await account.run(async () => {
      for (let number = 0; number <= A_PAGE; number++) {
        await rds(PARIS).send(
          new CreateDBClusterSnapshotCommand({
            DBClusterIdentifier: "spacelift-paris",
            DBClusterSnapshotIdentifier: `before-${number}`,
          }),
        );
      }
      return databases.snapshots(PARIS, "spacelift-paris");
    });
    expect(new Set(snapshots.map(({ id }) => id)).size).toBe(A_PAGE + 1);
    account.expectConformance();
  });

  it("tells of the newest event of a cluster on which much has happened, and leaves out what is too old", async () => {
    const { account, rds, databases } = createPlace();
    const clusters = [
      [PARIS, `arn:aws:rds:${PARIS}:${ACCOUNT}:cluster:spacelift-paris`],
      [IRELAND, `arn:aws:rds:${IRELAND}:${ACCOUNT}:cluster:spacelift-ireland`],
    ] as const;
    const all = () => databases.events(PARIS, "spacelift-paris", 0);
    let events: Awaited<ReturnType<typeof all>> = [];
    for (let round = 0; events.length <= A_PAGE && round < A_PAGE; round++) {
      const [, target] = clusters[round % 2] ?? clusters[0];
      events = await account.run(async () => {
        await rds(round % 2 === 0 ? IRELAND : PARIS).send(
          new SwitchoverGlobalClusterCommand({
            GlobalClusterIdentifier: "spacelift",
            TargetDbClusterIdentifier: target,
          }),
        );
        await account.sleep(TEN_MINUTES_MS);
        return all();
      });
    }
    expect(events.length).toBeGreaterThan(A_PAGE);
    const lastMs = Math.max(...events.map(({ atMs }) => atMs));
    const newest = await account.run(() => databases.events(PARIS, "spacelift-paris", lastMs));
    expect(newest.map(({ atMs }) => atMs)).toEqual(newest.map(() => lastMs));
    expect(newest.length).toBeGreaterThan(0);
    account.expectConformance();
  });
});
