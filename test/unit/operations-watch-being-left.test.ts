import type { Tending } from "@lifeboat/operations/ports";
import { tick } from "@lifeboat/operations/watch/tick";
import { freshMemory } from "@lifeboat/operations/watch/watch-memory";
import { describe, expect, it } from "vitest";
import { movedToParis, type Watch, watchAt } from "./operations-watch-world.ts";
import {
  atParis,
  contextAt,
  createIds,
  leaseIn,
  MACHINE_ARN,
  portsWith,
  putClaim,
  putLease,
  START_MS,
  terms,
  witness,
} from "./operations-world.ts";

describe("the watch of a site from which the workload is moved", () => {
  const moving = async (): Promise<Watch> => {
    const watch = await watchAt("ireland");
    putClaim(watch.store, movedToParis);
    return watch;
  };

  it("says that it is fenced only once the enforcer admits nobody any more, by whatever it renewed last", async () => {
    const watch = await watchAt("ireland");
    await watch.tick();
    // The enforcer needs a while to stop them.
    const admittedUntilMs = (watch.admittedUntilMs[0] ?? 0) + 10_000;
    expect(admittedUntilMs).toBeGreaterThan(START_MS + 2 * terms.renewEveryMs);
    putClaim(watch.store, movedToParis);
    const told = (): readonly boolean[] =>
      [witness, atParis].map((place) => leaseIn(watch.store, place).fenced);
    for (const atMs of [START_MS + 12_000, START_MS + 24_000, admittedUntilMs - 1]) {
      watch.clock.advance(atMs - watch.clock.nowMs());
      await watch.tick();
      expect(told()).toEqual([false, false]);
    }
    watch.clock.advance(1);
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^fenced: epoch 2/) });
    expect(told()).toEqual([true, true]);
  });

  it("waits as long from its own start where it knows of no renewal", async () => {
    const watch = await moving();
    const graceMs = 60_000 - terms.renewEveryMs - 1000 + 10_000;
    for (const [waitMs, isFenced] of [
      [0, false],
      [graceMs - 1, false],
      [1, true],
    ] as const) {
      watch.clock.advance(waitMs);
      await watch.tick();
      expect(leaseIn(watch.store, witness).fenced).toBe(isFenced);
    }
  });

  it("waits for the beats of another container as well, and says nothing while a lease cannot be read", async () => {
    const watch = await moving();
    watch.clock.advance(70_000);
    const canary = {
      sequence: 7,
      acknowledgedAtMs: START_MS + 50_000,
      periodMs: terms.renewEveryMs,
      reportedAtMs: START_MS + 60_000,
      mayHaveBeatenAtMs: START_MS + 60_000,
    };
    putLease(watch.store, atParis, { canary });
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^(stopping|admits)/) });
    watch.clock.advance(START_MS + 60_000 + 56_999 - watch.clock.nowMs());
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^admits no new writers/) });
    watch.lost.add(atParis);
    watch.clock.advance(10_000);
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^admits no new writers/) });
    watch.lost.clear();
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^fenced/) });
  });

  it("waits for beats that were sent by another version of the plan as long as that admits writers", async () => {
    const watch = await moving();
    const canary = {
      sequence: 7,
      acknowledgedAtMs: START_MS,
      periodMs: terms.renewEveryMs,
      reportedAtMs: START_MS,
      mayHaveBeatenAtMs: START_MS,
      writesUntilMs: START_MS + 227_000,
    };
    putLease(watch.store, atParis, { canary });
    for (const [untilMs, isFenced] of [
      [70_000, false],
      [236_999, false],
      [237_000, true],
    ] as const) {
      watch.clock.advance(START_MS + untilMs - watch.clock.nowMs());
      await watch.tick();
      expect(leaseIn(watch.store, witness).fenced).toBe(isFenced);
    }
  });

  it("stops everything, renews nothing, and says that it is fenced only once nothing runs any more", async () => {
    const watch = await moving();
    watch.clock.advance(70_000);
    watch.compute.stuck.add("spacelift-drain");
    await watch.tick();
    expect(watch.compute.scaled).toContain("eu-west-1/spacelift-drain=0");
    expect([witness, atParis].map((place) => leaseIn(watch.store, place).fenced)).toEqual([false, false]);
    watch.clock.advance(10_000);
    watch.compute.stuck.clear();
    await watch.tick();
    expect([witness, atParis].map((place) => leaseIn(watch.store, place).fenced)).toEqual([true, true]);
    expect(watch.beats).toEqual([]);
  });

  it("does not say so when something could not be stopped", async () => {
    const watch = await moving();
    const failing = { ...watch.compute, scaleGroup: () => Promise.reject(new Error("throttled")) };
    const ports = portsWith({
      ledger: watch.store,
      clock: watch.clock,
      ids: createIds("again"),
      compute: failing,
    });
    const report = await tick(contextAt("ireland", ports), MACHINE_ARN, freshMemory(START_MS));
    expect(report.detail).toMatch(/workers\//);
    expect(leaseIn(watch.store, witness).fenced).toBe(false);
  });

  it("does not say so while nobody answers what was stopped, and asks again a second later", async () => {
    const watch = await moving();
    const tending = { fence: () => Promise.reject(new Error("no answer in time")) };
    const ports = portsWith({
      ledger: watch.store,
      clock: watch.clock,
      ids: createIds("again"),
      tending: tending as unknown as Tending,
    });
    const report = await tick(contextAt("ireland", ports), MACHINE_ARN, freshMemory(START_MS));
    expect(report).toMatchObject({ detail: expect.stringMatching(/no answer in time/), countsDown: true });
    expect([witness, atParis].map((place) => leaseIn(watch.store, place).fenced)).toEqual([false, false]);
    expect(watch.beats).toEqual([]);
  });

  it("renews again, unfenced, and starts what it had stopped, when the move was given up", async () => {
    const watch = await moving();
    await watch.tick();
    watch.clock.advance(10_000);
    await watch.tick();
    putClaim(watch.store, (claim) => ({ ...claim, holder: null, request: null, phase: "idle" }));
    watch.compute.scaled.length = 0;
    expect(await watch.tick()).toMatchObject({
      detail: expect.stringMatching(/^renewed, resuming/) as string,
    });
    expect(watch.compute.scaled).toContain("eu-west-1/spacelift-server=3");
    expect(leaseIn(watch.store, witness)).toMatchObject({ fenced: false, epoch: 2, site: "ireland" });
  });
});
