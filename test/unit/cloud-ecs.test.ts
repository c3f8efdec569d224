import type { Service, Task } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import { createEcs } from "@lifeboat/cloud/services/ecs/ecs";
import type { EcsFaults } from "@lifeboat/cloud/services/ecs/scheduler";
import { createLoadBalancer } from "@lifeboat/cloud/services/elb/load-balancer";
import { caller } from "./cloud-call.ts";

const PARIS = "eu-west-3";
const NAMES = { cluster: "spacelift", service: "server" };

const setup = (desiredCount: number, faults: EcsFaults = {}) => {
  const world = createWorld({
    seed: 3,
    startMs: Date.UTC(2026, 10, 3),
    accountId: "111122223333",
    regions: [PARIS],
  });
  const ecs = createEcs(world, { faults });
  ecs.createService({ region: PARIS, ...NAMES, desiredCount, taskDefinition: "server:7" });
  const call = caller(ecs);
  const service = (): Service => {
    const reply = call(PARIS, "DescribeServices", { cluster: "spacelift", services: ["server"] }) as {
      services: Service[];
    };
    return reply.services[0] ?? {};
  };
  const run = (ms: number): Promise<void> => world.clock.run({ untilMs: world.clock.nowMs() + ms });
  return { world, ecs, call, service, run };
};

describe("an ECS service", () => {
  it("is described as it stood before, where describes are late, and acts on the call all the same", async () => {
    const { world, ecs, call, service, run } = setup(1);
    await run(60_000);
    call(PARIS, "UpdateService", { ...NAMES, desiredCount: 3 });
    await run(10_000);
    world.faults.describeAgeMs = (name) => (name === "ecs" ? 30_000 : 0);
    expect(service()).toMatchObject({ desiredCount: 1, runningCount: 1 });
    expect(ecs.desiredCount(PARIS, NAMES.cluster, NAMES.service)).toBe(3);
    await run(25_000);
    expect(service()).toMatchObject({ desiredCount: 3 });
  });

  it("starts tasks through their statuses within a minute or so when it is scaled up", async () => {
    const { ecs, call, service, run } = setup(0);
    const statuses: string[] = [];
    ecs.onTaskChange((task) => statuses.push(task.lastStatus));
    call(PARIS, "UpdateService", { ...NAMES, desiredCount: 1 });
    await run(10_000);
    const { taskArns: tasks } = call(PARIS, "ListTasks", { cluster: "spacelift", serviceName: "server" }) as {
      taskArns: string[];
    };
    expect(call(PARIS, "DescribeTasks", { cluster: "spacelift", tasks })).toMatchObject({
      tasks: [{ lastStatus: "PROVISIONING", desiredStatus: "RUNNING", group: "service:server" }],
    });
    expect(service()).toMatchObject({ desiredCount: 1, runningCount: 0, pendingCount: 1 });
    await run(70_000);
    expect(statuses).toEqual(["PENDING", "ACTIVATING", "RUNNING"]);
    expect(service()).toMatchObject({ runningCount: 1, pendingCount: 0 });
    expect(service().events?.[0]?.message).toBe("(service server) has reached a steady state.");
  });

  it("waits for a task whose start stands still, and starts no other in its place", async () => {
    const { world, call, service, run } = setup(0);
    world.faults.stall = (region, operation) =>
      region === PARIS && operation === "task-start" ? { stallsMs: null, ends: "completes" } : undefined;
    call(PARIS, "UpdateService", { ...NAMES, desiredCount: 1 });
    await run(86_400_000);
    expect(service()).toMatchObject({ desiredCount: 1, runningCount: 0, pendingCount: 1 });
  });

  it.each([
    ["goes on", "completes", 1],
    ["is given up, and another one is started", "fails", 2],
  ] as const)("runs when the start that stood still %s", async (_what, ends, starts) => {
    const { world, ecs, call, service, run } = setup(0);
    let stalls = 0;
    world.faults.stall = () => (stalls++ === 0 ? { stallsMs: 300_000, ends } : undefined);
    const arns = new Set<string>();
    ecs.onTaskChange(({ arn }) => arns.add(arn));
    call(PARIS, "UpdateService", { ...NAMES, desiredCount: 1 });
    await run(300_000);
    expect(service()).toMatchObject({ runningCount: 0 });
    await run(120_000);
    expect(service()).toMatchObject({ runningCount: 1, pendingCount: 0 });
    expect(arns.size).toBe(starts);
  });

  it("keeps its deployment and the rollout state of it when only the count changes", async () => {
    const { call, service } = setup(1);
    const before = service().deployments;
    call(PARIS, "UpdateService", { ...NAMES, desiredCount: 3 });
    expect(service().deployments).toMatchObject([
      { id: before?.[0]?.id, rolloutState: "COMPLETED", desiredCount: 3, runningCount: 1 },
    ]);
  });

  it("replaces all tasks in a new deployment without ever running fewer than desired", async () => {
    const { world, ecs, call, service, run } = setup(2);
    const old = ecs.runningTasks(PARIS, "spacelift", "server").map(({ id }) => id);
    let least = 2;
    ecs.onTaskChange(() => {
      least = Math.min(least, ecs.runningTasks(PARIS, "spacelift", "server").length);
    });
    call(PARIS, "UpdateService", { ...NAMES, forceNewDeployment: true });
    expect(service().deployments).toMatchObject([
      { status: "PRIMARY", rolloutState: "IN_PROGRESS" },
      { status: "ACTIVE", rolloutState: "COMPLETED" },
    ]);
    await run(180_000);
    expect(service().deployments).toMatchObject([
      { status: "PRIMARY", rolloutState: "COMPLETED", runningCount: 2 },
    ]);
    expect(ecs.runningTasks(PARIS, "spacelift", "server").some(({ id }) => old.includes(id))).toBe(false);
    expect(least).toBe(2);
    expect(world.network.isLost(PARIS)).toBe(false);
  });

  it("loses its tasks with its region and starts others when the region is back", async () => {
    const { world, ecs, service, run } = setup(2);
    world.network.lose(PARIS);
    expect(ecs.runningTasks(PARIS, "spacelift", "server")).toEqual([]);
    await run(600_000);
    world.network.restore(PARIS);
    expect(service()).toMatchObject({ runningCount: 0, pendingCount: 0 });
    await run(150_000);
    expect(service()).toMatchObject({ runningCount: 2 });
  });

  it("says in its events that there is no capacity, and starts when there is", async () => {
    const faults: { noCapacityIn?: ReadonlySet<string> } = { noCapacityIn: new Set([PARIS]) };
    const { call, service, run } = setup(0, faults);
    call(PARIS, "UpdateService", { ...NAMES, desiredCount: 1 });
    await run(120_000);
    expect(service()).toMatchObject({ runningCount: 0, pendingCount: 0 });
    expect(service().events?.[0]?.message).toContain("was unable to place a task");
    faults.noCapacityIn = new Set();
    await run(150_000);
    expect(service()).toMatchObject({ runningCount: 1 });
  });

  it("answers with ECS's own errors and failures", () => {
    const { call } = setup(1);
    const code = (name: string) => expect.objectContaining({ code: name });
    expect(() => call(PARIS, "UpdateService", { ...NAMES, cluster: "other" })).toThrow(
      code("ClusterNotFoundException"),
    );
    expect(() => call(PARIS, "UpdateService", { ...NAMES, service: "other" })).toThrow(
      code("ServiceNotFoundException"),
    );
    expect(call(PARIS, "DescribeServices", { cluster: "spacelift", services: ["other"] })).toMatchObject({
      services: [],
      failures: [{ reason: "MISSING" }],
    });
    expect(call(PARIS, "DescribeClusters", { clusters: ["spacelift", "other"] })).toMatchObject({
      clusters: [{ clusterName: "spacelift", runningTasksCount: 1 }],
      failures: [{ reason: "MISSING" }],
    });
  });

  it("shows stopped tasks to who asks for them", async () => {
    const { call, run } = setup(2);
    call(PARIS, "UpdateService", { ...NAMES, desiredCount: 0 });
    await run(60_000);
    const { taskArns: tasks } = call(PARIS, "ListTasks", {
      cluster: "spacelift",
      desiredStatus: "STOPPED",
    }) as { taskArns: string[] };
    const reply = call(PARIS, "DescribeTasks", { cluster: "spacelift", tasks }) as { tasks: Task[] };
    expect(reply.tasks.map(({ lastStatus }) => lastStatus)).toEqual(["STOPPED", "STOPPED"]);
  });
});

describe("a load balancer", () => {
  const withBalancer = (desiredCount: number) => {
    const at = setup(desiredCount);
    const balancer = createLoadBalancer(at.world, at.ecs, {
      region: PARIS,
      name: "spacelift",
      ...NAMES,
      application: ({ request, region, task }) =>
        request.url.pathname === "/fail"
          ? { status: 500, body: "" }
          : request.url.pathname === "/hang"
            ? () => undefined
            : request.url.pathname === "/break"
              ? ({ failed }) => failed(new Error("socket closed"))
              : { status: 200, body: `${region} ${task.service}` },
    });
    const get = async (path: string, waitMs = 100): Promise<number | string> => {
      const reply = at.world.fabric
        .request("internet", { method: "GET", url: `https://${balancer.host}${path}`, timeoutMs: 90_000 })
        .then(
          ({ status }) => status,
          (error: unknown) => String(error),
        );
      await at.run(waitMs);
      return reply;
    };
    return { ...at, balancer, get };
  };

  it("passes requests to running tasks, and says 502 and 504 where a task does not do its part", async () => {
    const { get } = withBalancer(2);
    expect(await get("/")).toBe(200);
    expect(await get("/break")).toBe(502);
    expect(await get("/hang", 61_000)).toBe(504);
  });

  it("counts its own answers apart from those of its targets", async () => {
    const { world, get, run } = withBalancer(2);
    const measured: { readonly metricName: string; readonly value: number }[] = [];
    world.measure = (_region, { metricName, value }) => {
      if (metricName.startsWith("HTTPCode")) measured.push({ metricName, value });
    };
    for (const path of ["/", "/fail", "/break", "/fail"]) await get(path);
    await get("/hang", 61_000);
    await run(61_000);
    const totalOf = (name: string): number =>
      measured.filter(({ metricName }) => metricName === name).reduce((sum, { value }) => sum + value, 0);
    expect(totalOf("HTTPCode_Target_5XX_Count")).toBe(2);
    expect(totalOf("HTTPCode_ELB_5XX_Count")).toBe(2);
  });

  it("says 503 until a new task has passed its health checks, 10 to 30 seconds after it runs", async () => {
    const { world, ecs, balancer, call, get } = withBalancer(0);
    expect(await get("/")).toBe(503);
    call(PARIS, "UpdateService", { ...NAMES, desiredCount: 1 });
    await world.clock.run({
      untilMs: world.clock.nowMs() + 120_000,
      until: () => ecs.runningTasks(PARIS, "spacelift", "server").length === 1,
    });
    expect(await get("/", 9000)).toBe(503);
    expect(balancer.healthyTargets()).toEqual([]);
    expect(await get("/", 22_000)).toBe(503);
    expect(await get("/")).toBe(200);
  });

  it("answers nothing while its region is lost, and 503 until its tasks are back", async () => {
    const { world, get } = withBalancer(1);
    world.network.lose(PARIS);
    expect(await get("/", 91_000)).toContain("no answer");
    world.network.restore(PARIS);
    expect(await get("/")).toBe(503);
    expect(await get("/", 180_000)).toBe(503);
    expect(await get("/")).toBe(200);
  });
});
