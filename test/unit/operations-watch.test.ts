import { canarySilentForMs } from "@lifeboat/recovery/lease";
import type { Compute, LedgerPlace, Ports, Tending } from "@lifeboat/operations/ports";
import { tick } from "@lifeboat/operations/watch/tick";
import { freshMemory, type TickReport, type WatchMemory } from "@lifeboat/operations/watch/watch-memory";
import { withHolder, withProtection, type Claim } from "@lifeboat/recovery/ledger";
import { describe, expect, it } from "vitest";
import { createModelledStore, type ModelledStore } from "./operations-store.ts";
import {
  atIreland,
  atParis,
  bootstrapped,
  claimIn,
  contextAt,
  createExecutions,
  createHandClock,
  createIds,
  executionNamed,
  leaseIn,
  MACHINE_ARN,
  plan,
  portsWith,
  putClaim,
  putLease,
  START_MS,
  terms,
  witness,
  type HandClock,
} from "./operations-world.ts";

/** Services and groups of both sites, with what was asked of them; `stuck` tasks do not stop. */
interface ModelledCompute extends Compute {
  readonly scaled: string[];
  readonly stuck: Set<string>;
}

const createCompute = (): ModelledCompute => {
  const scaled: string[] = [];
  const stuck = new Set<string>();
  const desired = new Map<string, number>();
  return {
    scaled,
    stuck,
    service: (_region, _cluster, service) => {
      const count = desired.get(service) ?? 3;
      return Promise.resolve({
        status: "ACTIVE",
        desired: count,
        running: stuck.has(service) ? 3 : count,
        settled: true,
      });
    },
    scaleService: (region, _cluster, service, count) => {
      scaled.push(`${region}/${service}=${count}`);
      desired.set(service, count);
      return Promise.resolve();
    },
    group: (_region, name) => {
      const count = desired.get(name) ?? 3;
      return Promise.resolve({ desired: count, inService: count, max: 10 });
    },
    scaleGroup: (region, name, count) => {
      scaled.push(`${region}/${name}=${count}`);
      desired.set(name, count);
      return Promise.resolve();
    },
  };
};

interface Watch {
  readonly clock: HandClock;
  readonly store: ModelledStore;
  readonly compute: ModelledCompute;
  /** Places that this site cannot reach. */
  readonly lost: Set<LedgerPlace>;
  /** Until when each beat lets the enforcer admit writers. */
  readonly admittedUntilMs: number[];
  readonly beats: { holder: string; epoch: number }[];
  readonly tick: () => Promise<TickReport>;
  /** The next invocation, which remembers nothing. */
  readonly restart: () => void;
}

const watchAt = async (site: "ireland" | "paris", overrides: Partial<Ports> = {}): Promise<Watch> => {
  const clock = createHandClock();
  const lost = new Set<LedgerPlace>();
  const store = await bootstrapped(
    createModelledStore({
      fate: ({ name }) =>
        [...lost].some(({ bucket }) => name.startsWith(`${bucket}/`)) ? "lost-before" : "answered",
    }),
  );
  const compute = createCompute();
  const admittedUntilMs: number[] = [];
  const beats: Watch["beats"] = [];
  const ports = portsWith({
    ledger: store,
    clock,
    ids: createIds("watch"),
    compute,
    canary: {
      beat: (_region, { validForMs, holder, epoch }) => {
        admittedUntilMs.push(clock.nowMs() + validForMs);
        beats.push({ holder, epoch });
        return Promise.resolve({ type: "written", sequence: beats.length, writtenAtMs: clock.nowMs() });
      },
      newest: () => Promise.resolve(null),
    },
    ...overrides,
  });
  let memory: WatchMemory = freshMemory(clock.nowMs());
  return {
    clock,
    store,
    compute,
    lost,
    admittedUntilMs,
    beats,
    tick: async () => {
      const report = await tick(contextAt(site, ports), MACHINE_ARN, memory);
      memory = report.memory;
      return report;
    },
    restart: () => {
      memory = freshMemory(clock.nowMs());
    },
  };
};

/** Ticks as the watch does, until `untilMs`; answers what was said at each. */
const tickUntil = async (watch: Watch, untilMs: number): Promise<{ atMs: number; detail: string }[]> => {
  const said: { atMs: number; detail: string }[] = [];
  while (watch.clock.nowMs() < untilMs) {
    const { detail } = await watch.tick();
    said.push({ atMs: watch.clock.nowMs(), detail });
    watch.clock.advance(terms.renewEveryMs);
  }
  return said;
};

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
    // The limit is a minute, and one period of canaries is part of it.
    expect(watch.admittedUntilMs).toEqual([START_MS + 60_000 - terms.renewEveryMs]);
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
    const tickAfter = async (ms: number) => {
      watch.clock.advance(ms);
      asked.length = 0;
      return watch.tick();
    };
    await watch.tick();
    await tickAfter(terms.renewEveryMs);
    await tickAfter(terms.renewEveryMs);
    return { watch, asked, wordsAt, tickAfter, become: (next: typeof database) => void (database = next) };
  };
  const everyMs = terms.renewEveryMs;

  it("goes on renewing, takes back the word of a beat that reached nothing, and sends no other", async () => {
    const { asked, wordsAt, tickAfter, become } = await beside();
    expect(wordsAt(witness)).toEqual([everyMs, 2 * everyMs]);
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
    const { wordsAt, tickAfter, become } = await beside();
    become("hangs");
    await tickAfter(everyMs);
    expect(wordsAt(atParis)).toEqual([2 * everyMs, 3 * everyMs]);
    become("gone");
    await tickAfter(everyMs);
    await tickAfter(everyMs);
    const atWorstMs = Math.max(...[witness, atParis].map((place) => wordsAt(place)[1] ?? 0));
    expect(atWorstMs).toBe(3 * everyMs + 10_000);
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

const movedToParis = (claim: Claim): Claim =>
  withHolder(
    claim,
    { execution: executionNamed("one"), site: "paris", from: "ireland", succeeds: null, loss: null },
    "h",
  );

describe("the watch of a site from which the workload is moved", () => {
  const moving = async (): Promise<Watch> => {
    const watch = await watchAt("ireland");
    putClaim(watch.store, movedToParis);
    return watch;
  };

  it("says that it is fenced only once the enforcer admits nobody any more, by whatever it renewed last", async () => {
    const watch = await watchAt("ireland");
    await watch.tick();
    // The canary function may still be on its way with the last beat.
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
    const graceMs = 60_000 - terms.renewEveryMs + 10_000;
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
    watch.clock.advance(START_MS + 60_000 + 57_999 - watch.clock.nowMs());
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^admits no new writers/) });
    watch.lost.add(atParis);
    watch.clock.advance(10_000);
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^admits no new writers/) });
    watch.lost.clear();
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^fenced/) });
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

describe("the passive site's watch", () => {
  const failing = new Set<string>();
  const quiet = (executions = createExecutions()): Partial<Ports> => ({
    executions,
    http: { get: () => Promise.resolve({ unreachable: "no answer" }) },
    alarms: {
      states: (_region, names) =>
        Promise.resolve(new Map(names.map((name) => [name, failing.has(name) ? "ALARM" : "OK"]))),
      reportProbe: () => Promise.resolve(),
    },
  });
  const allFail = (): void => {
    for (const signal of plan.decision.signals) if (signal.type !== "lease") failing.add(signal.alarm);
  };

  it("asks for a recovery when the plan's quorum says so, and not before", async () => {
    failing.clear();
    const executions = createExecutions();
    const watch = await watchAt("paris", quiet(executions));
    expect(await watch.tick()).toMatchObject({ role: "passive", detail: expect.stringMatching(/no quorum/) });
    expect(executions.started).toEqual([]);
    allFail();
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^started/) });
    expect(executions.started).toHaveLength(1);
  });

  it("starts nothing while an execution carries out an epoch", async () => {
    allFail();
    const executions = createExecutions();
    const watch = await watchAt("paris", quiet(executions));
    executions.states.set(executionNamed("one"), "RUNNING");
    putClaim(watch.store, (claim) =>
      withHolder(
        claim,
        { execution: executionNamed("one"), site: "paris", from: "ireland", succeeds: null, loss: null },
        "h",
      ),
    );
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/is being carried out/) });
    expect(executions.started).toEqual([]);
  });

  it("is not blocked by a holder whose execution died: a recovery that never completed does not block the next", async () => {
    allFail();
    const executions = createExecutions();
    const watch = await watchAt("paris", quiet(executions));
    executions.states.set(executionNamed("one"), "ABORTED");
    putClaim(watch.store, (claim) =>
      withHolder(
        claim,
        { execution: executionNamed("one"), site: "paris", from: "ireland", succeeds: null, loss: null },
        "h",
      ),
    );
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^started/) });
    expect(executions.started).toHaveLength(1);
  });

  it("has protection looked at with whatever is not known to have stopped, and says how far it is", async () => {
    const asked: unknown[] = [];
    const tending = {
      retire: () => Promise.reject(new Error("no answer in time")),
      protect: (_region, request) => {
        asked.push(request);
        return Promise.resolve({ type: "looked", protected: false, missing: ["stores/database"] });
      },
    } satisfies Partial<Tending> as unknown as Tending;
    const watch = await watchAt("paris", { ...quiet(), tending });
    putClaim(watch.store, (claim) => withProtection(claim, "degraded", "d"));
    expect(await watch.tick()).toMatchObject({ detail: "not protected yet: stores/database" });
    expect(asked).toEqual([
      {
        workload: "spacelift",
        claimRevision: claimIn(watch.store).revision,
        running: ["services (no answer in time)"],
      },
    ]);
  });

  it("goes on with its ticks where nobody answers", async () => {
    const failing = () => Promise.reject(new Error("no answer in time"));
    const tending = { retire: failing, protect: failing } as unknown as Tending;
    const watch = await watchAt("paris", { ...quiet(), tending });
    putClaim(watch.store, (claim) => withProtection(claim, "degraded", "d"));
    expect(await watch.tick()).toMatchObject({ detail: "not protected yet: no answer in time" });
  });

  it("renews no lease and writes no canary", async () => {
    failing.clear();
    const watch = await watchAt("paris", quiet());
    await watch.tick();
    expect(watch.beats).toEqual([]);
    for (const place of [witness, atParis, atIreland]) expect(leaseIn(watch.store, place).revision).toBe(1);
  });

  it("does nothing while the witness is out of reach", async () => {
    allFail();
    const executions = createExecutions();
    const watch = await watchAt("paris", quiet(executions));
    watch.lost.add(witness);
    expect(await watch.tick()).toMatchObject({ role: "unknown" });
    expect(executions.started).toEqual([]);
    expect(claimIn(watch.store).request).toBeNull();
  });
});
