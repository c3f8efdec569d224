import { describe, expect, it } from "vitest";
import {
  createGlobalDatabase as setup,
  IRELAND,
  MINUTE_MS,
  PARIS,
  sequences,
  TO_PARIS,
  writeRows,
} from "./cloud-rds-world.ts";

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

  it("shows how things stood a while ago where a scenario asks for that", async () => {
    const at = setup(1, { staleDescribeChance: 0.5, staleDescribeMs: 30_000 });
    await at.run(MINUTE_MS);
    at.call(PARIS, "FailoverGlobalCluster", { ...TO_PARIS, AllowDataLoss: true });
    const seen = Array.from({ length: 40 }, () => {
      const reply = at.call(PARIS, "DescribeGlobalClusters", {}) as { GlobalClusters: { Status: string }[] };
      return reply.GlobalClusters[0]?.Status;
    });
    expect(new Set(seen)).toEqual(new Set(["available", "failing-over"]));
  });
});
