import type { Tending } from "@lifeboat/operations/ports";
import { describe, expect, it } from "vitest";
import { watchAt } from "./operations-watch-world.ts";
import { atIreland, atParis, leaseIn, portsWith, putLease, terms, witness } from "./operations-world.ts";

describe("the active site's watch, when its fence is not answered", () => {
  /** A site that is cut off, at the moment at which its fence is due; the acts that its watch asks for are noted. */
  const dueToFence = async () => {
    const asked: string[] = [];
    let failing = true;
    let withoutFailure: Tending | undefined;
    const through = <Answer>(act: string, run: (tending: Tending) => Promise<Answer>): Promise<Answer> => {
      asked.push(act);
      if (failing || withoutFailure === undefined) return Promise.reject(new Error("no answer in time"));
      return run(withoutFailure);
    };
    const tending = {
      fence: (region, request) => through("fence", (over) => over.fence(region, request)),
      resume: (region, request) => through("resume", (over) => over.resume(region, request)),
    } satisfies Partial<Tending> as unknown as Tending;
    const watch = await watchAt("ireland", { tending });
    withoutFailure = portsWith({ ledger: watch.store, clock: watch.clock, compute: watch.compute }).tending;
    await watch.tick();
    watch.lost.add(witness).add(atParis);
    watch.clock.advance(terms.durationMs - terms.fenceWithinMs);
    return { watch, asked, answers: () => void (failing = false) };
  };

  it("asks again a second later, and goes on trying to renew between", async () => {
    const { watch, asked, answers } = await dueToFence();
    for (let attempt = 1; attempt <= 3; attempt++) {
      const reads = watch.store.calls.length;
      expect(await watch.tick()).toMatchObject({
        detail: "fence-unanswered: no answer in time",
        countsDown: true,
      });
      expect(asked).toHaveLength(attempt);
      expect(watch.store.calls.length).toBeGreaterThan(reads);
      watch.clock.advance(1000);
    }
    answers();
    expect(await watch.tick()).toMatchObject({ detail: "fenced", countsDown: false });
    expect(watch.compute.scaled).toContain("eu-west-1/spacelift-server=0");
  });

  it("has the fence taken back once it renews, although no note of it is there yet, and stays until that is answered", async () => {
    const { watch, asked, answers } = await dueToFence();
    await watch.tick();
    watch.lost.clear();
    watch.clock.advance(1000);
    expect(await watch.tick()).toMatchObject({ detail: "renewed", countsDown: true });
    expect(asked).toEqual(["fence", "resume"]);
    answers();
    watch.clock.advance(1000);
    expect(await watch.tick()).toMatchObject({ detail: "renewed", countsDown: false });
    expect(asked).toEqual(["fence", "resume", "resume"]);
    watch.clock.advance(terms.renewEveryMs);
    await watch.tick();
    expect(asked).toHaveLength(3);
  });

  it("remembers a fence that could not be noted until what it stopped runs again", async () => {
    const { watch, answers } = await dueToFence();
    answers();
    watch.lost.add(atIreland);
    // It alone knows: it stays.
    expect(await watch.tick()).toMatchObject({ detail: "fenced", countsDown: true });
    watch.clock.advance(1000);
    expect(await watch.tick()).toMatchObject({ detail: "fenced", countsDown: true });
    watch.lost.clear();
    watch.clock.advance(60_000);
    expect(leaseIn(watch.store, atIreland).fenced).toBe(false);
    expect((await watch.tick()).detail).toMatch(/^renewed, resuming .*services\/server/);
    expect(watch.compute.scaled.at(-1)).not.toMatch(/=0$/);
    const { length } = watch.compute.scaled;
    watch.clock.advance(terms.renewEveryMs);
    expect(await watch.tick()).toMatchObject({ detail: "renewed" });
    expect(watch.compute.scaled).toHaveLength(length);
  });

  it("stays no longer once the note is made", async () => {
    const { watch, answers } = await dueToFence();
    answers();
    watch.lost.add(atIreland);
    await watch.tick();
    watch.lost.delete(atIreland);
    watch.clock.advance(1000);
    expect(await watch.tick()).toMatchObject({ detail: "fenced", countsDown: false });
    expect(leaseIn(watch.store, atIreland).fenced).toBe(true);
  });

  it("does not stay for ever: a fence ends, and then its note tells", async () => {
    const { watch, asked } = await dueToFence();
    await watch.tick();
    watch.lost.clear();
    watch.clock.advance(75_000);
    expect(await watch.tick()).toMatchObject({ detail: "renewed", countsDown: false });
    expect(asked).toEqual(["fence"]);
  });

  it("renews all the same while a resume fails, and asks for it again at the next tick", async () => {
    const { watch, asked, answers } = await dueToFence();
    putLease(watch.store, atIreland, { fenced: true });
    watch.restart();
    watch.lost.clear();
    for (let attempt = 1; attempt <= 2; attempt++) {
      const revision = leaseIn(watch.store, witness).revision + leaseIn(watch.store, atParis).revision;
      expect(await watch.tick()).toMatchObject({ detail: "renewed", countsDown: false });
      expect(leaseIn(watch.store, witness).revision + leaseIn(watch.store, atParis).revision).toBe(
        revision + 1,
      );
      watch.clock.advance(terms.renewEveryMs);
    }
    expect(asked).toEqual(["resume", "resume"]);
    answers();
    await watch.tick();
    expect(leaseIn(watch.store, atIreland).fenced).toBe(false);
  });
});
