import { judgeLoss, lossAtOnset, type LossEvidence } from "@lifeboat/recovery/loss";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyHistory, lived, periodMs, writesForMs } from "./beating-site.ts";

/** The renewal one period later reports it; a beat follows that. */
const reported = (
  sequence: number,
  acknowledgedAtMs: number,
  laterMs = periodMs,
): LossEvidence["lastAcknowledged"] => ({
  sequence,
  acknowledgedAtMs,
  periodMs,
  reportedAtMs: acknowledgedAtMs + laterMs,
  mayHaveBeatenAtMs: acknowledgedAtMs + laterMs,
});
const arrived = (sequence: number, writtenAtMs: number): LossEvidence["newestOnStandby"] => ({
  sequence,
  writtenAtMs,
});

const rest = { writesForMs, enforcerBesideWriter: true };

const intervalOf = (
  evidence: Pick<LossEvidence, "lastAcknowledged" | "newestOnStandby"> & Partial<LossEvidence>,
): { minMs: number; maxMs: number } => {
  const loss = lossAtOnset({ ...rest, ...evidence });
  if (!loss.known) throw new Error(loss.reason);
  return loss.interval;
};

describe("the loss at onset", () => {
  it("is at most what a writer that was cut off wrote when the last beat has arrived, which the lease had no time to report", () => {
    const lastAcknowledged = reported(7, 70_000);
    for (const writtenAtMs of [80_000, 80_400])
      expect(intervalOf({ lastAcknowledged, newestOnStandby: arrived(8, writtenAtMs) })).toEqual({
        minMs: 0,
        maxMs: writesForMs,
      });
  });

  it("counts from the last beat that was announced, however late that was", () => {
    for (const laterMs of [periodMs, periodMs + 1, 2 * periodMs, 2.5 * periodMs])
      expect(
        intervalOf({ lastAcknowledged: reported(7, 70_000, laterMs), newestOnStandby: arrived(7, 70_000) }),
      ).toEqual({ minMs: 0, maxMs: laterMs + writesForMs });
  });

  it("counts from the last beat also where a newer canary arrived than the last renewal knew, and its own did not", () => {
    const lastAcknowledged = reported(7, 70_000, 22_000);
    expect(intervalOf({ lastAcknowledged, newestOnStandby: arrived(8, 80_000) })).toEqual({
      minMs: 0,
      maxMs: 12_000 + writesForMs,
    });
  });

  it("counts until the time that the site announced where that is later than by these terms, and never less", () => {
    const report = reported(7, 70_000);
    const newestOnStandby = arrived(7, 70_000);
    const until = (writesUntilMs: number | undefined) =>
      intervalOf({
        lastAcknowledged: report === null ? null : { ...report, writesUntilMs },
        newestOnStandby,
      });
    const byTerms = until(undefined);
    expect(until(70_000 + 300_000)).toEqual({ minMs: byTerms.minMs, maxMs: 300_000 });
    expect(until(70_000 + byTerms.maxMs + 1)).toEqual({ minMs: byTerms.minMs, maxMs: byTerms.maxMs + 1 });
    expect(until(70_000)).toEqual(byTerms);
  });

  it("counts the beat that was acknowledged where none was announced after it", () => {
    const report = reported(7, 70_000);
    if (report === null) throw new Error("no report");
    expect(
      intervalOf({
        lastAcknowledged: { ...report, mayHaveBeatenAtMs: 0 },
        newestOnStandby: arrived(6, 60_000),
      }),
    ).toEqual({ minMs: 10_000, maxMs: 10_000 + writesForMs });
  });

  it("counts from the last renewal, beat or not, where only the end of the lease stops the writer", () => {
    const report = reported(7, 70_000);
    if (report === null) throw new Error("no report");
    const evidence = {
      lastAcknowledged: { ...report, mayHaveBeatenAtMs: 75_000 },
      newestOnStandby: arrived(7, 70_000),
    };
    expect(intervalOf(evidence).maxMs).toBe(5000 + writesForMs);
    expect(intervalOf({ ...evidence, enforcerBesideWriter: false }).maxMs).toBe(periodMs + writesForMs);
  });

  it("may be nothing when the last reported canary arrived, although writing it and acknowledging it took a while", () => {
    expect(
      intervalOf({ lastAcknowledged: reported(7, 70_000), newestOnStandby: arrived(7, 69_900) }),
    ).toEqual({
      minMs: 0,
      maxMs: 100 + writesForMs + periodMs,
    });
  });

  it("counts from the newest canary that arrived when replication had stopped before the outage", () => {
    expect(
      intervalOf({ lastAcknowledged: reported(9, 90_000), newestOnStandby: arrived(4, 40_000) }),
    ).toEqual({
      minMs: 50_000,
      maxMs: 50_000 + writesForMs + periodMs,
    });
  });

  it("is unknown, with the reason, when either side is missing", () => {
    expect(lossAtOnset({ lastAcknowledged: null, newestOnStandby: arrived(1, 0), ...rest })).toEqual({
      known: false,
      reason: expect.stringMatching(/last lease carries no/),
    });
    expect(lossAtOnset({ lastAcknowledged: reported(1, 0), newestOnStandby: null, ...rest })).toEqual({
      known: false,
      reason: expect.stringMatching(/could not be asked/),
    });
    const report = reported(1, 0);
    if (report === null) throw new Error("no report");
    const lastAcknowledged = { ...report, mayHaveBeatenAtMs: undefined };
    expect(lossAtOnset({ lastAcknowledged, newestOnStandby: arrived(1, 0), ...rest })).toEqual({
      known: false,
      reason: expect.stringMatching(/do not both tell of its last beat/),
    });
  });

  it("is unknown when canaries had stopped while the site went on renewing", () => {
    const evidence = { newestOnStandby: arrived(7, 70_000), ...rest };
    expect(lossAtOnset({ ...evidence, lastAcknowledged: reported(7, 70_000, 2.5 * periodMs) })).toMatchObject(
      {
        known: true,
      },
    );
    expect(lossAtOnset({ ...evidence, lastAcknowledged: reported(7, 70_000, 40_000) })).toEqual({
      known: false,
      reason: expect.stringMatching(/took no canary for the last 40\.0 s before its last renewal/),
    });
  });

  it("is known all the same where an enforcer stood beside the writer, and no beat has reached it since", () => {
    const silent = (beatMs: number | undefined, more: Partial<LossEvidence> = {}) => {
      const report = reported(7, 70_000, 100_000);
      if (report === null) throw new Error("no report");
      return lossAtOnset({
        lastAcknowledged: { ...report, mayHaveBeatenAtMs: beatMs },
        newestOnStandby: arrived(7, 70_000),
        ...rest,
        ...more,
      });
    };
    const interval = (maxMs: number, minMs = 0) => ({ known: true, interval: { minMs, maxMs } });
    expect(silent(0)).toEqual(interval(writesForMs));
    expect(silent(70_000)).toEqual(interval(writesForMs));
    // A beat of which nobody knows may have admitted writers once more.
    expect(silent(82_000)).toEqual(interval(12_000 + writesForMs));
    expect(silent(70_000, { newestOnStandby: arrived(5, 50_000) })).toEqual(
      interval(20_000 + writesForMs, 20_000),
    );
    for (const unknown of [
      silent(undefined),
      silent(70_000, { enforcerBesideWriter: false }),
      // Beats went on that may have reached it: then it may have served all the while.
      silent(95_001),
      silent(160_000),
    ])
      expect(unknown).toMatchObject({ known: false, reason: expect.stringMatching(/took no canary/) });
    expect(silent(95_000)).toMatchObject({ known: true });
  });

  it("contains what was really lost, whenever beats came, arrived and were answered, and the site was cut off", () => {
    let known = 0;
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { evidence, lostMs, trueMinMs } = lived(history);
        const loss = lossAtOnset(evidence);
        if (!loss.known) return;
        known += 1;
        expect(lostMs).toBeLessThanOrEqual(loss.interval.maxMs);
        expect(trueMinMs).toBeGreaterThanOrEqual(loss.interval.minMs);
      }),
      { numRuns: 2000 },
    );
    expect(known).toBeGreaterThan(500);
  });

  it("is never negative, and never smaller when less arrived", () => {
    const time = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(time, time, time, (acknowledgedAtMs, one, other) => {
        const lossFrom = (writtenAtMs: number): { minMs: number; maxMs: number } =>
          intervalOf({
            lastAcknowledged: reported(Math.floor(acknowledgedAtMs / periodMs), acknowledgedAtMs),
            newestOnStandby: arrived(Math.floor(writtenAtMs / periodMs), writtenAtMs),
          });
        const less = lossFrom(Math.min(one, other));
        const more = lossFrom(Math.max(one, other));
        expect(more.minMs).toBeGreaterThanOrEqual(0);
        expect(more.maxMs).toBeGreaterThanOrEqual(more.minMs);
        expect(less.minMs).toBeGreaterThanOrEqual(more.minMs);
        expect(less.maxMs).toBeGreaterThanOrEqual(more.maxMs);
      }),
    );
  });
});

describe("a loss", () => {
  const known = (minMs: number, maxMs: number): Parameters<typeof judgeLoss>[0] => ({
    known: true,
    interval: { minMs, maxMs },
  });

  it("is allowed up to the limit, judged by its worst", () => {
    expect(judgeLoss(known(0, 60_000), 60_000)).toMatchObject({ allowed: true, maxMs: 60_000 });
    expect(judgeLoss(known(0, 60_001), 60_000)).toMatchObject({ allowed: false, maxMs: 60_001 });
  });

  it("is never allowed when it is unknown, whatever the limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (limitMs) => {
        const verdict = judgeLoss({ known: false, reason: "no canary" }, limitMs);
        return !verdict.allowed && verdict.maxMs === null;
      }),
    );
  });

  it("says what is lost and what to do in words", () => {
    expect(judgeLoss(known(0, 40_000), 60_000).reason).toBe(
      "the loss is 0.0 s to 40.0 s, within the limit of 60.0 s",
    );
    expect(judgeLoss(known(50_000, 70_000), 60_000).reason).toBe(
      "the loss is 50.0 s to 70.0 s, above the limit of 60.0 s; a person has to accept it",
    );
    expect(judgeLoss({ known: false, reason: "the copy is down" }, 1).reason).toBe(
      "the loss is unknown: the copy is down; a person has to accept it",
    );
  });
});
