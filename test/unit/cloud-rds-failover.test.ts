import { describe, expect, it } from "vitest";
import {
  arn,
  createGlobalDatabase as setup,
  IRELAND,
  MINUTE_MS,
  PARIS,
  sequences,
  TO_PARIS,
  writeRows,
} from "./cloud-rds-world.ts";

describe("a failover of an Aurora global database", () => {
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

  it("never ends where it stands still for good, and its role stays where it was", async () => {
    const at = setup();
    at.world.faults.stall = (region, operation) =>
      region === PARIS && operation === "failover" ? { stallsMs: null, ends: "completes" } : undefined;
    at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
    await at.run(1440 * MINUTE_MS);
    expect(at.call(PARIS, "DescribeGlobalClusters", {})).toMatchObject({
      GlobalClusters: [{ Status: "failing-over", FailoverState: { Status: "failing-over" } }],
    });
    expect(at.rds.cluster(PARIS, "spacelift-paris").database.mode()).toBe("read-only");
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

  it("can be failed over again, the other way, once the old primary has been rebuilt", async () => {
    const at = setup();
    const { world, call, run, rds } = at;
    at.databases.bind("writer", () => rds.global("spacelift").writer.database);
    world.network.lose(IRELAND);
    call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
    await run(6 * MINUTE_MS);
    world.network.restore(IRELAND);
    await run(30 * MINUTE_MS);
    const session = at.databases.connect({
      from: PARIS,
      host: "writer",
      user: "app",
      applicationName: "test",
    });
    await run(1000);
    await Promise.all([(await session).insert("canary", { sequence: 1 }), run(5000)]);
    expect(sequences(rds, IRELAND, "spacelift-ireland")).toEqual([1]);
    world.network.lose(PARIS);
    const toIreland = {
      GlobalClusterIdentifier: "spacelift",
      TargetDbClusterIdentifier: arn(IRELAND, "spacelift-ireland"),
    };
    call(IRELAND, "FailoverGlobalCluster", { ...toIreland, AllowDataLoss: true });
    await run(6 * MINUTE_MS);
    const ireland = rds.cluster(IRELAND, "spacelift-ireland");
    expect(ireland.database.mode()).toBe("read-write");
    expect(ireland.database.volume().timeline()).toBe(3);
    expect(sequences(rds, IRELAND, "spacelift-ireland")).toEqual([1]);
  });

  it("refuses a target that is being rebuilt, has no instance, or runs another engine version", async () => {
    const at = setup();
    at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
    await at.run(10 * MINUTE_MS);
    const invalid = expect.objectContaining({ code: "InvalidDBClusterStateFault" });
    const back = {
      GlobalClusterIdentifier: "spacelift",
      TargetDbClusterIdentifier: arn(IRELAND, "spacelift-ireland"),
    };
    expect(() => at.call(IRELAND, "FailoverGlobalCluster", { ...back, AllowDataLoss: true })).toThrow(
      invalid,
    );
    for (const [identifier, odd] of [
      ["headless", { instanceCount: 0 }],
      ["older", { engineVersion: "16.4" }],
    ] as const) {
      at.rds.createGlobalCluster({
        identifier,
        engineVersion: "16.6",
        primary: { identifier: `${identifier}-a`, region: IRELAND },
        secondaries: [{ identifier: `${identifier}-b`, region: PARIS, ...odd }],
      });
      const input = {
        GlobalClusterIdentifier: identifier,
        TargetDbClusterIdentifier: arn(PARIS, `${identifier}-b`),
        AllowDataLoss: true,
      };
      expect(() => at.call(PARIS, "FailoverGlobalCluster", input)).toThrow(invalid);
    }
  });

  it("finishes a failover whose target's region was lost on the way when that is back", async () => {
    const at = setup();
    at.world.network.lose(IRELAND);
    at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
    await at.run(MINUTE_MS);
    at.world.network.lose(PARIS);
    await at.run(20 * MINUTE_MS);
    at.world.network.restore(PARIS);
    expect(at.call(PARIS, "DescribeGlobalClusters", {})).toMatchObject({
      GlobalClusters: [{ Status: "failing-over" }],
    });
    await at.run(6 * MINUTE_MS);
    expect(at.call(PARIS, "DescribeGlobalClusters", {})).toMatchObject({
      GlobalClusters: [
        { Status: "available", GlobalClusterMembers: [{ IsWriter: false }, { IsWriter: true }] },
      ],
    });
    expect(at.rds.cluster(PARIS, "spacelift-paris").database.isRunning()).toBe(true);
  });

  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    "ends with equal copies whenever the lost region comes back (seed %i)",
    async (seed) => {
      const at = setup(`sweep-${seed}`);
      const chance = at.world.random.stream("test");
      const writing = writeRows(at, 600, 50);
      await at.run(chance.integer(1000, 20_000));
      at.world.network.lose(IRELAND);
      await at.run(chance.integer(1000, 60_000));
      at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
      await at.run(chance.integer(1000, 10 * MINUTE_MS));
      const before = sequences(at.rds, PARIS, "spacelift-paris");
      at.world.network.restore(IRELAND);
      await at.run(40 * MINUTE_MS);
      await writing;
      expect(at.call(IRELAND, "DescribeGlobalClusters", {})).toMatchObject({
        GlobalClusters: [
          {
            Status: "available",
            GlobalClusterMembers: [{ SynchronizationStatus: "connected" }, { IsWriter: true }],
          },
        ],
      });
      expect(sequences(at.rds, PARIS, "spacelift-paris")).toEqual(before);
      expect(sequences(at.rds, IRELAND, "spacelift-ireland")).toEqual(before);
      expect(at.rds.snapshots(IRELAND)).toMatchObject([{ type: "automated", status: "available" }]);
    },
  );

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
