import { goesOn } from "@lifeboat/recovery/beats";
import {
  databaseStanding,
  actWithinMs,
  fenceDueAtMs,
  admitsForMs,
  usualLossMs,
  writerGraceMs,
  writesForMs,
  hasRunOut,
  runsOutAtMs,
  sightLease,
  type LeaseSighting,
} from "@lifeboat/recovery/lease";
import { firstLease, renewedLease, type Lease } from "@lifeboat/recovery/ledger";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const terms = { durationMs: 90_000, renewEveryMs: 10_000, fenceWithinMs: 20_000, driftMarginMs: 3000 };
const lease = firstLease("spacelift", "ireland", terms.durationMs, "w1");
const renewed = (body: Lease, writeId: string): Lease =>
  renewedLease(
    body,
    { site: body.site, by: body.site, epoch: 1, durationMs: terms.durationMs, canary: null, fenced: false },
    writeId,
  );

const anyTerms = fc
  .record({
    durationMs: fc.integer({ min: 10_000, max: 600_000 }),
    fenceShare: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  })
  .map(({ durationMs, fenceShare }) => ({
    durationMs,
    renewEveryMs: 1000,
    fenceWithinMs: Math.floor(durationMs * fenceShare),
    driftMarginMs: Math.ceil(durationMs / 100),
  }));

describe("an act on a site's own services", () => {
  it("goes on for a minute at most", () => {
    expect(actWithinMs(terms)).toBe(60_000);
  });

  it("is over when the next fence can be due, if it begins with a renewal", () => {
    expect(actWithinMs({ ...terms, durationMs: 50_000 })).toBe(30_000);
    fc.assert(
      fc.property(anyTerms, fc.nat(), (any, renewedAtMs) => {
        expect(renewedAtMs + actWithinMs(any)).toBeLessThanOrEqual(fenceDueAtMs(renewedAtMs, any));
      }),
    );
  });
});

describe("whoever waits for a lease", () => {
  it("counts from when the revision was first seen, not from when it was last looked at", () => {
    const first = sightLease(null, lease, 1000);
    expect(sightLease(first, lease, 50_000)).toBe(first);
    expect(first).toEqual({
      revision: 1,
      sinceMs: 1000,
      canarySilentForMs: 0,
      durationMs: 90_000,
      fenced: false,
    });
  });

  it("starts anew with every renewal", () => {
    const first = sightLease(null, lease, 1000);
    expect(sightLease(first, renewed(lease, "w2"), 50_000)).toEqual({
      revision: 2,
      sinceMs: 50_000,
      canarySilentForMs: 0,
      durationMs: 90_000,
      fenced: false,
    });
  });

  it("notes for how long beats had gone unanswered, by the site's own clock, and not how old the last canary is", () => {
    const canary = { sequence: 7, acknowledgedAtMs: 500_000, periodMs: 10_000, reportedAtMs: 591_000 };
    const told = (unanswered?: Lease["unanswered"]): Lease =>
      renewedLease(lease, { ...lease, canary, unanswered }, "w2");
    const silent = told({ sinceMs: 530_000, toldAtMs: 591_000 });
    expect(sightLease(null, silent, 1000).canarySilentForMs).toBe(61_000);
    expect(sightLease(null, told(), 1000).canarySilentForMs).toBe(0);
    // Whoever renews says so anew, or no longer.
    const { unanswered: _, ...renewal } = silent;
    expect(renewedLease(silent, renewal, "w3").unanswered).toBeUndefined();
  });

  it("takes a row of unanswered beats for ended by an acknowledgement, and for broken off by a pause", () => {
    const row = { sinceMs: 20_000, lastMs: 50_000 };
    expect(goesOn(row, 19_999, 75_000, 10_000)).toBe(true);
    expect(goesOn(row, 20_000, 75_000, 10_000)).toBe(false);
    expect(goesOn(row, 19_999, 75_001, 10_000)).toBe(false);
  });

  it("takes a database for lost when it took no canary for as long as a lease holds, and not before", () => {
    const standingAfter = (periods: number) => databaseStanding(periods * terms.renewEveryMs, terms);
    expect(standingAfter(0)).toBe("answers");
    expect(standingAfter(2.5)).toBe("answers");
    expect(standingAfter(2.6)).toBe("silent");
    expect(standingAfter(8.99)).toBe("silent");
    expect(standingAfter(9)).toBe("lost");
  });

  it("waits the whole duration and the margin, to the millisecond", () => {
    const sighting = sightLease(null, lease, 1000);
    expect(runsOutAtMs(sighting, terms)).toBe(94_000);
    expect(hasRunOut(sighting, terms, 93_999)).toBe(false);
    expect(hasRunOut(sighting, terms, 94_000)).toBe(true);
  });

  it("sees that a site fenced itself: that is a new revision", () => {
    const fenced = renewedLease(lease, { ...lease, fenced: true }, "w2");
    expect(sightLease(sightLease(null, lease, 1000), fenced, 2000).fenced).toBe(true);
  });

  it("takes the newest word on fencing, and waits no longer because of it", () => {
    const first = sightLease(null, lease, 1000);
    expect(sightLease({ ...first, fenced: true }, lease, 50_000)).toEqual(first);
  });

  it("never finds a lease run out that was renewed less than its duration and margin ago, however often it looks", () => {
    const steps = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 200_000 }), renews: fc.boolean() }),
      {
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(anyTerms, steps, (someTerms, looks) => {
        let body = lease;
        let sighting: LeaseSighting | null = null;
        let nowMs = 0;
        let renewedAtMs = 0;
        for (const { afterMs, renews } of looks) {
          nowMs += afterMs;
          if (renews) {
            body = renewed(body, String(nowMs));
            renewedAtMs = nowMs;
          }
          sighting = sightLease(sighting, body, nowMs);
          if (hasRunOut(sighting, someTerms, nowMs)) {
            expect(nowMs - renewedAtMs).toBeGreaterThanOrEqual(
              someTerms.durationMs + someTerms.driftMarginMs,
            );
          }
        }
      }),
    );
  });
});

describe("whoever holds a lease", () => {
  it("begins to fence itself so early that it has finished when the lease ends", () => {
    expect(fenceDueAtMs(1000, terms)).toBe(71_000);
  });

  it("lets its writer go on no longer than the plan may lose, with a late period of canaries", () => {
    expect(writerGraceMs(terms, 60_000)).toBe(60_000 - terms.renewEveryMs - 1000);
    for (const limitMs of [36_000, 60_000, 80_000])
      expect(usualLossMs(terms, limitMs, { enforcerBesideWriter: true })).toBe(limitMs);
    expect(usualLossMs(terms, 35_999, { enforcerBesideWriter: true })).toBe(36_000);
    expect(writerGraceMs(terms, 3_600_000)).toBe(terms.durationMs - terms.fenceWithinMs);
  });

  it("is presumed to stop its writer with its lease, where nothing beside the writer does", () => {
    expect(writesForMs(terms, 60_000, { enforcerBesideWriter: true })).toBe(writerGraceMs(terms, 60_000));
    expect(writesForMs(terms, 60_000, { enforcerBesideWriter: false })).toBe(90_000);
    expect(usualLossMs(terms, 60_000, { enforcerBesideWriter: false })).toBe(10_000 + 1000 + 90_000);
  });

  it("admits writers until a time that does not move, however long the beat takes and whoever's clock is behind", () => {
    const asked = { askedAtMs: 100_000, validForMs: 30_000 };
    expect(admitsForMs(asked, 100_000, 100_000)).toBe(30_000);
    expect(admitsForMs(asked, 104_000, 105_000)).toBe(25_000);
    // Started, by its own clock, before it was asked.
    expect(admitsForMs(asked, 98_000, 99_000)).toBe(29_000);
    expect(admitsForMs(asked, 104_000, 129_999)).toBe(1);
    expect(admitsForMs(asked, 104_000, 140_000)).toBe(0);
  });

  it("does not stop its writer for one or two renewals that fail, whatever the limit", () => {
    expect(writerGraceMs(terms, 0)).toBe(2.5 * terms.renewEveryMs);
  });

  it("has finished before any waiter finds the lease run out, although their clocks differ and drift", () => {
    const drift = fc.double({ min: -0.004, max: 0.004, noNaN: true });
    fc.assert(
      fc.property(
        anyTerms,
        fc.integer({ min: 0, max: 5000 }),
        fc.integer({ min: 0, max: 60_000 }),
        drift,
        drift,
        (someTerms, deliveryMs, seenAfterMs, holderDrift, waiterDrift) => {
          // In true time: the renewal is sent at 0, takes effect a little later, and is seen at some time after that.
          const sentAtMs = 0;
          const seenAtMs = deliveryMs + seenAfterMs;
          const holderWaitsMs = fenceDueAtMs(sentAtMs, someTerms) - sentAtMs;
          const fencedByMs = sentAtMs + (holderWaitsMs + someTerms.fenceWithinMs) * (1 + holderDrift);
          const sighting = sightLease(null, lease, seenAtMs);
          const waiterWaitsMs = runsOutAtMs(sighting, someTerms) - sighting.sinceMs;
          const promotedAtMs = seenAtMs + waiterWaitsMs * (1 + waiterDrift);
          expect(fencedByMs).toBeLessThanOrEqual(promotedAtMs);
        },
      ),
    );
  });
});
