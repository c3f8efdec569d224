import type { World } from "../../kernel/world.ts";
import { isComing, isInService, type Group, type Instance, type Refresh } from "./state.ts";

/** A launch until the instance is in service, and a termination until it is gone. */
const LAUNCH_SECONDS = [60, 120] as const;
const TERMINATE_SECONDS = [30, 60] as const;
/** How long the group takes to act; and to act again after its region was lost. Guessed. */
const NOTICE_SECONDS = [1, 10] as const;
const RECOVER_SECONDS = [30, 90] as const;

export interface Capacity {
  /** Brings the group to its desired capacity. */
  adjust(group: Group): void;
  /** Instances that have long been in service. */
  placeInService(group: Group, count: number): void;
  startRefresh(group: Group): Refresh;
  readonly onInstanceChange: (listener: (group: Group, instance: Instance) => void) => void;
}

/** Launches, terminates and replaces a group's instances over virtual time. */
export const createCapacity = (world: World, groups: () => Iterable<Group>): Capacity => {
  const random = world.random.stream("auto-scaling");
  const listeners: ((group: Group, instance: Instance) => void)[] = [];
  const wait = ([least, most]: readonly [number, number], action: () => void): void => {
    world.clock.after(random.integer(least * 1000, most * 1000), action);
  };
  const set = (group: Group, instance: Instance, state: Instance["lifecycleState"]): void => {
    instance.lifecycleState = state;
    for (const listener of listeners) listener(group, instance);
  };
  const create = (group: Group): Instance => {
    const instance: Instance = {
      id: `i-0${random.hex(16)}`,
      availabilityZone: `${group.region}${"abc"[group.instances.length % 3]}`,
      lifecycleState: "Pending",
      healthStatus: "Healthy",
    };
    group.instances.push(instance);
    return instance;
  };

  const launch = (group: Group): void => {
    const instance = create(group);
    const arrive = (): void =>
      wait(LAUNCH_SECONDS, () => {
        if (!isComing(instance)) return;
        set(group, instance, "InService");
        adjust(group);
      });
    const stall = world.faults.stall?.(group.region, "instance-launch");
    if (stall === undefined) arrive();
    // One that never ends stays `Pending`, and the group counts it.
    else if (stall.stallsMs !== null)
      world.clock.after(stall.stallsMs, () => {
        if (!isComing(instance)) return;
        if (stall.ends === "completes") arrive();
        else {
          terminate(group, instance);
          adjust(group);
        }
      });
  };
  const terminate = (group: Group, instance: Instance): void => {
    set(group, instance, "Terminating");
    wait(TERMINATE_SECONDS, () => {
      group.instances = group.instances.filter((other) => other !== instance);
      set(group, instance, "Terminated");
    });
  };

  const advanceRefresh = (group: Group): void => {
    const refresh = group.refreshes.find(({ status }) => status === "Pending" || status === "InProgress");
    if (refresh === undefined) return;
    refresh.status = "InProgress";
    refresh.pending = refresh.pending.filter(isInService);
    const [next] = refresh.pending;
    if (next === undefined) {
      if (group.instances.some(isComing)) return;
      refresh.status = "Successful";
      refresh.endMs = world.clock.nowMs();
      return;
    }
    // One at a time: a replacement comes when what went is gone (minimum healthy percentage 90 of a small group).
    if (group.instances.some(isComing)) return;
    refresh.pending = refresh.pending.slice(1);
    terminate(group, next);
    launch(group);
  };

  const adjust = (group: Group): void => {
    if (world.network.isLost(group.region)) return;
    for (const instance of group.instances) {
      if (instance.healthStatus === "Unhealthy" && isInService(instance)) terminate(group, instance);
    }
    const present = group.instances.filter((instance) => isInService(instance) || isComing(instance));
    const missing = group.desiredCapacity - present.length;
    for (let index = 0; index < missing; index++) launch(group);
    for (const instance of present.slice(0, Math.max(0, -missing))) terminate(group, instance);
    if (missing === 0) advanceRefresh(group);
  };

  world.network.onChange((region, lost) => {
    for (const group of groups()) {
      if (group.region !== region) continue;
      if (!lost) {
        wait(RECOVER_SECONDS, () => adjust(group));
        continue;
      }
      for (const instance of group.instances) {
        instance.healthStatus = "Unhealthy";
        // A launch that the outage caught comes to nothing.
        if (isComing(instance)) set(group, instance, "Terminating");
      }
      group.instances = group.instances.filter(isInService);
    }
  });

  return {
    adjust: (group) => wait(NOTICE_SECONDS, () => adjust(group)),
    placeInService(group, count) {
      for (let index = 0; index < count; index++) set(group, create(group), "InService");
    },
    startRefresh(group) {
      const pending = group.instances.filter(isInService);
      const refresh: Refresh = {
        id: random.uuid(),
        startMs: world.clock.nowMs(),
        pending,
        total: pending.length,
        status: "Pending",
        endMs: undefined,
      };
      group.refreshes.unshift(refresh);
      wait(NOTICE_SECONDS, () => adjust(group));
      return refresh;
    },
    onInstanceChange: (listener) => void listeners.push(listener),
  };
};
