import type { Random } from "../../kernel/random.ts";
import type { World } from "../../kernel/world.ts";
import type { Databases } from "../../database/databases.ts";
import { replicate } from "../../database/replication.ts";
import type { EventLog, EventSource } from "./event-log.ts";
import type { Cluster, GlobalCluster, RdsState } from "./state.ts";

/** What may go wrong beyond the loss of regions. All off unless a scenario turns it on. */
export interface RdsFaults {
  /** Aurora's attempt to stop writes on the old primary times out even where it could reach it. */
  fencingTimesOut?: boolean;
  /** Aurora takes no snapshot of the old volume: "attempts to" is all that the guide promises. */
  oldVolumeSnapshotFails?: boolean;
  /** Chance (0 to 1) that `DescribeGlobalClusters` answers as things stood up to `staleDescribeMs` ago. */
  staleDescribeChance?: number;
  staleDescribeMs?: number;
  /** Told of each describe that is answered as things stood. */
  onStaleDescribe?: () => void;
}

/** What the parts of the RDS model share. */
export interface RdsContext {
  readonly world: World;
  readonly databases: Databases;
  readonly random: Random;
  readonly state: RdsState;
  readonly events: EventLog;
  readonly faults: RdsFaults;
  /** True where the key can be used in the region; who knows is the KMS model. */
  readonly isKeyUsable: (region: string, keyId: string) => boolean;
  /** Called after each change of a global cluster, for views that lag behind. */
  readonly changed: (global: GlobalCluster) => void;
}

/** A seeded duration in whole milliseconds, from seconds. */
export const between = (random: Random, leastSeconds: number, mostSeconds: number): number =>
  random.integer(leastSeconds * 1000, mostSeconds * 1000);

/** Runs `action` at once where the region lives, else when it is back. */
export const whenAlive = (world: World, region: string, action: () => void): void => {
  if (!world.network.isLost(region)) {
    action();
    return;
  }
  let done = false;
  world.network.onChange((place, lost) => {
    if (done || lost || place !== region) return;
    done = true;
    action();
  });
};

/** Runs `action` after `delayMs`, and not before the region lives. */
export const later = (world: World, region: string, delayMs: number, action: () => void): void => {
  world.clock.after(delayMs, () => whenAlive(world, region, action));
};

export const eventSource = (cluster: Cluster): EventSource => ({
  type: "db-cluster",
  identifier: cluster.identifier,
  arn: cluster.arn,
  region: cluster.region,
});

/** Starts the stream from the present writer to a secondary. */
export const startReplication = (context: RdsContext, global: GlobalCluster, secondary: Cluster): void => {
  global.replications.get(secondary)?.stop();
  global.replications.set(secondary, replicate(context.world, global.writer.database, secondary.database));
};

export const stopReplications = (global: GlobalCluster): void => {
  for (const replication of global.replications.values()) replication.stop();
  global.replications.clear();
};
