import { NO_SIGHTINGS, observeLeases, unrenewedForMs } from "@lifeboat/operations/observe-leases";
import type { Alarms } from "@lifeboat/operations/ports";
import { leaseSignalAfterMs, readSignals } from "@lifeboat/operations/read-signals";
import { watchForOutage } from "@lifeboat/operations/request-recovery";
import type { SiteContext } from "@lifeboat/operations/context";
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
    const seen = { revision: 1, sinceMs: START_MS, durationMs: 90_000, fenced: false };
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

describe("the sightings of the leases", () => {
  it("say how long the one that was renewed later has not changed", () => {
    const at = (sinceMs: number) => ({ revision: 1, sinceMs, durationMs: 90_000, fenced: false });
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
