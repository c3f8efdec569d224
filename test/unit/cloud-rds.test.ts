import { describe, expect, it } from "vitest";
import { createDatabases, type Databases } from "@lifeboat/cloud/database/databases";
import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import type { World } from "@lifeboat/cloud/kernel/world";
import { createRds, type Rds } from "@lifeboat/cloud/services/rds/rds";
import type { RdsFaults } from "@lifeboat/cloud/services/rds/context";
import { caller } from "./cloud-call.ts";

const IRELAND = "eu-west-1";
const PARIS = "eu-west-3";
const MINUTE_MS = 60_000;

interface Setup {
  readonly world: World;
  readonly databases: Databases;
  readonly rds: Rds;
  readonly call: ReturnType<typeof caller>;
  readonly run: (ms: number) => Promise<void>;
}

const setup = (seed: number | string = 1, faults: RdsFaults = {}): Setup => {
  const world = createWorld({
    seed,
    startMs: Date.UTC(2026, 10, 3, 9),
    accountId: "111122223333",
    regions: [IRELAND, PARIS, "eu-central-1"],
  });
  const databases = createDatabases(world);
  const rds = createRds(world, { databases, faults });
  rds.createGlobalCluster({
    identifier: "spacelift",
    engineVersion: "16.6",
    primary: { identifier: "spacelift-ireland", region: IRELAND, kmsKeyId: "mrk-1" },
    secondaries: [{ identifier: "spacelift-paris", region: PARIS, kmsKeyId: "mrk-1" }],
  });
  return {
    world,
    databases,
    rds,
    call: caller(rds),
    run: (ms) => world.clock.run({ untilMs: world.clock.nowMs() + ms }),
  };
};

const arn = (region: string, name: string): string => `arn:aws:rds:${region}:111122223333:cluster:${name}`;
const TO_PARIS = {
  GlobalClusterIdentifier: "spacelift",
  TargetDbClusterIdentifier: arn(PARIS, "spacelift-paris"),
};

/** Writes rows 1, 2, … every `everyMs` through one session and keeps the numbers that were acknowledged. */
const writeRows = async (
  { world, databases, rds }: Setup,
  count: number,
  everyMs = 100,
): Promise<number[]> => {
  const acknowledged: number[] = [];
  const session = await databases.connect({
    from: IRELAND,
    host: rds.cluster(IRELAND, "spacelift-ireland").writerEndpoint,
    user: "app",
    applicationName: "test",
    timeoutMs: 2000,
  });
  for (let sequence = 1; sequence <= count; sequence++) {
    await session.insert("canary", { sequence }).then(
      () => acknowledged.push(sequence),
      () => undefined,
    );
    await world.clock.sleep(everyMs);
  }
  return acknowledged;
};

const sequences = (rds: Rds, region: string, name: string): number[] =>
  rds
    .cluster(region, name)
    .database.volume()
    .rows("canary")
    .map(({ row }) => Number(row["sequence"]));

describe("an Aurora global database", () => {
  it("replicates to its secondary within about a second, and says how far behind it is", async () => {
    const at = setup();
    const writing = writeRows(at, 20);
    await at.run(2000);
    const behind = sequences(at.rds, PARIS, "spacelift-paris").length;
    expect(behind).toBeGreaterThan(5);
    expect(behind).toBeLessThan(20);
    await at.run(5000);
    await expect(writing).resolves.toHaveLength(20);
    expect(sequences(at.rds, PARIS, "spacelift-paris")).toHaveLength(20);
  });

  it("refuses writes on the secondary, and gives its writer endpoint no address", async () => {
    const at = setup();
    const paris = at.rds.cluster(PARIS, "spacelift-paris");
    const options = { from: PARIS, user: "app", applicationName: "test", timeoutMs: 2000 };
    const reading = at.databases.connect({ ...options, host: paris.readerEndpoint });
    const writing = at.databases
      .connect({ ...options, host: paris.writerEndpoint })
      .catch((error: unknown) => error);
    await at.run(1000);
    const session = await reading;
    const refusal = session.insert("canary", { sequence: 1 }).catch((error: unknown) => error);
    const isReadOnly = session.isReadOnly();
    await at.run(1000);
    expect(await isReadOnly).toBe(true);
    expect(await refusal).toMatchObject({ code: "25006" });
    expect(await writing).toMatchObject({ code: "08001" });
  });

  it("promotes the secondary after the loss of the primary's region and loses only what had not arrived", async () => {
    const at = setup();
    const writing = writeRows(at, 1000, 50);
    await at.run(10_000);
    at.world.network.lose(IRELAND);
    await at.run(MINUTE_MS);
    const reply = at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
    expect(reply).toMatchObject({
      GlobalCluster: {
        Status: "failing-over",
        FailoverState: { Status: "pending", IsDataLossAllowed: true },
      },
    });
    await at.run(110_000);
    expect(at.call(PARIS, "DescribeGlobalClusters", {})).toMatchObject({
      GlobalClusters: [{ Status: "failing-over", FailoverState: { Status: "failing-over" } }],
    });
    await at.run(230_000);
    expect(at.call(PARIS, "DescribeGlobalClusters", {})).toMatchObject({
      GlobalClusters: [
        {
          Status: "available",
          GlobalClusterMembers: [
            {
              DBClusterArn: arn(IRELAND, "spacelift-ireland"),
              IsWriter: false,
              SynchronizationStatus: "pending-resync",
            },
            { DBClusterArn: arn(PARIS, "spacelift-paris"), IsWriter: true },
          ],
        },
      ],
    });
    const acknowledged = at.rds.cluster(IRELAND, "spacelift-ireland").database.volume().position();
    const survived = sequences(at.rds, PARIS, "spacelift-paris");
    expect(survived).toEqual(Array.from(survived, (_, index) => index + 1));
    expect(acknowledged - survived.length).toBeGreaterThan(0);
    expect(acknowledged - survived.length).toBeLessThan(40);
    const paris = at.rds.cluster(PARIS, "spacelift-paris");
    expect(paris.database.mode()).toBe("read-write");
    expect(at.databases.at(paris.writerEndpoint)).toBe(paris.database);
    await at.run(30 * MINUTE_MS);
    await writing;
  });

  it("says in its events that the attempt to stop writes on a lost primary timed out", async () => {
    const at = setup();
    at.world.network.lose(IRELAND);
    await at.run(1000);
    at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
    await at.run(6 * MINUTE_MS);
    const { Events } = at.call(PARIS, "DescribeEvents", { SourceType: "db-cluster" }) as {
      Events: { Message: string }[];
    };
    expect(Events.map(({ Message }) => Message)).toEqual([
      expect.stringContaining("timed out"),
      "Global failover to DB cluster spacelift-paris in Region eu-west-3 completed.",
    ]);
  });

  it("stops writes on a primary that it can reach, ends its sessions, and says so there", async () => {
    const at = setup();
    const writing = writeRows(at, 400, 100);
    await at.run(5000);
    at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
    await at.run(40_000);
    expect((await writing).length).toBeLessThan(400);
    expect(at.rds.cluster(IRELAND, "spacelift-ireland").database.mode()).toBe("fenced");
    const { Events } = at.call(IRELAND, "DescribeEvents", {}) as { Events: { Message: string }[] };
    expect(Events.map(({ Message }) => Message)).toEqual([expect.stringContaining("writes were stopped")]);
  });

  it("keeps the old volume as an automated snapshot and rebuilds the old primary when its region is back", async () => {
    const at = setup();
    const writing = writeRows(at, 200, 50);
    await at.run(5000);
    at.world.network.lose(IRELAND);
    await at.run(1000);
    at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
    await at.run(10 * MINUTE_MS);
    await writing;
    const lost = at.rds.cluster(IRELAND, "spacelift-ireland").database.volume().position();
    at.world.network.restore(IRELAND);
    await at.run(7 * MINUTE_MS);
    const { DBClusterSnapshots: automated } = at.call(IRELAND, "DescribeDBClusterSnapshots", {
      SnapshotType: "automated",
    }) as { DBClusterSnapshots: { DBClusterSnapshotIdentifier: string; Status: string }[] };
    expect(automated).toMatchObject([
      {
        DBClusterSnapshotIdentifier: expect.stringMatching(
          /^rds:unplanned-global-failover-spacelift-ireland-2026-11-03-09-\d\d$/,
        ),
        Status: "available",
      },
    ]);
    expect(at.rds.snapshots(IRELAND)[0]?.volume.position()).toBe(lost);
    at.call(IRELAND, "CopyDBClusterSnapshot", {
      SourceDBClusterSnapshotIdentifier: automated[0]?.DBClusterSnapshotIdentifier,
      TargetDBClusterSnapshotIdentifier: "kept-for-good",
    });
    await at.run(20 * MINUTE_MS);
    expect(at.call(IRELAND, "DescribeDBClusterSnapshots", { SnapshotType: "manual" })).toMatchObject({
      DBClusterSnapshots: [{ DBClusterSnapshotIdentifier: "kept-for-good", Status: "available" }],
    });
    expect(at.call(IRELAND, "DescribeGlobalClusters", {})).toMatchObject({
      GlobalClusters: [
        {
          GlobalClusterMembers: [{ IsWriter: false, SynchronizationStatus: "connected" }, { IsWriter: true }],
        },
      ],
    });
    expect(sequences(at.rds, IRELAND, "spacelift-ireland")).toEqual(
      sequences(at.rds, PARIS, "spacelift-paris"),
    );
    await at.run(8 * 24 * 60 * MINUTE_MS);
    expect(at.rds.snapshots(IRELAND).map(({ identifier }) => identifier)).toEqual(["kept-for-good"]);
  });

  it("switches over without losing a row", async () => {
    const at = setup();
    const writing = writeRows(at, 2000, 50);
    await at.run(5000);
    at.call(IRELAND, "SwitchoverGlobalCluster", TO_PARIS);
    await at.run(5 * MINUTE_MS);
    const acknowledged = await writing;
    expect(acknowledged.length).toBeLessThan(2000);
    expect(sequences(at.rds, PARIS, "spacelift-paris")).toEqual(expect.arrayContaining(acknowledged));
    expect(at.call(IRELAND, "DescribeGlobalClusters", {})).toMatchObject({
      GlobalClusters: [
        { Status: "available", GlobalClusterMembers: [{ IsWriter: false }, { IsWriter: true }] },
      ],
    });
    expect(at.rds.cluster(IRELAND, "spacelift-ireland").database.mode()).toBe("read-only");
  });

  it("gives a switchover up, with the old writer open again, when the path between the regions is cut", async () => {
    const at = setup();
    at.call(IRELAND, "SwitchoverGlobalCluster", TO_PARIS);
    at.world.network.cut(IRELAND, PARIS);
    await at.run(5 * MINUTE_MS);
    expect(at.rds.cluster(IRELAND, "spacelift-ireland").database.mode()).toBe("read-write");
    expect(at.rds.cluster(PARIS, "spacelift-paris").database.mode()).toBe("read-only");
    expect(at.call(IRELAND, "DescribeGlobalClusters", {})).toMatchObject({
      GlobalClusters: [{ Status: "available" }],
    });
  });

  it("refuses a failover that is called elsewhere, twice, on the writer, or with both flags", () => {
    const at = setup();
    const fail = (region: string, input: object) => () => at.call(region, "FailoverGlobalCluster", input);
    expect(fail(IRELAND, { ...TO_PARIS, AllowDataLoss: true })).toThrow(
      expect.objectContaining({ code: "DBClusterNotFoundFault", status: 404 }),
    );
    expect(fail("eu-central-1", { ...TO_PARIS, AllowDataLoss: true })).toThrow(
      expect.objectContaining({ code: "GlobalClusterNotFoundFault" }),
    );
    expect(fail(PARIS, { ...TO_PARIS, AllowDataLoss: true, Switchover: true })).toThrow(
      expect.objectContaining({ code: "InvalidParameterCombination" }),
    );
    expect(
      fail(IRELAND, {
        ...TO_PARIS,
        TargetDbClusterIdentifier: arn(IRELAND, "spacelift-ireland"),
        AllowDataLoss: true,
      }),
    ).toThrow(expect.objectContaining({ code: "InvalidDBClusterStateFault" }));
    fail(PARIS, { ...TO_PARIS, AllowDataLoss: true })();
    expect(fail(PARIS, { ...TO_PARIS, AllowDataLoss: true })).toThrow(
      expect.objectContaining({ code: "InvalidGlobalClusterStateFault" }),
    );
  });

  it("refuses a switchover while the primary's region is lost", async () => {
    const at = setup();
    at.world.network.lose(IRELAND);
    await at.run(1000);
    expect(() => at.call(PARIS, "SwitchoverGlobalCluster", TO_PARIS)).toThrow(
      expect.objectContaining({ code: "InvalidGlobalClusterStateFault" }),
    );
  });

  it("publishes lag in the secondary's region while changes flow, and nothing once the primary is lost", async () => {
    const at = setup();
    const seen: { region: string; metric: string }[] = [];
    at.world.onMeasure((region, { metricName }) => seen.push({ region, metric: metricName }));
    await at.run(3 * MINUTE_MS);
    expect(seen).toContainEqual({ region: PARIS, metric: "AuroraGlobalDBReplicationLag" });
    expect(seen).toContainEqual({ region: IRELAND, metric: "AuroraGlobalDBRPOLag" });
    at.world.network.lose(IRELAND);
    seen.length = 0;
    await at.run(5 * MINUTE_MS);
    expect(seen).toEqual([]);
  });

  it("runs the same way twice with one seed", async () => {
    const trace = async (): Promise<unknown> => {
      const at = setup("again");
      const events: unknown[] = [];
      at.world.onEmit((region, event) => events.push([region, event]));
      const writing = writeRows(at, 100, 50);
      await at.run(3000);
      at.world.network.lose(IRELAND);
      at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
      await at.run(10 * MINUTE_MS);
      await writing;
      return [events, at.rds.cluster(PARIS, "spacelift-paris").database.volume().log()];
    };
    const first = await trace();
    expect(await trace()).toEqual(first);
    expect(first).toMatchObject([[expect.anything(), expect.anything()], expect.anything()]);
  });
});
