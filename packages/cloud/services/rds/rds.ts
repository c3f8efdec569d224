import type { GlobalCluster as GlobalClusterShape } from "@aws-sdk/client-rds";
import type { ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import type { Databases } from "../../database/databases.ts";
import { between, type RdsContext, type RdsFaults } from "./context.ts";
import { describeGlobal } from "./describe.ts";
import { createEventLog } from "./event-log.ts";
import { fence } from "./failover.ts";
import { createGlobalCluster, type GlobalClusterFixture } from "./fixtures.ts";
import { publishLag } from "./metrics.ts";
import { readOperations } from "./read-operations.ts";
import { createRdsState, type Cluster, type GlobalCluster, type Snapshot } from "./state.ts";
import { writeOperations } from "./write-operations.ts";

export interface RdsOptions {
  readonly databases: Databases;
  /** Read at each use: a scenario may switch faults on and off. */
  readonly faults?: RdsFaults;
  readonly isKeyUsable?: (region: string, keyId: string) => boolean;
}

export interface Rds extends ServiceModel {
  /** Fixture: a global database that exists, replicates and measures its lag. */
  createGlobalCluster(fixture: GlobalClusterFixture): GlobalCluster;
  global(identifier: string): GlobalCluster;
  cluster(region: string, identifier: string): Cluster;
  /** All snapshots of a region, with their content. */
  snapshots(region: string): readonly Snapshot[];
}

/** Power comes back, machines boot, the engine recovers its volume. */
const LEAST_START_SECONDS = 20;
const MOST_START_SECONDS = 60;
/** Aurora notices that the region is back and stops a deposed writer. Guessed; the guide gives no figure. */
const LEAST_FENCE_SECONDS = 10;
const MOST_FENCE_SECONDS = 90;

const startWithRegion = ({ world, random, state }: RdsContext): void => {
  world.network.onChange((region, lost) => {
    if (lost) return;
    for (const cluster of state.clusters.values()) {
      if (cluster.region !== region) continue;
      world.clock.after(between(random, LEAST_START_SECONDS, MOST_START_SECONDS), () => {
        // A volume that is being replaced has no servers until it is done.
        if (cluster.status !== "modifying") cluster.database.start();
      });
      // Until Aurora gets to it, a former primary that comes back takes writes: "it's possible that writes might be
      // momentarily accepted in the old primary Region" (Aurora User Guide).
      world.clock.after(between(random, LEAST_FENCE_SECONDS, MOST_FENCE_SECONDS), () => {
        if (cluster.deposed) fence(cluster);
      });
    }
  });
};

/** Views of a global database that may lag behind, where a scenario asks for it. */
const createViews = (
  world: World,
  faults: RdsFaults,
): { changed: (global: GlobalCluster) => void; view: (global: GlobalCluster) => GlobalClusterShape } => {
  const random = world.random.stream("rds/stale-describes");
  const history = new Map<string, { atMs: number; view: GlobalClusterShape }[]>();
  return {
    changed(global) {
      const views = history.get(global.identifier) ?? [];
      views.push({ atMs: world.clock.nowMs(), view: describeGlobal(global) });
      history.set(global.identifier, views);
    },
    view(global) {
      const { staleDescribeChance = 0, staleDescribeMs = 0 } = faults;
      if (staleDescribeChance === 0 || random.next() >= staleDescribeChance) return describeGlobal(global);
      faults.onStaleDescribe?.();
      const asOfMs = world.clock.nowMs() - random.integer(0, staleDescribeMs);
      const past = (history.get(global.identifier) ?? []).filter(({ atMs }) => atMs <= asOfMs).at(-1);
      return past?.view ?? describeGlobal(global);
    },
  };
};

/**
 * Aurora global databases (Amazon Aurora User Guide, "Using Amazon Aurora Global Database"): describes, failover,
 * switchover, snapshots and events, over databases that hold real rows.
 */
export const createRds = (
  world: World,
  { databases, faults = {}, isKeyUsable = () => true }: RdsOptions,
): Rds => {
  const views = createViews(world, faults);
  const context: RdsContext = {
    world,
    databases,
    random: world.random.stream("rds"),
    state: createRdsState(),
    events: createEventLog(world),
    faults,
    isKeyUsable,
    changed: views.changed,
  };
  startWithRegion(context);
  const known = <Value>(value: Value | undefined, name: string): Value => {
    if (value === undefined) throw new Error(`no ${name} in this world`);
    return value;
  };
  return {
    service: "rds",
    operations: { ...readOperations(context, views.view), ...writeOperations(context) },
    createGlobalCluster(fixture) {
      const global = createGlobalCluster(context, fixture);
      publishLag(context, global);
      return global;
    },
    global: (identifier) => known(context.state.globals.get(identifier), `global cluster ${identifier}`),
    cluster: (region, identifier) =>
      known(context.state.clusters.get(`${region}/${identifier}`), `cluster ${identifier} in ${region}`),
    snapshots: (region) =>
      [...context.state.snapshots.values()].filter((snapshot) => snapshot.region === region),
  };
};
