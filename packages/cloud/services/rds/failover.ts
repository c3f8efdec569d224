import { between, eventSource, later, stopReplications, type RdsContext } from "./context.ts";
import { rebuildSecondary } from "./rebuild.ts";
import type { Cluster, GlobalCluster, RoleMove } from "./state.ts";

/** "Typically … within a few minutes" (Aurora User Guide, "Performing managed failovers"); users measured up to five and more. */
const LEAST_SECONDS = 120;
const MOST_SECONDS = 330;
/** Shares of the whole at which the role moves in the metadata, and at which the new writer takes writes. */
const ROLE_MOVES_AT = 0.8;
const WRITER_OPENS_AT = 0.9;

/** Ends the writes on a former primary: its storage takes no more, its sessions end. */
export const fence = (cluster: Cluster): void => {
  cluster.database.setMode("fenced");
};

/**
 * Aurora's write fencing: best effort, told by an RDS event on the old primary where that is reachable, else on the
 * new one (Aurora User Guide, "Performing managed failovers for Aurora global databases"). The guide describes the
 * events and gives no wording; these sentences follow its description.
 */
const attemptFencing = (context: RdsContext, { from, to }: RoleMove): void => {
  const { world, random, events, faults } = context;
  const reachable = (): boolean => world.network.reaches(to.region, from.region);
  const name = `old primary DB cluster ${from.identifier} in Region ${from.region}`;
  if (reachable() && faults.fencingTimesOut !== true) {
    world.clock.after(between(random, 5, 25), () => {
      if (!reachable()) {
        giveUp();
        return;
      }
      fence(from);
      events.record(
        eventSource(from),
        "global failover",
        undefined,
        `Global failover: writes were stopped on ${name}.`,
      );
    });
    return;
  }
  giveUp();

  function giveUp(): void {
    world.clock.after(between(random, 45, 90), () => {
      const source = eventSource(reachable() ? from : to);
      events.record(
        source,
        "global failover",
        undefined,
        `Global failover: the process to stop writes on ${name} timed out.`,
      );
    });
  }
};

/** The chosen secondary becomes a writer on a timeline of its own: what had not arrived by now is not part of it. */
export const promote = (global: GlobalCluster, target: Cluster): void => {
  target.database.volume().fork();
  target.database.setMode("read-write");
  target.writerEndpointActive = true;
  for (const instance of target.instances) instance.status = "available";
  if (global.writer !== target) global.writer = target;
};

/** Runs an unplanned failover that has been accepted. Each step waits for the target's region to live. */
export const runFailover = (context: RdsContext, global: GlobalCluster, move: RoleMove): void => {
  const { world, random, events, changed } = context;
  const { from, to } = move;
  const totalMs = between(random, LEAST_SECONDS, MOST_SECONDS);
  const beginsAfterMs = between(random, 2, 6);
  const region = to.region;

  later(world, region, beginsAfterMs, () => {
    move.status = "failing-over";
    to.status = "promoting";
    from.deposed = true;
    stopReplications(global);
    attemptFencing(context, move);
    changed(global);
    const fault = world.faults.stall?.(region, "failover");
    if (fault === undefined) moveRole();
    else if (fault.stallsMs !== null)
      later(world, region, fault.stallsMs, fault.ends === "completes" ? moveRole : giveUp);
  });

  const moveRole = (): void => {
    later(world, region, totalMs * ROLE_MOVES_AT - beginsAfterMs, () => {
      global.writer = to;
      for (const instance of to.instances) instance.status = "rebooting";
      changed(global);
      later(world, region, totalMs * (WRITER_OPENS_AT - ROLE_MOVES_AT), () => {
        promote(global, to);
        changed(global);
        later(world, region, totalMs * (1 - WRITER_OPENS_AT), finish);
      });
    });
  };

  // The role stays where it was, and nothing replicates: the target has to be failed over to once more.
  const giveUp = (): void => {
    to.status = "available";
    global.status = "available";
    global.move = undefined;
    changed(global);
  };

  const finish = (): void => {
    to.status = "available";
    global.status = "available";
    global.move = undefined;
    events.record(
      eventSource(to),
      "global failover",
      "RDS-EVENT-0238",
      `Global failover to DB cluster ${to.identifier} in Region ${to.region} completed.`,
    );
    changed(global);
    // "After Aurora promotes the new primary cluster, it automatically rebuilds all additional secondary Region clusters."
    for (const member of global.members) {
      if (member !== to) rebuildSecondary(context, global, member);
    }
  };
};
