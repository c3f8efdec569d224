import type { LedgerPlace } from "@lifeboat/operations/ports";
import { canarySilentForMs, writerGraceMs } from "@lifeboat/recovery/lease";
import { describe, expect, it } from "vitest";
import { movedToParis, type Watch, watchAt, tickUntil } from "./operations-watch-world.ts";
import { atParis, leaseIn, plan, putClaim, putLease, START_MS, terms, witness } from "./operations-world.ts";

describe("the active site's watch, when its database is gone", () => {
  /** Beats find no database, hang, or are written; asked whether it answers, it does in the last case alone. */
  const beside = async () => {
    let database: "there" | "gone" | "hangs" = "there";
    const asked: string[] = [];
    const state = { sequence: 0 };
    const watch: Watch = await watchAt("ireland", {
      canary: {
        beat: () => {
          asked.push("beat");
          if (database === "gone") return Promise.resolve({ type: "unreached", reason: "no route" });
          if (database === "hangs") return Promise.reject(new Error("no answer in time"));
          return Promise.resolve({
            type: "written",
            sequence: ++state.sequence,
            writtenAtMs: watch.clock.nowMs(),
          });
        },
        newest: (_region, { at }) => {
          asked.push(at);
          return database === "there" ? Promise.resolve(null) : Promise.reject(new Error("no answer"));
        },
      },
    });
    const wordsAt = (place: LedgerPlace): readonly (number | null)[] => {
      const { canary } = leaseIn(watch.store, place);
      const sinceStart = (atMs: number | undefined): number | null =>
        atMs === undefined ? null : atMs - START_MS;
      return [sinceStart(canary?.acknowledgedAtMs), sinceStart(canary?.mayHaveBeatenAtMs)];
    };
    /** How long after the beat that counts something may be written, by the later word of the two places. */
    const latestUntilMs = (): number =>
      Math.max(...[witness, atParis].map((place) => leaseIn(watch.store, place).canary?.writesUntilMs ?? 0)) -
      START_MS;
    const tickAfter = async (ms: number) => {
      watch.clock.advance(ms);
      asked.length = 0;
      return watch.tick();
    };
    await watch.tick();
    await tickAfter(terms.renewEveryMs);
    await tickAfter(terms.renewEveryMs);
    return {
      watch,
      asked,
      wordsAt,
      latestUntilMs,
      tickAfter,
      become: (next: typeof database) => void (database = next),
    };
  };
  const everyMs = terms.renewEveryMs;
  const graceMs = writerGraceMs(terms, plan.decision.lossLimitMs);

  it("goes on renewing, takes back the word of a beat that reached nothing, and sends no other", async () => {
    const { asked, wordsAt, latestUntilMs, tickAfter, become } = await beside();
    expect(wordsAt(witness)).toEqual([everyMs, 2 * everyMs]);
    expect(latestUntilMs()).toBe(2 * everyMs + graceMs);
    become("gone");
    expect(await tickAfter(everyMs)).toMatchObject({ detail: "renewed" });
    expect(asked).toEqual(["beat"]);
    expect(wordsAt(atParis)).toEqual([2 * everyMs, 2 * everyMs]);
    for (let round = 0; round < 8; round++) {
      expect(await tickAfter(everyMs)).toMatchObject({ detail: "renewed" });
      expect(asked).toEqual(["writer"]);
    }
    expect([wordsAt(witness), wordsAt(atParis)]).toEqual([
      [2 * everyMs, 2 * everyMs],
      [2 * everyMs, 2 * everyMs],
    ]);
    expect(latestUntilMs()).toBe(2 * everyMs + graceMs);
  });

  it("beats again in the tick in which the database answers, after a renewal that says so", async () => {
    const { watch, asked, wordsAt, tickAfter, become } = await beside();
    become("gone");
    await tickAfter(everyMs);
    await tickAfter(everyMs);
    become("there");
    const { revision } = leaseIn(watch.store, atParis);
    expect(await tickAfter(everyMs)).toMatchObject({ detail: "renewed" });
    expect(asked).toEqual(["writer", "beat"]);
    expect(leaseIn(watch.store, atParis).revision + leaseIn(watch.store, witness).revision).toBeGreaterThan(
      revision,
    );
    expect(Math.max(...[witness, atParis].map((place) => wordsAt(place)[1] ?? 0))).toBe(5 * everyMs);
  });

  it("takes back at both places at once that beats go unanswered, when one is answered", async () => {
    const { watch, tickAfter, become } = await beside();
    become("hangs");
    for (let round = 0; round < 6; round++) await tickAfter(everyMs);
    const silentMs = (): number[] =>
      [witness, atParis].map((place) => canarySilentForMs(leaseIn(watch.store, place)));
    expect(Math.max(...silentMs())).toBeGreaterThan(3 * everyMs);
    become("there");
    expect(await tickAfter(everyMs)).toMatchObject({ detail: "renewed" });
    expect(silentMs()).toEqual([0, 0]);
    const acknowledged = [witness, atParis].map(
      (place) => leaseIn(watch.store, place).canary?.acknowledgedAtMs,
    );
    expect(acknowledged).toEqual([watch.clock.nowMs(), watch.clock.nowMs()]);
  });

  it("tells of a beat that may have been written, for as long as it may yet be", async () => {
    const { watch, wordsAt, latestUntilMs, tickAfter, become } = await beside();
    become("hangs");
    await tickAfter(everyMs);
    expect(wordsAt(atParis)).toEqual([2 * everyMs, 3 * everyMs]);
    become("gone");
    await tickAfter(everyMs);
    await tickAfter(everyMs);
    const atWorstMs = Math.max(...[witness, atParis].map((place) => wordsAt(place)[1] ?? 0));
    expect(atWorstMs).toBe(3 * everyMs + 10_000);
    // Written as late as that, it admits nobody for longer; and each of the two places tells of it, for one may be out of reach.
    expect(latestUntilMs()).toBe(3 * everyMs + graceMs);
    expect(leaseIn(watch.store, witness).canary?.writesUntilMs).toBe(START_MS + latestUntilMs());
  });

  it("tells since when beat after beat went unanswered, until one is answered or none was sent for a while", async () => {
    const { watch, tickAfter, become } = await beside();
    const unansweredMs = (): number =>
      Math.max(...[witness, atParis].map((place) => canarySilentForMs(leaseIn(watch.store, place))));
    expect(unansweredMs()).toBe(0);
    become("hangs");
    await tickAfter(everyMs);
    await tickAfter(everyMs);
    expect(unansweredMs()).toBe(everyMs);
    become("gone");
    // Another container goes on with what lies in the leases.
    watch.restart();
    for (let round = 0; round < 6; round++) await tickAfter(everyMs);
    expect(unansweredMs()).toBe(7 * everyMs);
    // Cut off from both places it sends none, and afterwards its database may be well.
    watch.lost.add(witness).add(atParis);
    for (let round = 0; round < 3; round++) await tickAfter(everyMs);
    watch.lost.clear();
    await tickAfter(everyMs);
    await tickAfter(everyMs);
    expect(unansweredMs()).toBeLessThanOrEqual(everyMs);
    become("there");
    await tickAfter(everyMs);
    await tickAfter(everyMs);
    await tickAfter(everyMs);
    expect(unansweredMs()).toBe(0);
  });

  it("tells so although no beat of this epoch was ever acknowledged", async () => {
    const { watch, tickAfter, become } = await beside();
    become("gone");
    putClaim(watch.store, (claim) => ({ ...claim, epoch: 2 }));
    watch.restart();
    for (let round = 0; round < 5; round++) await tickAfter(everyMs);
    const told = [witness, atParis].map((place) => leaseIn(watch.store, place));
    expect(told.map(({ epoch, canary }) => [epoch, canary])).toEqual([
      [2, null],
      [2, null],
    ]);
    expect(Math.max(...told.map(canarySilentForMs))).toBe(4 * everyMs);
  });

  it("tells of another container's beats as well", async () => {
    const { watch, wordsAt, tickAfter, become } = await beside();
    become("gone");
    watch.restart();
    await tickAfter(everyMs);
    await tickAfter(everyMs);
    expect(wordsAt(witness)).toEqual([everyMs, 2 * everyMs]);
  });
});

describe("the active site's watch, without the witness", () => {
  it("lets its lease run out, and fences itself, when its database has been lost for as long as a lease holds", async () => {
    let answers = false;
    const watch = await watchAt("ireland", {
      canary: {
        beat: () => Promise.resolve({ type: "unreached", reason: "no route" }),
        newest: () => (answers ? Promise.resolve(null) : Promise.reject(new Error("no route"))),
      },
    });
    const acknowledgedAtMs = START_MS - 10_000;
    const periodMs = terms.renewEveryMs;
    const canary = {
      sequence: 7,
      acknowledgedAtMs,
      periodMs,
      reportedAtMs: START_MS,
    };
    putLease(watch.store, atParis, {
      canary,
      unanswered: { sinceMs: acknowledgedAtMs + 1, toldAtMs: START_MS },
    });
    watch.lost.add(witness);
    const renewals = (): number => leaseIn(watch.store, atParis).revision;
    await tickUntil(watch, acknowledgedAtMs + terms.durationMs + 2 * terms.renewEveryMs);
    const before = renewals();
    expect(before).toBeGreaterThan(5);
    const said = await tickUntil(watch, acknowledgedAtMs + 2 * terms.durationMs);
    expect(renewals()).toBe(before);
    expect(said.map(({ detail }) => detail)).toContain("fenced");
    expect(watch.compute.scaled).toContain("eu-west-1/spacelift-server=0");
    // It serves nobody, and cannot take that back without the claim.
    answers = true;
    expect(await watch.tick()).toMatchObject({ detail: "fenced, and the witness is out of reach" });
    expect(renewals()).toBe(before);
    watch.lost.clear();
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^renewed, resuming/) });
    expect(leaseIn(watch.store, witness).revision + renewals()).toBeGreaterThan(before);
  });

  it("renews as soon as its database answers, where it has not fenced itself yet", async () => {
    let answers = false;
    const watch = await watchAt("ireland", {
      canary: {
        beat: () => Promise.resolve({ type: "unreached", reason: "no route" }),
        newest: () => (answers ? Promise.resolve(null) : Promise.reject(new Error("no route"))),
      },
    });
    const unanswered = { sinceMs: START_MS - 120_000, toldAtMs: START_MS - 5000 };
    putLease(watch.store, atParis, { unanswered });
    watch.lost.add(witness);
    const { revision } = leaseIn(watch.store, atParis);
    expect(await watch.tick()).toMatchObject({ detail: "not-renewed" });
    expect(leaseIn(watch.store, atParis).revision).toBe(revision);
    answers = true;
    watch.clock.advance(1000);
    expect(await watch.tick()).toMatchObject({ detail: "renewed, without the witness" });
  });

  it("renews nothing where it knew last that it is being left, and stops nothing for what it knew", async () => {
    const watch = await watchAt("ireland");
    putClaim(watch.store, movedToParis);
    await watch.tick();
    const { revision } = leaseIn(watch.store, atParis);
    watch.lost.add(witness);
    watch.clock.advance(terms.renewEveryMs);
    watch.compute.scaled.length = 0;
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/epoch 2 moved to paris/) });
    expect(leaseIn(watch.store, atParis).revision).toBe(revision);
    expect(watch.compute.scaled).toEqual([]);
    expect(watch.beats).toEqual([]);
  });
});
