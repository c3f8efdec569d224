import { LOOKS, SECONDS } from "@lifeboat/control-plane/cost";
import { createLab, type Lab } from "@lifeboat/lab/create-lab";
import { withVirtualGlobals } from "@lifeboat/lab/virtual-globals";
import { beforeAll, describe, expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";

/* What the bill of an idle month is counted from, held against what really is called in idle minutes. */

const MINUTES = 20;

describe("an idle workload", () => {
  let lab: Lab;
  let fromMs = 0;
  beforeAll(async () => {
    lab = await createLab({ ...readValid(exampleText), seed: 1 });
    const { clock, random } = lab.cloud.world;
    await withVirtualGlobals(clock, random.stream("process"), async () => {
      let isDone = false;
      const made = lab.bootstrap().finally(() => {
        isDone = true;
      });
      await clock.run({ untilMs: clock.nowMs() + 60_000, until: () => isDone });
      await made;
      await clock.run({ untilMs: clock.nowMs() + 120_000 });
      fromMs = clock.nowMs();
      await clock.run({ untilMs: fromMs + MINUTES * 60_000 });
    });
  });

  /** Calls of a function in a region in a minute. */
  const calls = (name: string, region: string, operation: string): number =>
    lab.wire.filter(
      (call) =>
        call.atMs >= fromMs &&
        call.operation === operation &&
        call.origin.principal === `function/lifeboat-spacelift-${name}@${region}`,
    ).length / MINUTES;
  const ticks = (): number => 60_000 / lab.plan.ledger.lease.renewEveryMs;

  it("has nothing done that somebody would have to be asked for", () => {
    const acting = lab.cloud.lambda.invocations.filter(
      ({ functionName, startedAtMs }) => startedAtMs >= fromMs && functionName.includes("-tend-"),
    );
    expect(acting).toEqual([]);
  });

  it.each([
    ["active", "eu-west-1"],
    ["passive", "eu-west-3"],
  ] as const)("looks and writes as often at the %s site as the bill says", (role, region) => {
    const { puts, gets, getsAMinute } = LOOKS[role];
    expect(calls("watch", region, "PutObject")).toBeCloseTo(ticks() * puts, 0);
    const counted = ticks() * gets + getsAMinute;
    expect(calls("watch", region, "GetObject")).toBeLessThanOrEqual(counted + 0.5);
    expect(calls("watch", region, "GetObject")).toBeGreaterThan(0.8 * counted);
  });

  it("looks as often at the witness, and sends one batch of ticks a minute", () => {
    expect(calls("probe", "eu-central-1", "GetObject")).toBeCloseTo(LOOKS.probe.gets, 0);
    for (const region of ["eu-west-1", "eu-west-3"])
      expect(calls("watch", region, "SendMessageBatch")).toBeCloseTo(1, 0);
  });

  it("crosses regions as often as the bill says", () => {
    const abroad = lab.wire.filter(
      ({ atMs, service, region, origin }) => atMs >= fromMs && service === "s3" && region !== origin.place,
    );
    const counted = ticks() * (LOOKS.active.abroad + LOOKS.passive.abroad);
    expect(abroad.length / MINUTES).toBeLessThanOrEqual(counted + 1.5);
  });

  it.each([
    ["watch", "eu-west-1", SECONDS.active],
    ["watch", "eu-west-3", SECONDS.passive],
    ["canary", "eu-west-1", SECONDS.canary],
    ["probe", "eu-central-1", SECONDS.probe],
  ])("waits in the %s of %s for less than the bill counts", (name, region, seconds) => {
    const lasted = lab.cloud.lambda.invocations.flatMap((one) =>
      one.functionName === `lifeboat-spacelift-${name}` &&
      one.region === region &&
      one.startedAtMs >= fromMs &&
      one.endedAtMs !== undefined
        ? [one.endedAtMs - one.startedAtMs]
        : [],
    );
    expect(lasted.length).toBeGreaterThanOrEqual(MINUTES);
    const meanMs = lasted.reduce((sum, ms) => sum + ms, 0) / lasted.length;
    expect(meanMs).toBeLessThan(seconds * 1000);
    expect(meanMs).toBeGreaterThan(0.25 * seconds * 1000);
  });

  it("calls nothing else that costs: no alarm is read, no metric is put, no event is told, nothing is logged", () => {
    const known = new Set(["GetObject", "PutObject", "Invoke", "SendMessageBatch"]);
    const others = lab.wire.filter(({ atMs, operation }) => atMs >= fromMs && !known.has(operation));
    expect(others.map(({ operation }) => operation)).toEqual([]);
    expect(lab.log.filter(({ atMs }) => atMs >= fromMs)).toEqual([]);
    const canaries = lab.cloud.lambda.invocations.filter(
      ({ functionName }) => functionName === "lifeboat-spacelift-canary",
    );
    expect(canaries.length).toBeGreaterThan(MINUTES * ticks() * 0.9);
  });
});
