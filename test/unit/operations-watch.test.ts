import { writerGraceMs } from "@lifeboat/recovery/lease";
import { describe, expect, it } from "vitest";
import { watchAt, tickUntil } from "./operations-watch-world.ts";
import { atParis, leaseIn, plan, putLease, START_MS, terms, witness } from "./operations-world.ts";

describe("the active site's watch", () => {
  it("renews its lease, then writes a canary and lets the enforcer admit writers for no longer than the plan may lose", async () => {
    const watch = await watchAt("ireland");
    expect(await watch.tick()).toMatchObject({ role: "active", detail: "renewed" });
    expect(leaseIn(watch.store, witness)).toMatchObject({
      revision: 2,
      site: "ireland",
      by: "ireland",
      epoch: 1,
      fenced: false,
    });
    expect(watch.beats).toEqual([{ holder: "ireland", epoch: 1 }]);
    // The limit is a minute, and one period of canaries that comes a second late is part of it.
    expect(watch.admittedUntilMs).toEqual([START_MS + 60_000 - terms.renewEveryMs - 1000]);
  });

  it("renews at the witness and at the standby in turn, one PUT a tick and no look before it", async () => {
    const watch = await watchAt("ireland");
    const revisions: number[][] = [];
    for (let round = 0; round < 4; round++) {
      await watch.tick();
      revisions.push([witness, atParis].map((place) => leaseIn(watch.store, place).revision));
      watch.clock.advance(terms.renewEveryMs);
    }
    expect(revisions).toEqual([
      [2, 1],
      [2, 2],
      [3, 2],
      [3, 3],
    ]);
    const before = watch.store.calls.length;
    await watch.tick();
    expect(watch.store.calls.slice(before).map(({ operation }) => operation)).toEqual(["read", "replace"]);
  });

  it("sees at once that somebody else has changed a lease that it remembers", async () => {
    const watch = await watchAt("ireland");
    await watch.tick();
    watch.clock.advance(terms.renewEveryMs);
    await watch.tick();
    putLease(watch.store, witness, { site: "paris", epoch: 2, durationMs: 0 });
    watch.clock.advance(terms.renewEveryMs);
    await watch.tick();
    expect(leaseIn(watch.store, witness)).toMatchObject({ site: "paris", epoch: 2, durationMs: 0 });
  });

  it("reports with the next renewal what its database acknowledged", async () => {
    const watch = await watchAt("ireland");
    await watch.tick();
    expect(leaseIn(watch.store, witness).canary).toBeNull();
    watch.clock.advance(10_000);
    await watch.tick();
    expect(leaseIn(watch.store, atParis).canary).toEqual({
      sequence: 1,
      acknowledgedAtMs: START_MS,
      periodMs: terms.renewEveryMs,
      reportedAtMs: START_MS + 10_000,
      mayHaveBeatenAtMs: START_MS + 10_000,
      writesUntilMs: START_MS + 10_000 + writerGraceMs(terms, plan.decision.lossLimitMs),
    });
  });

  it("reports the newest canary that anybody reported, not an older one of its own", async () => {
    const watch = await watchAt("ireland");
    await watch.tick();
    const newer = {
      sequence: 9,
      acknowledgedAtMs: START_MS + 9000,
      periodMs: terms.renewEveryMs,
      reportedAtMs: START_MS + 9000,
    };
    putLease(watch.store, atParis, { canary: newer });
    watch.clock.advance(10_000);
    await watch.tick();
    expect(leaseIn(watch.store, atParis).canary).toMatchObject({ ...newer, reportedAtMs: START_MS + 10_000 });
  });

  it("does not pass another site's canary off as its own", async () => {
    const watch = await watchAt("ireland");
    const canary = {
      sequence: 70,
      acknowledgedAtMs: START_MS - 60_000,
      periodMs: terms.renewEveryMs,
      reportedAtMs: START_MS - 60_000,
    };
    putLease(watch.store, witness, { site: "paris", durationMs: 0, canary });
    await watch.tick();
    expect(leaseIn(watch.store, witness)).toMatchObject({ site: "ireland", canary: null });
  });

  it.each([
    ["the witness", witness],
    ["the standby", atParis],
  ])("goes on without %s: losing one place stops nothing", async (_name, place) => {
    const watch = await watchAt("ireland");
    watch.lost.add(place);
    const said = await tickUntil(watch, START_MS + 300_000);
    expect(said.filter(({ detail }) => !detail.startsWith("renewed"))).toEqual([]);
    expect(watch.compute.scaled).toEqual([]);
    expect(watch.beats).toHaveLength(said.length);
  });

  it("fences itself when both are out of reach, once it is due and before the lease can end for anybody", async () => {
    const watch = await watchAt("ireland");
    await watch.tick();
    const lastRenewalMs = watch.clock.nowMs();
    watch.clock.advance(terms.renewEveryMs);
    watch.lost.add(witness).add(atParis);
    const said = await tickUntil(watch, START_MS + 120_000);
    const fenced = said.find(({ detail }) => detail === "fenced");
    // At the first tick after it is due; the function ticks every second by then.
    const dueMs = lastRenewalMs + terms.durationMs - terms.fenceWithinMs;
    expect(fenced?.atMs).toBeGreaterThanOrEqual(dueMs);
    expect(fenced?.atMs).toBeLessThan(dueMs + terms.renewEveryMs);
    expect(said.filter(({ atMs }) => atMs < (fenced?.atMs ?? 0)).map(({ detail }) => detail)).toEqual(
      said.filter(({ atMs }) => atMs < (fenced?.atMs ?? 0)).map(() => "not-renewed"),
    );
    expect(watch.compute.scaled).toContain("eu-west-1/spacelift-server=0");
    // The database's own door closes at the same moment: nobody refreshed the enforcer's row.
    expect(Math.max(...watch.admittedUntilMs)).toBeLessThanOrEqual(lastRenewalMs + terms.durationMs);
    expect(watch.beats).toHaveLength(1);
  });

  it("does not fence itself for a few lost ticks", async () => {
    const watch = await watchAt("ireland");
    await watch.tick();
    watch.clock.advance(10_000);
    watch.lost.add(witness).add(atParis);
    await tickUntil(watch, START_MS + 60_000);
    watch.lost.clear();
    expect(await watch.tick()).toMatchObject({ detail: "renewed" });
    expect(watch.compute.scaled).toEqual([]);
  });

  it("is not told to end while it counts down: the next invocation would not know since when", async () => {
    const watch = await watchAt("ireland");
    expect(await watch.tick()).toMatchObject({ countsDown: false });
    watch.clock.advance(10_000);
    watch.lost.add(witness).add(atParis);
    expect(await watch.tick()).toMatchObject({ countsDown: true });
    watch.clock.advance(90_000);
    expect(await watch.tick()).toMatchObject({ detail: "fenced", countsDown: false });
  });

  it("starts again what its own fence stopped, once it renews and nobody has claimed", async () => {
    const watch = await watchAt("ireland");
    await watch.tick();
    watch.lost.add(witness).add(atParis);
    watch.clock.advance(90_000);
    expect(await watch.tick()).toMatchObject({ detail: "fenced" });
    watch.lost.clear();
    watch.compute.scaled.length = 0;
    expect(await watch.tick()).toMatchObject({
      detail: expect.stringMatching(/^renewed, resuming /) as string,
    });
    expect(watch.compute.scaled).toContain("eu-west-1/spacelift-server=3");
    watch.compute.scaled.length = 0;
    expect(await watch.tick()).toMatchObject({ detail: "renewed" });
    expect(watch.compute.scaled).toEqual([]);
  });

  it("starts nothing that people have stopped", async () => {
    const watch = await watchAt("ireland");
    await watch.compute.scaleService("eu-west-1", "spacelift", "spacelift-server", 0);
    watch.compute.scaled.length = 0;
    expect(await watch.tick()).toMatchObject({ detail: "renewed" });
    expect(watch.compute.scaled).toEqual([]);
  });

  it("never overwrites a lease of a later epoch", async () => {
    const watch = await watchAt("ireland");
    for (const place of [witness, atParis]) putLease(watch.store, place, { site: "paris", epoch: 2 });
    const before = [witness, atParis].map((place) => leaseIn(watch.store, place));
    expect(await watch.tick()).toMatchObject({ detail: "not-renewed" });
    expect([witness, atParis].map((place) => leaseIn(watch.store, place))).toEqual(before);
    expect(watch.beats).toEqual([]);
  });

  it("admits no writers on the strength of a lease that is sealed at one place and renewed at none", async () => {
    const watch = await watchAt("ireland");
    putLease(watch.store, atParis, { site: "paris", epoch: 2, durationMs: 0 });
    watch.lost.add(witness);
    const report = await watch.tick();
    expect(report.role).toBe("unknown");
    expect(watch.beats).toEqual([]);
  });

  it("reports a database that takes no canary, and renews all the same", async () => {
    const watch = await watchAt("ireland", {
      canary: { beat: () => Promise.reject(new Error("read-only")), newest: () => Promise.resolve(null) },
    });
    expect(await watch.tick()).toMatchObject({ detail: "renewed" });
    watch.clock.advance(10_000);
    await watch.tick();
    expect(leaseIn(watch.store, atParis)).toMatchObject({ revision: 2, canary: null });
  });
});
