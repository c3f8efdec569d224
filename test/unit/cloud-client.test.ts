import { describe, expect, it } from "vitest";
import { createWorkloadApplication } from "@lifeboat/cloud/client/application";
import {
  commitsOnDeadTimelines,
  dataLoss,
  interleavedWrites,
  longestOutage,
  outages,
  recordCommits,
  sequencesIn,
} from "@lifeboat/cloud/client/judge";
import { acknowledged, type WriteRow } from "@lifeboat/cloud/client/rows";
import { createWorkloadClient } from "@lifeboat/cloud/client/workload-client";
import { createDatabases } from "@lifeboat/cloud/database/databases";
import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import { createEcs } from "@lifeboat/cloud/services/ecs/ecs";
import { createLoadBalancer, type LoadBalancer } from "@lifeboat/cloud/services/elb/load-balancer";
import { createRds } from "@lifeboat/cloud/services/rds/rds";
import { createRoute53 } from "@lifeboat/cloud/services/route-53/route-53";
import { caller } from "./cloud-call.ts";

const IRELAND = "eu-west-1";
const PARIS = "eu-west-3";
const MINUTE_MS = 60_000;
const NAME = "spacelift.example.com";

/** A workload in two regions behind one name whose traffic follows a switch in Paris, and a client who writes all the time. */
const createWorkload = (seed: number | string) => {
  const world = createWorld({
    seed,
    startMs: Date.UTC(2026, 10, 3, 9),
    accountId: "111122223333",
    regions: [IRELAND, PARIS],
  });
  const databases = createDatabases(world);
  const rds = createRds(world, { databases });
  const global = rds.createGlobalCluster({
    identifier: "spacelift",
    engineVersion: "16.6",
    primary: { identifier: "ireland", region: IRELAND },
    secondaries: [{ identifier: "paris", region: PARIS }],
  });
  const [ireland, paris] = [rds.cluster(IRELAND, "ireland"), rds.cluster(PARIS, "paris")];
  const ecs = createEcs(world);
  const application = createWorkloadApplication({
    databases,
    writerEndpoint: (region) => rds.cluster(region, region === IRELAND ? "ireland" : "paris").writerEndpoint,
    user: "spacelift",
    table: "writes",
  });
  const balancers = new Map<string, LoadBalancer>();
  for (const [region, desiredCount] of [
    [IRELAND, 2],
    [PARIS, 0],
  ] as const) {
    const service = { region, cluster: "spacelift", service: "server" };
    ecs.createService({ ...service, desiredCount, taskDefinition: "server:1" });
    balancers.set(region, createLoadBalancer(world, ecs, { ...service, name: "spacelift", application }));
  }
  const hostOf = (region: string): string => balancers.get(region)?.host ?? "";
  const route53 = createRoute53(world);
  const traffic = { on: false };
  world.fabric.listen("switch.s3.eu-west-3.amazonaws.com", PARIS, () =>
    traffic.on ? { status: 200, body: "on" } : { status: 404, body: "" },
  );
  route53.createHealthCheck({
    id: "standby-takes-over",
    startsHealthy: false,
    config: {
      Type: "HTTPS",
      FullyQualifiedDomainName: "switch.s3.eu-west-3.amazonaws.com",
      ResourcePath: "/switch",
      RequestInterval: 10,
      FailureThreshold: 1,
      Inverted: true,
    },
  });
  const alias = (region: string) => ({
    HostedZoneId: "Z1",
    DNSName: hostOf(region),
    EvaluateTargetHealth: false,
  });
  route53.createHostedZone({
    id: "ZEXAMPLE",
    name: "example.com",
    records: [
      {
        Name: NAME,
        Type: "A",
        SetIdentifier: "ireland",
        Failover: "PRIMARY",
        HealthCheckId: "standby-takes-over",
        AliasTarget: alias(IRELAND),
      },
      { Name: NAME, Type: "A", SetIdentifier: "paris", Failover: "SECONDARY", AliasTarget: alias(PARIS) },
    ],
  });
  const client = createWorkloadClient(world, { name: NAME, resolve: route53.resolve });
  const commits = recordCommits([ireland.database, paris.database], "writes");
  const run = (ms: number): Promise<void> => world.clock.run({ untilMs: world.clock.nowMs() + ms });
  return { world, rds, ecs, traffic, client, commits, global, ireland, paris, run };
};

describe("a client who writes all the time", () => {
  it("gets every write through, to one region, while nothing is wrong", async () => {
    const { client, run, commits, ireland } = createWorkload(1);
    client.start();
    await run(5 * MINUTE_MS);
    client.stop();
    await run(MINUTE_MS);
    const rows = client.rows();
    expect(rows.length).toBeGreaterThan(550);
    expect(acknowledged(rows)).toHaveLength(rows.length);
    expect(outages(rows)).toEqual([]);
    expect(dataLoss(rows, sequencesIn(ireland.database, "writes")).missing).toEqual([]);
    expect(commitsOnDeadTimelines(commits)).toEqual([]);
  });

  it("sees the loss of a region as an outage that ends when database, tasks and traffic are in the other one", async () => {
    const { world, client, run, rds, ecs, traffic, paris, commits } = createWorkload(2);
    client.start();
    await run(2 * MINUTE_MS);
    const lostAtMs = world.clock.nowMs();
    world.network.lose(IRELAND);
    await run(MINUTE_MS);
    caller(rds)(PARIS, "FailoverGlobalCluster", {
      GlobalClusterIdentifier: "spacelift",
      TargetDbClusterIdentifier: paris.arn,
      AllowDataLoss: true,
    });
    await run(6 * MINUTE_MS);
    caller(ecs)(PARIS, "UpdateService", { cluster: "spacelift", service: "server", desiredCount: 2 });
    await run(2 * MINUTE_MS);
    traffic.on = true;
    const shiftedAtMs = world.clock.nowMs();
    await run(3 * MINUTE_MS);
    client.stop();
    await run(MINUTE_MS);

    const rows = client.rows();
    const outage = longestOutage(rows);
    expect(outage?.onsetMs).toBeGreaterThan(lostAtMs - 3000);
    expect(outage?.onsetMs).toBeLessThan(lostAtMs + 1000);
    // Health check interval, publication and what was left of the TTL of a minute.
    expect(outage?.backAtMs).toBeGreaterThan(shiftedAtMs);
    expect(outage?.backAtMs).toBeLessThan(shiftedAtMs + 90_000);
    expect(acknowledged(rows).at(-1)?.region).toBe(PARIS);

    const loss = dataLoss(rows, sequencesIn(paris.database, "writes"));
    expect(loss.spanMs.max).toBeLessThan(3000);
    expect(loss.missing.every(({ region }) => region === IRELAND)).toBe(true);
    expect(commitsOnDeadTimelines(commits)).toEqual([]);
    expect(interleavedWrites(rows)).toEqual([]);
  });

  it("is itself the same twice with one seed", async () => {
    const trace = async (): Promise<unknown> => {
      const { client, run, world } = createWorkload("same");
      client.start();
      await run(MINUTE_MS);
      world.network.lose(IRELAND);
      await run(MINUTE_MS);
      return client.rows();
    };
    expect(await trace()).toEqual(await trace());
  });
});

describe("the judges of a client's rows", () => {
  const row = (sequence: number, region?: string): WriteRow => ({
    sequence,
    sentAtMs: sequence * 500,
    outcome:
      region === undefined
        ? { type: "failed", atMs: sequence * 500 + 2000, reason: "timeout" }
        : { type: "acknowledged", atMs: sequence * 500 + 50, region, status: 200 },
  });

  it("measure an outage from the first write that failed to the first that was acknowledged", () => {
    const rows = [row(1, IRELAND), row(2), row(3), row(4, PARIS), row(5, PARIS), row(6)];
    expect(outages(rows)).toEqual([
      { onsetMs: 1000, lastAcknowledgedAtMs: 550, backAtMs: 2050, failedWrites: 2 },
      { onsetMs: 3000, lastAcknowledgedAtMs: 2550, backAtMs: undefined, failedWrites: 1 },
    ]);
    expect(longestOutage(rows)?.onsetMs).toBe(3000);
  });

  it("count as lost what was acknowledged and did not survive, and give the loss as an interval", () => {
    const rows = [row(1, IRELAND), row(2, IRELAND), row(3, IRELAND), row(4), row(5, PARIS)];
    const { missing, spanMs } = dataLoss(rows, new Set([1, 5]));
    expect(missing.map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect(spanMs).toEqual({ min: 500, max: 1000 });
  });

  it("find two regions that acknowledge in turns, and take a failback for none", () => {
    const turns = [row(1, IRELAND), row(2, PARIS), row(3, IRELAND), row(4, PARIS)];
    expect(interleavedWrites(turns).map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect(interleavedWrites([row(1, IRELAND), row(2, PARIS), row(3, PARIS), row(100, IRELAND)])).toEqual([]);
  });

  it("find commits on a timeline that a promotion has left behind", () => {
    const commit = (atMs: number, timeline: number) => ({ atMs, timeline, region: "r", key: `${atMs}` });
    expect(commitsOnDeadTimelines([commit(1, 1), commit(2, 2), commit(3, 1), commit(4, 2)])).toEqual([
      commit(3, 1),
    ]);
  });
});
