import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { injectFaults } from "@lifeboat/cloud/faults/inject-faults";
import type { Fault } from "@lifeboat/cloud/faults/fault";
import type { RdsFaults } from "@lifeboat/cloud/services/rds/context";
import { describe, expect, it } from "vitest";
import {
  createAccount,
  failure,
  FRANKFURT,
  IRELAND,
  PARIS,
  START_MS,
  type Account,
} from "./cloud-account.ts";

const MINUTE_MS = 60_000;

/** An account with a bucket in each region, a function that writes three objects, and faults that begin at once. */
const setUp = (...faults: readonly Fault[]) => {
  const written: string[] = [];
  const account = createAccount({
    functions: {
      async job(_request, inside: Account) {
        for (const key of ["one", "two", "three"]) {
          await inside.s3(IRELAND).send(new PutObjectCommand({ Bucket: "b-eu-west-1", Key: key, Body: key }));
          written.push(key);
        }
        return "done";
      },
    },
  });
  const { cloud } = account;
  for (const region of [IRELAND, PARIS, FRANKFURT]) cloud.s3.createBucket({ name: `b-${region}`, region });
  cloud.lambda.createFunction({ region: IRELAND, functionName: "job", timeoutSeconds: 30 });
  const rdsFaults: RdsFaults = {};
  const injected = injectFaults(cloud.world, rdsFaults, faults, START_MS);
  const put = (region: string, from = FRANKFURT): Promise<unknown> =>
    account
      .s3(region, { from, timeoutMs: 2000 })
      .send(new PutObjectCommand({ Bucket: `b-${region}`, Key: "k", Body: "v" }));
  const invoke = () => account.run(() => cloud.lambda.invoke(IRELAND, "job", {}, undefined));
  const has = (key: string): boolean => cloud.s3.bucket("b-eu-west-1").objects.has(key);
  return { account, cloud, injected, rdsFaults, put, invoke, has, written };
};

describe("a fault", () => {
  it("lasts as long as it says, and two of one place end with the later one", async () => {
    const both = { kind: "site-loss", place: IRELAND, plane: "both" } as const;
    const { account, cloud, injected } = setUp(
      { ...both, atMs: 0, forMs: 60_000 },
      { ...both, atMs: 30_000, forMs: 60_000 },
    );
    await account.run(() => account.sleep(70_000));
    expect(cloud.world.network.isLost(IRELAND)).toBe(true);
    await account.run(() => account.sleep(25_000));
    expect(cloud.world.network.isLost(IRELAND)).toBe(false);
    expect(injected.active()).toEqual([]);
  });

  it("of the control plane takes the API and leaves the servers", async () => {
    const { account, cloud, put } = setUp({
      kind: "site-loss",
      place: IRELAND,
      plane: "control",
      atMs: 0,
      forMs: null,
    });
    cloud.world.fabric.listen("server", IRELAND, () => ({ status: 200, body: "" }));
    await account.run(() => account.sleep(1));
    expect((await account.run(() => failure(put(IRELAND)))).name).toBe("TimeoutError");
    const asked = { method: "GET", url: "https://server/", timeoutMs: 1000 } as const;
    expect(await account.run(() => cloud.world.fabric.request(PARIS, asked))).toMatchObject({ status: 200 });
  });

  it("of the data plane takes the servers and leaves the API", async () => {
    const { account, cloud, put } = setUp({
      kind: "site-loss",
      place: IRELAND,
      plane: "data",
      atMs: 0,
      forMs: null,
    });
    cloud.world.fabric.listen("server", IRELAND, () => ({ status: 200, body: "" }));
    await account.run(() => account.sleep(1));
    await account.run(() => put(IRELAND));
    const asked = { method: "GET", url: "https://server/", timeoutMs: 1000 } as const;
    expect((await account.run(() => failure(cloud.world.fabric.request(PARIS, asked)))).name).toBe(
      "HttpUnreachable",
    );
  });

  it("of a path cuts it both ways and leaves the others", async () => {
    const { account, put } = setUp({
      kind: "partition",
      between: [FRANKFURT, IRELAND],
      atMs: 0,
      forMs: MINUTE_MS,
    });
    await account.run(() => account.sleep(1));
    expect((await account.run(() => failure(put(IRELAND)))).name).toBe("TimeoutError");
    await account.run(() => put(PARIS));
    await account.run(() => account.sleep(MINUTE_MS));
    await account.run(() => put(IRELAND));
  });

  it("of throttling answers with the service's own error", async () => {
    const { account, put } = setUp({
      kind: "throttling",
      region: IRELAND,
      service: "s3",
      chance: 1,
      atMs: 0,
      forMs: MINUTE_MS,
    });
    await account.run(() => account.sleep(1));
    expect(await account.run(() => failure(put(IRELAND)))).toMatchObject({ name: "SlowDown", status: 503 });
  });

  it("of latency delays a call on its way there and on its way back", async () => {
    const { account, cloud, put } = setUp({
      kind: "latency",
      region: IRELAND,
      extraMs: 300,
      atMs: 0,
      forMs: MINUTE_MS,
    });
    await account.run(() => account.sleep(1));
    const sentAtMs = cloud.world.clock.nowMs();
    await account.run(() => put(IRELAND));
    expect(cloud.world.clock.nowMs() - sentAtMs).toBeGreaterThanOrEqual(600);
  });

  it("of a lost reply leaves the effect", async () => {
    const { invoke, has, written, account } = setUp({
      kind: "lost-reply",
      region: IRELAND,
      chance: 1,
      atMs: 0,
      forMs: MINUTE_MS,
    });
    await account.run(() => account.sleep(1));
    expect(await invoke()).toMatchObject({ type: "failed", errorType: "TimeoutError" });
    expect(has("one")).toBe(true);
    expect(written).toEqual([]);
  });

  it.each([
    ["before", false],
    ["after", true],
  ] as const)("that kills %s a call leaves its effect: %s", async (when, effect) => {
    const { invoke, has, written, account } = setUp({
      kind: "kill",
      region: IRELAND,
      when,
      chance: 1,
      atMs: 0,
      forMs: MINUTE_MS,
    });
    await account.run(() => account.sleep(1));
    expect(await invoke()).toMatchObject({ type: "failed", errorType: "Runtime.ExitError" });
    expect({ effect: has("one"), written }).toEqual({ effect, written: [] });
  });

  it("of cold starts gives every invocation a new container", async () => {
    const { invoke, cloud, account } = setUp({
      kind: "cold-starts",
      region: IRELAND,
      atMs: MINUTE_MS,
      forMs: MINUTE_MS,
    });
    await invoke();
    await invoke();
    await account.run(() => account.sleep(MINUTE_MS));
    await invoke();
    expect(cloud.lambda.invocations.map(({ coldStart }) => coldStart)).toEqual([true, false, true]);
  });

  it("of stale describes is switched on and off at RDS, and for the models that ask how late they answer", async () => {
    const { account, cloud, rdsFaults } = setUp({
      kind: "stale-describes",
      chance: 0.5,
      byMs: 9000,
      atMs: 0,
      forMs: MINUTE_MS,
    });
    await account.run(() => account.sleep(1));
    expect(rdsFaults).toMatchObject({ staleDescribeChance: 0.5, staleDescribeMs: 9000 });
    const ages = Array.from({ length: 100 }, () => cloud.world.faults.describeAgeMs?.("ecs") ?? 0);
    expect(ages.filter((ageMs) => ageMs === 0).length).toBeGreaterThan(25);
    expect(Math.max(...ages)).toBeGreaterThan(8000);
    expect(Math.max(...ages)).toBeLessThanOrEqual(9000);
    await account.run(() => account.sleep(MINUTE_MS));
    expect(rdsFaults.staleDescribeChance).toBe(0);
    expect(cloud.world.faults.describeAgeMs?.("ecs")).toBe(0);
  });

  it("of a clock is there from the beginning, and grows", async () => {
    const { account, cloud } = setUp({
      kind: "clock-drift",
      place: PARIS,
      offsetMs: -500,
      ppm: 200,
      atMs: 0,
      forMs: null,
    });
    await account.run(() => account.sleep(MINUTE_MS));
    expect(cloud.world.faults.clockError?.(PARIS)).toEqual({ sinceMs: START_MS, offsetMs: -500, ppm: 200 });
    expect(cloud.world.faults.clockError?.(IRELAND)).toBeUndefined();
  });

  it("that waits for an execution begins when one first enters the state, at once, and only then", async () => {
    const { account, cloud, injected } = setUp({
      kind: "site-loss",
      place: PARIS,
      plane: "both",
      entering: "Claim",
      atMs: 0,
      forMs: 10_000,
    });
    const { network, faults } = cloud.world;
    await account.run(() => account.sleep(MINUTE_MS));
    faults.entered?.(IRELAND, "Assess");
    expect(network.isLost(PARIS)).toBe(false);
    faults.entered?.(IRELAND, "Claim");
    expect(network.isLost(PARIS)).toBe(true);
    expect(injected.overAtMs()).toBe(cloud.world.clock.nowMs() + 10_000);
    await account.run(() => account.sleep(10_001));
    faults.entered?.(IRELAND, "Claim");
    expect(network.isLost(PARIS)).toBe(false);
  });

  it("of an operation names the operation, and is endless where it says so", async () => {
    const stuck = { kind: "stuck-operation", region: PARIS, atMs: 0, forMs: MINUTE_MS } as const;
    const { account, cloud, injected } = setUp(
      { ...stuck, operation: "task-start", stallsMs: 5000, ends: "fails" },
      { ...stuck, operation: "failover", stallsMs: null, ends: "completes" },
    );
    await account.run(() => account.sleep(1));
    const { faults } = cloud.world;
    expect(faults.stall?.(IRELAND, "task-start")).toBeUndefined();
    expect(faults.stall?.(PARIS, "instance-launch")).toBeUndefined();
    expect(faults.stall?.(PARIS, "task-start")).toEqual({ stallsMs: 5000, ends: "fails" });
    expect(injected.isEndless()).toBe(false);
    expect(faults.stall?.(PARIS, "failover")).toEqual({ stallsMs: null, ends: "completes" });
    expect(injected.isEndless()).toBe(true);
  });

  it("is noted as having struck when it did something to somebody, and not for being in force", async () => {
    const { account, injected, put, cloud } = setUp(
      { kind: "throttling", region: IRELAND, service: "s3", chance: 1, atMs: 0, forMs: MINUTE_MS },
      { kind: "kill", region: IRELAND, when: "before", chance: 1, atMs: 0, forMs: MINUTE_MS },
      { kind: "partition", between: [FRANKFURT, PARIS], atMs: 0, forMs: MINUTE_MS },
    );
    await account.run(() => account.sleep(1));
    expect(injected.strikes()).toEqual([]);
    await account.run(() => failure(put(IRELAND)));
    const [first] = injected.strikes();
    expect(injected.strikes().map(({ kind }) => kind)).not.toContain("partition");
    expect(first).toMatchObject({ kind: "throttling", execution: undefined });
    expect(first?.fromMs).toBeLessThanOrEqual(cloud.world.clock.nowMs());
    await account.run(() => failure(put(PARIS)));
    expect(new Set(injected.strikes().map(({ kind }) => kind))).toEqual(new Set(["throttling", "partition"]));
  });

  it("that is over changes nothing more", async () => {
    const { account, cloud, put } = setUp({
      kind: "throttling",
      region: IRELAND,
      service: "s3",
      chance: 1,
      atMs: 0,
      forMs: 1000,
    });
    await account.run(() => account.sleep(2000));
    await account.run(() => put(IRELAND));
    const got = await account.run(() =>
      account.s3(IRELAND).send(new GetObjectCommand({ Bucket: "b-eu-west-1", Key: "k" })),
    );
    expect(got.ETag).toBeDefined();
    expect(cloud.violations).toEqual([]);
  });
});
