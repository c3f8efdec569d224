import { createDatabases, type Databases } from "@lifeboat/cloud/database/databases";
import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import type { World } from "@lifeboat/cloud/kernel/world";
import { createRds, type Rds } from "@lifeboat/cloud/services/rds/rds";
import type { RdsFaults } from "@lifeboat/cloud/services/rds/context";
import { caller } from "./cloud-call.ts";

export const IRELAND = "eu-west-1";
export const PARIS = "eu-west-3";
export const MINUTE_MS = 60_000;

export interface Setup {
  readonly world: World;
  readonly databases: Databases;
  readonly rds: Rds;
  readonly call: ReturnType<typeof caller>;
  readonly run: (ms: number) => Promise<void>;
}

/** A world with one global database, primary in Ireland and secondary in Paris, that has long replicated. */
export const createGlobalDatabase = (seed: number | string = 1, faults: RdsFaults = {}): Setup => {
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

export const arn = (region: string, name: string): string =>
  `arn:aws:rds:${region}:111122223333:cluster:${name}`;
export const TO_PARIS = {
  GlobalClusterIdentifier: "spacelift",
  TargetDbClusterIdentifier: arn(PARIS, "spacelift-paris"),
};

/** Writes rows 1, 2, … every `everyMs` through one session and keeps the numbers that were acknowledged. */
export const writeRows = async (
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

/** The numbers of the rows that a cluster holds. */
export const sequences = (rds: Rds, region: string, name: string): number[] =>
  rds
    .cluster(region, name)
    .database.volume()
    .rows("canary")
    .map(({ row }) => Number(row["sequence"]));
