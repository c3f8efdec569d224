import { between, eventSource, startReplication, stopReplications, type RdsContext } from "./context.ts";
import { promote } from "./failover.ts";
import type { GlobalCluster, RoleMove } from "./state.ts";

const LOOK_EVERY_MS = 1000;
/** A switchover that cannot finish its synchronisation is given up and the old roles stay. */
const GIVE_UP_AFTER_MS = 10 * 60_000;

/**
 * Runs a switchover that has been accepted: stop writes, wait until the target has everything, swap the roles
 * (Aurora User Guide, "Performing switchovers for Amazon Aurora global databases"). RPO is 0. Cancelled, with the old
 * writer open again, when one side goes away before the roles have moved.
 */
export const runSwitchover = (context: RdsContext, global: GlobalCluster, move: RoleMove): void => {
  const { world, random, events, changed } = context;
  const { from, to } = move;
  const record = (eventId: string, message: string): void =>
    events.record(eventSource(eventId === "RDS-EVENT-0182" ? from : to), "global failover", eventId, message);
  const name = `DB cluster ${to.identifier} in Region ${to.region}`;
  const healthy = (): boolean =>
    from.database.isRunning() && to.database.isRunning() && world.network.reaches(from.region, to.region);

  const cancel = (): void => {
    move.status = "cancelling";
    changed(global);
    world.clock.after(between(random, 20, 60), () => {
      from.database.setMode("read-write");
      for (const cluster of [from, to]) {
        cluster.status = "available";
        for (const instance of cluster.instances) instance.status = "available";
      }
      global.status = "available";
      global.move = undefined;
      record("RDS-EVENT-0187", `Global switchover to ${name} failed.`);
      changed(global);
    });
  };

  const swap = (): void => {
    if (!healthy()) {
      cancel();
      return;
    }
    stopReplications(global);
    promote(global, to);
    from.writerEndpointActive = false;
    from.database.setMode("read-only");
    for (const instance of from.instances) instance.status = "available";
    record("RDS-EVENT-0184", `New primary ${name} was successfully promoted.`);
    changed(global);
    world.clock.after(between(random, 15, 45), () => {
      for (const member of global.members) if (member !== to) startReplication(context, global, member);
      for (const cluster of [from, to]) cluster.status = "available";
      global.status = "available";
      global.move = undefined;
      record("RDS-EVENT-0185", `Global switchover to ${name} finished.`);
      changed(global);
    });
  };

  const awaitZeroLag = (untilMs: number): void => {
    if (!healthy() || world.clock.nowMs() > untilMs) {
      cancel();
      return;
    }
    if (global.replications.get(to)?.backlog() === 0) {
      world.clock.after(between(random, 20, 60), swap);
      return;
    }
    world.clock.after(LOOK_EVERY_MS, () => awaitZeroLag(untilMs));
  };

  record("RDS-EVENT-0181", `Global switchover to ${name} started.`);
  world.clock.after(between(random, 5, 20), () => {
    if (!healthy()) {
      cancel();
      return;
    }
    move.status = "failing-over";
    for (const cluster of [from, to]) {
      cluster.status = "switching-over";
      for (const instance of cluster.instances) instance.status = "rebooting";
    }
    from.database.setMode("read-only");
    record(
      "RDS-EVENT-0182",
      `Old primary DB cluster ${from.identifier} in Region ${from.region} successfully shut down.`,
    );
    changed(global);
    awaitZeroLag(world.clock.nowMs() + GIVE_UP_AFTER_MS);
  });
};
