import { keepSightings, recallSightings } from "@lifeboat/operations/kept-sightings";
import { NO_SIGHTINGS, type LeaseSightings } from "@lifeboat/operations/observe-leases";
import { describe, expect, it } from "vitest";
import { createModelledStore } from "./operations-store.ts";
import { contextAt, createHandClock, portsWith, START_MS } from "./operations-world.ts";

const seen = (sinceMs: number, revision = 7): LeaseSightings => ({
  witness: { revision, sinceMs, canarySilentForMs: 0, durationMs: 90_000, fenced: false },
  standby: {
    revision: revision + 1,
    sinceMs: sinceMs - 5000,
    canarySilentForMs: 0,
    durationMs: 90_000,
    fenced: false,
  },
});

const createSite = () => {
  const clock = createHandClock();
  clock.advance(100_000);
  const store = createModelledStore();
  return { store, clock, context: contextAt("paris", portsWith({ ledger: store, clock })) };
};

describe("what a container has seen of the leases", () => {
  it("is known to the next one of the site, which need not count from nothing", async () => {
    const { context } = createSite();
    await keepSightings(context, "ireland", seen(START_MS + 40_000));
    expect(await recallSightings(context, "ireland", seen(START_MS + 90_000))).toEqual(
      seen(START_MS + 40_000),
    );
  });

  it("stands as it was left first", async () => {
    const { context } = createSite();
    await keepSightings(context, "ireland", seen(START_MS + 40_000));
    await keepSightings(context, "ireland", seen(START_MS + 80_000));
    expect(await recallSightings(context, "ireland", seen(START_MS + 90_000))).toEqual(
      seen(START_MS + 40_000),
    );
  });

  it.each([
    ["of a lease that was renewed since", seen(START_MS + 90_000, 8)],
    ["where one of the leases cannot be read", { ...seen(START_MS + 90_000), witness: null }],
    ["where nothing has been seen yet", NO_SIGHTINGS],
  ])("says nothing %s", async (_when, now) => {
    const { context } = createSite();
    await keepSightings(context, "ireland", seen(START_MS + 40_000));
    expect(await recallSightings(context, "ireland", now)).toBe(now);
  });

  it("never makes a sighting younger, and is not believed when it comes from the future", async () => {
    const { context } = createSite();
    await keepSightings(context, "ireland", seen(START_MS + 95_000));
    expect(await recallSightings(context, "ireland", seen(START_MS + 90_000))).toEqual(
      seen(START_MS + 90_000),
    );
    const other = createSite();
    await keepSightings(other.context, "ireland", seen(START_MS + 900_000));
    const now = seen(START_MS + 90_000);
    expect((await recallSightings(other.context, "ireland", now)).witness).toEqual(now.witness);
  });
});
