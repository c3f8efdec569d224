import type { AutoScalingGroup, InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import { describe, expect, it } from "vitest";
import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import { createAutoScaling } from "@lifeboat/cloud/services/auto-scaling/auto-scaling";
import { caller } from "./cloud-call.ts";

const PARIS = "eu-west-3";
const NAME = { AutoScalingGroupName: "workers" };

const setup = (desiredCapacity: number) => {
  const world = createWorld({
    seed: 5,
    startMs: Date.UTC(2026, 10, 3),
    accountId: "111122223333",
    regions: [PARIS],
  });
  const model = createAutoScaling(world);
  model.createGroup({ region: PARIS, name: "workers", minSize: 0, maxSize: 4, desiredCapacity });
  const call = caller(model);
  const group = (): AutoScalingGroup => {
    const reply = call(PARIS, "DescribeAutoScalingGroups", { AutoScalingGroupNames: ["workers"] }) as {
      AutoScalingGroups: AutoScalingGroup[];
    };
    return reply.AutoScalingGroups[0] as AutoScalingGroup;
  };
  const states = (): (string | undefined)[] =>
    (group().Instances ?? []).map(({ LifecycleState }) => LifecycleState);
  const run = (ms: number): Promise<void> => world.clock.run({ untilMs: world.clock.nowMs() + ms });
  return { world, model, call, group, states, run };
};

describe("an Auto Scaling group", () => {
  it("is described as it stood before, where describes are late, and acts on the call all the same", async () => {
    const { world, model, call, group, run } = setup(1);
    await run(60_000);
    call(PARIS, "SetDesiredCapacity", { ...NAME, DesiredCapacity: 3 });
    await run(10_000);
    world.faults.describeAgeMs = (name) => (name === "auto-scaling" ? 30_000 : 0);
    expect(group()).toMatchObject({ DesiredCapacity: 1 });
    expect(model.desiredCapacity(PARIS, "workers")).toBe(3);
    await run(25_000);
    expect(group()).toMatchObject({ DesiredCapacity: 3 });
  });

  it("waits for a launch that stands still, and goes on when it ends, either way", async () => {
    const { world, call, states, run } = setup(0);
    world.faults.stall = () => ({ stallsMs: null, ends: "completes" });
    call(PARIS, "SetDesiredCapacity", { ...NAME, DesiredCapacity: 1 });
    await run(86_400_000);
    expect(states()).toEqual(["Pending"]);
    let stalls = 0;
    world.faults.stall = () =>
      stalls++ < 2 ? { stallsMs: 300_000, ends: stalls === 1 ? "completes" : "fails" } : undefined;
    call(PARIS, "SetDesiredCapacity", { ...NAME, DesiredCapacity: 3 });
    await run(280_000);
    expect(states()).toEqual(["Pending", "Pending", "Pending"]);
    await run(300_000);
    expect(states().filter((state) => state === "InService")).toHaveLength(2);
    expect(states().filter((state) => state === "Pending")).toHaveLength(1);
  });

  it("brings instances into service one to two minutes after its capacity was raised", async () => {
    const { call, states, run, model } = setup(0);
    call(PARIS, "SetDesiredCapacity", { ...NAME, DesiredCapacity: 3 });
    await run(30_000);
    expect(states()).toEqual(["Pending", "Pending", "Pending"]);
    expect(model.instancesInService(PARIS, "workers")).toEqual([]);
    await run(110_000);
    expect(states()).toEqual(["InService", "InService", "InService"]);
    expect(model.instancesInService(PARIS, "workers")).toHaveLength(3);
  });

  it("refuses a capacity outside its bounds, and an unknown name", () => {
    const { call } = setup(1);
    const code = (name: string) => expect.objectContaining({ code: name });
    expect(() => call(PARIS, "SetDesiredCapacity", { ...NAME, DesiredCapacity: 5 })).toThrow(
      code("ValidationError"),
    );
    expect(() =>
      call(PARIS, "SetDesiredCapacity", { AutoScalingGroupName: "other", DesiredCapacity: 1 }),
    ).toThrow(code("ValidationError"));
    expect(call(PARIS, "DescribeAutoScalingGroups", { AutoScalingGroupNames: ["other"] })).toEqual({
      AutoScalingGroups: [],
    });
  });

  it("refuses a change within the cooldown only from callers who honour it", () => {
    const { call, group } = setup(1);
    call(PARIS, "SetDesiredCapacity", { ...NAME, DesiredCapacity: 2 });
    expect(() =>
      call(PARIS, "SetDesiredCapacity", { ...NAME, DesiredCapacity: 3, HonorCooldown: true }),
    ).toThrow(expect.objectContaining({ code: "ScalingActivityInProgressFault" }));
    call(PARIS, "SetDesiredCapacity", { ...NAME, DesiredCapacity: 3 });
    expect(group().DesiredCapacity).toBe(3);
  });

  it("moves its capacity into new bounds", async () => {
    const { call, group, states, run } = setup(3);
    call(PARIS, "UpdateAutoScalingGroup", { ...NAME, MaxSize: 1 });
    expect(group()).toMatchObject({ MaxSize: 1, DesiredCapacity: 1 });
    await run(90_000);
    expect(states()).toEqual(["InService"]);
  });

  it("replaces every instance in a refresh, and runs one refresh at a time", async () => {
    const { call, group, run } = setup(2);
    const before = (group().Instances ?? []).map(({ InstanceId }) => InstanceId);
    const { InstanceRefreshId: id } = call(PARIS, "StartInstanceRefresh", NAME) as {
      InstanceRefreshId: string;
    };
    expect(() => call(PARIS, "StartInstanceRefresh", NAME)).toThrow(
      expect.objectContaining({ code: "InstanceRefreshInProgressFault" }),
    );
    const refresh = (): InstanceRefresh | undefined =>
      (
        call(PARIS, "DescribeInstanceRefreshes", { ...NAME, InstanceRefreshIds: [id] }) as {
          InstanceRefreshes: InstanceRefresh[];
        }
      ).InstanceRefreshes[0];
    await run(60_000);
    expect(refresh()?.Status).toBe("InProgress");
    await run(400_000);
    expect(refresh()).toMatchObject({ Status: "Successful", PercentageComplete: 100, InstancesToUpdate: 0 });
    const after = (group().Instances ?? []).map(({ InstanceId }) => InstanceId);
    expect(after).toHaveLength(2);
    expect(after.some((instance) => before.includes(instance))).toBe(false);
  });

  it("has nothing in service while its region is lost, and replaces what died when it is back", async () => {
    const { world, model, run, states } = setup(2);
    world.network.lose(PARIS);
    expect(model.instancesInService(PARIS, "workers")).toEqual([]);
    await run(600_000);
    world.network.restore(PARIS);
    await run(300_000);
    expect(states()).toEqual(["InService", "InService"]);
    expect(model.instancesInService(PARIS, "workers")).toHaveLength(2);
  });
});
