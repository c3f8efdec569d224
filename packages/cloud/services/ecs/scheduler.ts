import type { Random } from "../../kernel/random.ts";
import type { World } from "../../kernel/world.ts";
import { isLive, isRunning, type Deployment, type Service, type Task, type TaskStatus } from "./state.ts";

/** From the request to RUNNING on Fargate: network interface, image pull, start. */
const LEAST_START_SECONDS = 25;
const MOST_START_SECONDS = 70;
/** Deregistration, SIGTERM, clean-up. */
const LEAST_STOP_SECONDS = 10;
const MOST_STOP_SECONDS = 35;
/** How long the service scheduler takes to notice; and to work again after its region was lost. Guessed. */
const NOTICE_SECONDS = [1, 5] as const;
const RECOVER_SECONDS = [15, 60] as const;

/** What may go wrong beyond the loss of regions. */
export interface EcsFaults {
  /** Regions that have no capacity for new tasks. */
  noCapacityIn?: ReadonlySet<string>;
}

export interface Scheduler {
  /** Looks at the service soon and does what brings it to its desired state. */
  wake(service: Service): void;
  /** Starts tasks at once, as they would be in a service that has long been there. */
  placeRunning(service: Service, count: number): void;
  readonly onTaskChange: (listener: (task: Task) => void) => void;
}

const seconds = (random: Random, [least, most]: readonly [number, number]): number =>
  random.integer(least * 1000, most * 1000);

export const createScheduler = (
  world: World,
  services: () => Iterable<Service>,
  faults: EcsFaults,
): Scheduler => {
  const random = world.random.stream("ecs");
  const listeners: ((task: Task) => void)[] = [];

  const setStatus = (task: Task, status: TaskStatus): void => {
    task.lastStatus = status;
    if (status === "RUNNING") task.startedAtMs = world.clock.nowMs();
    if (status === "STOPPED") task.stoppedAtMs = world.clock.nowMs();
    for (const listener of listeners) listener(task);
  };
  const say = (service: Service, message: string): void => {
    service.events.unshift({
      id: random.uuid(),
      atMs: world.clock.nowMs(),
      message: `(service ${service.name}) ${message}`,
    });
    service.events.splice(100);
  };
  const named = (tasks: readonly Task[]): string => tasks.map(({ id }) => `(task ${id})`).join(" ");

  const newTask = (service: Service, { id: deploymentId, taskDefinition }: Deployment): Task => {
    const id = random.hex(32);
    const task: Task = {
      id,
      arn: `arn:aws:ecs:${service.region}:${world.accountId}:task/${service.cluster}/${id}`,
      region: service.region,
      cluster: service.cluster,
      service: service.name,
      deploymentId,
      taskDefinition,
      availabilityZone: `${service.region}${"abc"[service.tasks.length % 3]}`,
      createdAtMs: world.clock.nowMs(),
      lastStatus: "PROVISIONING",
      desiredStatus: "RUNNING",
      startedAtMs: undefined,
      stoppingAtMs: undefined,
      stoppedAtMs: undefined,
      stoppedReason: undefined,
      stopCode: undefined,
    };
    service.tasks.push(task);
    return task;
  };

  /** Walks a task through statuses; a task that was stopped on the way, or died with its region, walks no further. */
  const walk = (
    task: Task,
    steps: readonly { readonly afterMs: number; readonly status: TaskStatus }[],
    goesOn: () => boolean,
    done: () => void,
  ): void => {
    const [step, ...rest] = steps;
    if (step === undefined) {
      done();
      return;
    }
    world.clock.after(step.afterMs, () => {
      if (!goesOn()) return;
      setStatus(task, step.status);
      walk(task, rest, goesOn, done);
    });
  };

  const launch = (service: Service, deployment: Deployment, count: number): void => {
    if (faults.noCapacityIn?.has(service.region) === true) {
      say(
        service,
        "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.",
      );
      world.clock.after(30_000, () => wake(service));
      return;
    }
    const tasks = Array.from({ length: count }, () => newTask(service, deployment));
    say(service, `has started ${count} tasks: ${named(tasks)}.`);
    for (const task of tasks) {
      const totalMs = seconds(random, [LEAST_START_SECONDS, MOST_START_SECONDS]);
      const start = (): void =>
        walk(
          task,
          [
            { afterMs: totalMs * 0.4, status: "PENDING" },
            { afterMs: totalMs * 0.45, status: "ACTIVATING" },
            { afterMs: totalMs * 0.15, status: "RUNNING" },
          ],
          () => isLive(task),
          () => wake(service),
        );
      const stall = world.faults.stall?.(service.region, "task-start");
      if (stall === undefined) start();
      // One that never ends stays where it is: the scheduler counts the task, and starts no other in its place.
      else if (stall.stallsMs !== null)
        world.clock.after(stall.stallsMs, () => {
          if (isLive(task)) (stall.ends === "completes" ? start : () => lose(service, task))();
        });
    }
  };

  /** A task that could not be started: the scheduler tries another one. */
  const lose = (service: Service, task: Task): void => {
    task.desiredStatus = "STOPPED";
    task.stopCode = "TaskFailedToStart";
    task.stoppedReason = "Timeout waiting for network interface provisioning to complete.";
    setStatus(task, "STOPPED");
    wake(service);
  };

  const stop = (service: Service, tasks: readonly Task[]): void => {
    if (tasks.length === 0) return;
    say(service, `has stopped ${tasks.length} running tasks: ${named(tasks)}.`);
    for (const task of tasks) {
      task.desiredStatus = "STOPPED";
      task.stoppingAtMs = world.clock.nowMs();
      task.stopCode = "ServiceSchedulerInitiated";
      task.stoppedReason = `Scaling activity initiated by (deployment ${task.deploymentId})`;
      const totalMs = seconds(random, [LEAST_STOP_SECONDS, MOST_STOP_SECONDS]);
      setStatus(task, "DEACTIVATING");
      walk(
        task,
        [
          { afterMs: totalMs * 0.4, status: "STOPPING" },
          { afterMs: totalMs * 0.4, status: "DEPROVISIONING" },
          { afterMs: totalMs * 0.2, status: "STOPPED" },
        ],
        () => task.lastStatus !== "STOPPED",
        () => wake(service),
      );
    }
  };

  const settle = (service: Service, primary: Deployment): void => {
    const nowMs = world.clock.nowMs();
    if (primary.rolloutState === "IN_PROGRESS") {
      primary.rolloutState = "COMPLETED";
      primary.updatedAtMs = nowMs;
      service.deployments = [primary];
      say(service, `(deployment ${primary.id}) deployment completed.`);
    }
    if (service.steady) return;
    service.steady = true;
    say(service, "has reached a steady state.");
    world.emit(service.region, {
      source: "aws.ecs",
      detailType: "ECS Service Action",
      resources: [service.arn],
      detail: {
        eventType: "INFO",
        eventName: "SERVICE_STEADY_STATE",
        clusterArn: `arn:aws:ecs:${service.region}:${world.accountId}:cluster/${service.cluster}`,
        createdAt: new Date(nowMs).toISOString(),
      },
    });
  };

  const reconcile = (service: Service): void => {
    if (world.network.isLost(service.region)) return;
    const primary = service.deployments[0];
    if (primary === undefined) return;
    const live = service.tasks.filter(isLive);
    const ours = live.filter((task) => task.deploymentId === primary.id);
    const old = live.filter((task) => task.deploymentId !== primary.id);
    const missing = service.desiredCount - ours.length;
    if (missing > 0) launch(service, primary, missing);
    if (missing < 0) stop(service, ours.slice(missing));
    // minimumHealthyPercent 100: an old task goes when a new one has taken its place.
    const spare = ours.filter(isRunning).length + old.filter(isRunning).length - service.desiredCount;
    stop(service, service.desiredCount === 0 ? old : old.slice(0, Math.max(0, spare)));
    const running = ours.filter(isRunning).length;
    if (running === service.desiredCount && missing === 0 && old.length === 0) settle(service, primary);
  };

  const wake = (service: Service): void => {
    if (service.reconcileDue) return;
    service.reconcileDue = true;
    world.clock.after(seconds(random, NOTICE_SECONDS), () => {
      service.reconcileDue = false;
      reconcile(service);
    });
  };

  world.network.onChange((region, lost) => {
    for (const service of services()) {
      if (service.region !== region) continue;
      if (!lost) {
        world.clock.after(seconds(random, RECOVER_SECONDS), () => wake(service));
        continue;
      }
      // Power is gone: nothing drains, nothing is told.
      for (const task of service.tasks) {
        if (task.lastStatus === "STOPPED") continue;
        task.desiredStatus = "STOPPED";
        task.stopCode = "TerminationNotice";
        task.stoppedReason = "Host terminated";
        setStatus(task, "STOPPED");
      }
      service.steady = false;
    }
  });

  return {
    wake,
    placeRunning(service, count) {
      const primary = service.deployments[0];
      if (primary === undefined) return;
      for (let index = 0; index < count; index++) setStatus(newTask(service, primary), "RUNNING");
    },
    onTaskChange: (listener) => void listeners.push(listener),
  };
};
