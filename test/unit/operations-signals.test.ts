import {
  databaseOf,
  NO_SIGHTINGS,
  observeLeases,
  unrenewedForMs,
  type LeaseSightings,
} from "@lifeboat/operations/observe-leases";
import type { Alarms } from "@lifeboat/operations/ports";
import { leaseSignalAfterMs, readSignals } from "@lifeboat/operations/read-signals";
import { watchForOutage } from "@lifeboat/operations/request-recovery";
import type { SiteContext } from "@lifeboat/operations/context";
import type { LeaseSighting } from "@lifeboat/recovery/lease";
import { describe, expect, it } from "vitest";
import { createModelledStore, type ModelledStore } from "./operations-store.ts";
import {
  atParis,
  bootstrapped,
  contextAt,
  createHandClock,
  plan,
  portsWith,
  putLease,
  START_MS,
  terms,
  witness,
  type HandClock,
} from "./operations-world.ts";

type AlarmState = "ALARM" | "OK" | "INSUFFICIENT_DATA" | "gone" | "unreadable";

interface Eyes {
  readonly context: SiteContext;
  readonly clock: HandClock;
  readonly store: ModelledStore;
  readonly asked: string[];
}

/** Paris, looking; `renews`: Ireland renews its lease whenever somebody looks. */
const eyes = async (
  states: Readonly<Record<string, AlarmState>>,
  { renews = false, unread = "" }: { renews?: boolean; unread?: string } = {},
): Promise<Eyes> => {
  const clock = createHandClock();
  const asked: string[] = [];
  const store: ModelledStore = createModelledStore({
    fate: ({ name }) => {
      if (renews && name === `${witness.bucket}/spacelift/lease`) {
        for (const place of [witness, atParis]) putLease(store, place, {});
      }
      return unread !== "" && name.startsWith(`${unread}/`) ? "lost-before" : "answered";
    },
  });
  await bootstrapped(store);
  const alarms: Alarms = {
    states: (region, names) => {
      asked.push(`${region}/${names.join("+")}`);
      if (names.some((name) => states[name] === "unreadable"))
        return Promise.reject(new Error("no answer in time"));
      const known = names.filter((name) => states[name] !== "gone");
      return Promise.resolve(new Map(known.map((name) => [name, states[name] ?? "OK"])));
    },
    reportProbe: () => Promise.resolve(),
  };
  return { context: contextAt("paris", portsWith({ ledger: store, clock, alarms })), clock, store, asked };
};

const fromStandby = "spacelift-unreachable-from-standby";
const fromWitness = "spacelift-unreachable-from-witness";
const fromActive = "spacelift-server-5xx";

describe("the signals", () => {
  it("are read where the plan says that they are observed, with one call to each region", async () => {
    const { context, asked } = await eyes({});
    await readSignals(context, "ireland", NO_SIGHTINGS);
    expect([...asked].sort()).toEqual(
      [
        `eu-west-3/${fromStandby}+spacelift-replication-stopped`,
        `eu-central-1/${fromWitness}`,
        `eu-west-1/${fromActive}`,
      ].sort(),
    );
  });

  it.each([
    ["ALARM", "failing"],
    ["OK", "healthy"],
    ["INSUFFICIENT_DATA", "unknown"],
    ["gone", "unknown"],
    ["unreadable", "unknown"],
  ] as const)("take an alarm in %s for %s", async (value, state) => {
    const { context } = await eyes({ [fromActive]: value });
    const { readings } = await readSignals(context, "ireland", NO_SIGHTINGS);
    expect(readings.find(({ signal }) => signal === "server-errors")).toMatchObject({
      state,
      outside: false,
    });
  });

  it("take a lease for failing after two and a half renewals that did not come, and for unknown where it is not seen", async () => {
    const { context, clock } = await eyes({});
    const seen = { revision: 1, sinceMs: START_MS, canarySilentForMs: 0, durationMs: 90_000, fenced: false };
    const leaseAt = async (atMs: number, standby: typeof seen | null = seen): Promise<string | undefined> => {
      clock.advance(START_MS + atMs - clock.nowMs());
      const { readings } = await readSignals(context, "ireland", { witness: seen, standby });
      return readings.find(({ signal }) => signal === "lease")?.state;
    };
    const dueMs = leaseSignalAfterMs(terms.renewEveryMs);
    expect(dueMs).toBe(30_000);
    expect(await leaseAt(dueMs - 1)).toBe("healthy");
    expect(await leaseAt(dueMs)).toBe("failing");
    expect(await leaseAt(dueMs, null)).toBe("unknown");
  });
});

describe("a lease that is renewed by a site whose database is lost", () => {
  const seen = (canarySilentForMs: number, sinceMs = START_MS) => ({
    revision: 1,
    sinceMs,
    canarySilentForMs,
    durationMs: 90_000,
    fenced: false,
  });

  it("is a vote for an outage once the site itself says so for as long as a lease holds", async () => {
    const { context } = await eyes({});
    const leaseOf = async (sightings: LeaseSightings) =>
      (await readSignals(context, "ireland", sightings)).readings.find(({ signal }) => signal === "lease");
    const both = (silentMs: number) => ({ witness: seen(silentMs), standby: seen(silentMs) });
    expect(await leaseOf(both(terms.durationMs - 1))).toMatchObject({ state: "healthy" });
    expect(await leaseOf(both(terms.durationMs))).toMatchObject({
      state: "failing",
      detail: "the site renews, and says that its database has taken no canary for 90.0 s",
    });
  });

  it("is judged by the newer word, and by the better one where nobody knows which is newer", () => {
    const standing = (witnessed: LeaseSighting | null, atStandby: LeaseSighting | null) =>
      databaseOf({ witness: witnessed, standby: atStandby }, terms).standing;
    expect(standing(seen(120_000, 2000), seen(10_000, 1000))).toBe("lost");
    expect(standing(seen(120_000, 1000), seen(10_000, 2000))).toBe("answers");
    expect(standing(seen(120_000), seen(10_000))).toBe("answers");
    expect(standing(null, seen(120_000))).toBe("lost");
    expect(standing(null, null)).toBe("answers");
  });
});

describe("the sightings of the leases", () => {
  it("say how long the one that was renewed later has not changed", () => {
    const at = (sinceMs: number) => ({
      revision: 1,
      sinceMs,
      canarySilentForMs: 0,
      durationMs: 90_000,
      fenced: false,
    });
    expect(unrenewedForMs({ witness: at(1000), standby: at(3000) }, 10_000)).toBe(7000);
    expect(unrenewedForMs({ witness: at(3000), standby: at(1000) }, 10_000)).toBe(7000);
    expect(unrenewedForMs({ witness: null, standby: at(1000) }, 10_000)).toBeNull();
    expect(unrenewedForMs({ witness: at(1000), standby: null }, 10_000)).toBeNull();
  });

  it.each([
    ["the witness", witness, { witness: null }],
    ["the standby", atParis, { standby: null }],
  ])("have none of %s when it cannot be read", async (_where, { bucket }, expected) => {
    const { context } = await eyes({}, { unread: bucket });
    const { sightings, newest } = await observeLeases(context, "ireland", NO_SIGHTINGS);
    expect(sightings).toMatchObject(expected);
    expect(newest).not.toBeNull();
  });

  it.each([
    ["the witness", witness, atParis],
    ["the standby", atParis, witness],
  ])("come with the newer report, where %s has it", async (_where, newer, older) => {
    const { context, store } = await eyes({});
    const canary = { sequence: 3, acknowledgedAtMs: 30_000, reportedAtMs: 40_000, periodMs: 10_000 };
    putLease(store, newer, { canary });
    putLease(store, older, {
      canary: { ...canary, sequence: 2, acknowledgedAtMs: 20_000, reportedAtMs: 30_000 },
    });
    const { newest } = await observeLeases(context, "ireland", NO_SIGHTINGS);
    expect(newest?.canary).toEqual(canary);
  });

  it("come with the latest beat that either place tells of, and with none where one of them does not", async () => {
    const { context, store } = await eyes({});
    const canary = { sequence: 3, acknowledgedAtMs: 30_000, reportedAtMs: 40_000, periodMs: 10_000 };
    putLease(store, witness, { canary: { ...canary, mayHaveBeatenAtMs: 30_000 } });
    putLease(store, atParis, { canary: { ...canary, reportedAtMs: 35_000, mayHaveBeatenAtMs: 35_000 } });
    const told = async () =>
      (await observeLeases(context, "ireland", NO_SIGHTINGS)).newest?.canary?.mayHaveBeatenAtMs;
    expect(await told()).toBe(35_000);
    putLease(store, atParis, { canary });
    expect(await told()).toBeUndefined();
  });

  it("come with the latest time that either place tells of until which something may be written", async () => {
    const { context, store } = await eyes({});
    const canary = { sequence: 3, acknowledgedAtMs: 30_000, reportedAtMs: 40_000, periodMs: 10_000 };
    const told = async () =>
      (await observeLeases(context, "ireland", NO_SIGHTINGS)).newest?.canary?.writesUntilMs;
    putLease(store, witness, { canary });
    putLease(store, atParis, { canary });
    expect(await told()).toBeUndefined();
    putLease(store, witness, { canary: { ...canary, writesUntilMs: 300_000 } });
    expect(await told()).toBe(300_000);
    putLease(store, atParis, { canary: { ...canary, writesUntilMs: 80_000 } });
    expect(await told()).toBe(300_000);
  });

  it("come with the report there is, where the other place has none", async () => {
    const { context, store } = await eyes({});
    const canary = { sequence: 3, acknowledgedAtMs: 30_000, reportedAtMs: 40_000, periodMs: 10_000 };
    putLease(store, atParis, { canary });
    expect((await observeLeases(context, "ireland", NO_SIGHTINGS)).newest?.canary).toEqual(canary);
  });
});

describe("an alarm's function that watches for an outage", () => {
  it("answers at once where the quorum is met", async () => {
    const { context, clock } = await eyes({
      [fromStandby]: "ALARM",
      [fromWitness]: "ALARM",
      [fromActive]: "ALARM",
    });
    expect(await watchForOutage(context, "ireland")).toMatchObject({ outage: true });
    expect(clock.nowMs()).toBe(START_MS);
  });

  it("answers at once where even the lease's vote could not help", async () => {
    const { context, clock } = await eyes({ [fromStandby]: "ALARM" });
    expect(await watchForOutage(context, "ireland")).toMatchObject({
      outage: false,
      reason: expect.stringMatching(/^no quorum/),
    });
    expect(clock.nowMs()).toBe(START_MS);
  });

  it("waits for the lease's vote where that decides, and no longer", async () => {
    const { context, clock } = await eyes({ [fromStandby]: "ALARM", [fromWitness]: "ALARM" });
    const { outage, sightings } = await watchForOutage(context, "ireland");
    expect(outage).toBe(true);
    expect(clock.nowMs() - START_MS).toBe(leaseSignalAfterMs(terms.renewEveryMs));
    // What it has seen is handed on, so that the claim need not wait for it again.
    expect(sightings.witness?.sinceMs).toBe(START_MS);
  });

  it("finds no outage where the lease goes on being renewed, and ends", async () => {
    const { context, clock } = await eyes(
      { [fromStandby]: "ALARM", [fromWitness]: "ALARM" },
      { renews: true },
    );
    expect(await watchForOutage(context, "ireland")).toMatchObject({ outage: false });
    expect(clock.nowMs() - START_MS).toBeLessThanOrEqual(leaseSignalAfterMs(terms.renewEveryMs) + 5000);
  });

  it("does not take a lease that cannot be read for a vote", async () => {
    const { context } = await eyes(
      { [fromStandby]: "ALARM", [fromWitness]: "ALARM" },
      { unread: witness.bucket },
    );
    expect(await watchForOutage(context, "ireland")).toMatchObject({ outage: false });
  });

  it("has signals enough in the example to be of use", () => {
    expect(plan.decision.quorum).toBe(3);
  });
});
