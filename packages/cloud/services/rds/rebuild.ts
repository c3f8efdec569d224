import { between, eventSource, later, startReplication, whenAlive, type RdsContext } from "./context.ts";
import { takeSnapshot } from "./snapshots.ts";
import type { Cluster, GlobalCluster } from "./state.ts";

/** "A few minutes to several hours, depending on the size of the storage volume" (Aurora User Guide): a small one. */
const LEAST_REBUILD_SECONDS = 8 * 60;
const MOST_REBUILD_SECONDS = 20 * 60;

/** `2026-11-03-09-41` as RDS writes times into the names of its own snapshots. */
const stamp = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replaceAll(/[T:]/g, "-");

/**
 * Makes a cluster a secondary of the present writer again: stop its writes, try to keep the old volume as an automated
 * snapshot, give it a new volume with the writer's content, replicate (Aurora User Guide, "Performing managed failovers").
 */
export const rebuildSecondary = (context: RdsContext, global: GlobalCluster, cluster: Cluster): void => {
  const { world, random, events, faults, changed } = context;
  const { region, identifier } = cluster;
  const isObsolete = (): boolean => global.writer === cluster;
  const name = `DB cluster ${identifier} in Region ${region}`;

  const finish = (): void => {
    if (isObsolete()) return;
    const writer = global.writer;
    if (!world.network.reaches(writer.region, region) || !writer.database.isRunning()) {
      later(world, region, 60_000, finish);
      return;
    }
    cluster.database.attach(writer.database.volume().clone());
    cluster.database.setMode("read-only");
    cluster.database.start();
    cluster.deposed = false;
    cluster.status = "available";
    for (const instance of cluster.instances) instance.status = "available";
    startReplication(context, global, cluster);
    const message = `Finished resynchronizing members of ${name} after global failover.`;
    events.record(eventSource(cluster), "global failover", "RDS-EVENT-0241", message);
    changed(global);
  };

  const rebuild = (): void => {
    if (isObsolete()) return;
    cluster.status = "modifying";
    cluster.writerEndpointActive = false;
    for (const instance of cluster.instances) instance.status = "rebooting";
    cluster.database.setMode("fenced");
    const message = `Started resynchronizing members of ${name} after global failover.`;
    events.record(eventSource(cluster), "global failover", "RDS-EVENT-0240", message);
    if (cluster.deposed && faults.oldVolumeSnapshotFails !== true) {
      takeSnapshot(context, {
        identifier: `rds:unplanned-global-failover-${identifier}-${stamp(world.clock.nowMs())}`,
        type: "automated",
        cluster,
      });
    }
    cluster.database.halt();
    changed(global);
    later(world, region, between(random, LEAST_REBUILD_SECONDS, MOST_REBUILD_SECONDS), finish);
  };

  whenAlive(world, region, () => later(world, region, between(random, 10, 90), rebuild));
};
