import { judgeLoss, lossAtOnset, type LossEvidence } from "@lifeboat/recovery/loss";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const periodMs = 10_000;
const writerGraceMs = 40_000;
/** The renewal one period later reports it. */
const reported = (
  sequence: number,
  acknowledgedAtMs: number,
  laterMs = periodMs,
): LossEvidence["lastAcknowledged"] => ({
  sequence,
  acknowledgedAtMs,
  periodMs,
  reportedAtMs: acknowledgedAtMs + laterMs,
});
const arrived = (sequence: number, writtenAtMs: number): LossEvidence["newestOnStandby"] => ({
  sequence,
  writtenAtMs,
});

const rest = { writerGraceMs, enforcerBesideWriter: true };

const intervalOf = (
  evidence: Pick<LossEvidence, "lastAcknowledged" | "newestOnStandby">,
): { minMs: number; maxMs: number } => {
  const loss = lossAtOnset({ ...evidence, ...rest });
  if (!loss.known) throw new Error(loss.reason);
  return loss.interval;
};

describe("the loss at onset", () => {
  it("is at most the writer's grace when a canary arrived that the lease had no time to report", () => {
    expect(
      intervalOf({ lastAcknowledged: reported(7, 70_000), newestOnStandby: arrived(8, 80_000) }),
    ).toEqual({
      minMs: 0,
      maxMs: writerGraceMs,
    });
  });

  it("may be a period more when the last reported canary is the newest that arrived: the next one went unreported", () => {
    expect(
      intervalOf({ lastAcknowledged: reported(7, 70_000), newestOnStandby: arrived(7, 70_000) }),
    ).toEqual({
      minMs: 0,
      maxMs: writerGraceMs + periodMs,
    });
  });

  it("may be a period more when a newer canary arrived than the last renewal knew, and that renewal's own did not", () => {
    const renewedAtMs = 92_000;
    const lastAcknowledged = reported(7, 70_000, renewedAtMs - 70_000);
    const arrivedAt = (writtenAtMs: number) =>
      intervalOf({ lastAcknowledged, newestOnStandby: arrived(8, writtenAtMs) }).maxMs;
    expect(arrivedAt(80_000)).toBe(writerGraceMs + periodMs);
    expect(arrivedAt(renewedAtMs)).toBe(writerGraceMs);
  });

  it("may be nothing when the last reported canary arrived, although writing it and acknowledging it took a while", () => {
    expect(
      intervalOf({ lastAcknowledged: reported(7, 70_000), newestOnStandby: arrived(7, 69_900) }),
    ).toEqual({
      minMs: 0,
      maxMs: 100 + writerGraceMs + periodMs,
    });
  });

  it("counts from the newest canary that arrived when replication had stopped before the outage", () => {
    expect(
      intervalOf({ lastAcknowledged: reported(9, 90_000), newestOnStandby: arrived(4, 40_000) }),
    ).toEqual({
      minMs: 50_000,
      maxMs: 50_000 + writerGraceMs + periodMs,
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

  it("goes up to the last beat that may have been made, where several before it are in doubt", () => {
    const report = reported(7, 70_000, 2 * periodMs);
    if (report === null) throw new Error("no report");
    const maxMs = (beatMs: number) =>
      intervalOf({
        lastAcknowledged: { ...report, mayHaveBeatenAtMs: beatMs },
        newestOnStandby: arrived(7, 70_000),
      }).maxMs;
    expect(maxMs(70_000 + periodMs)).toBe(writerGraceMs + periodMs);
    expect(maxMs(70_000 + 2 * periodMs)).toBe(writerGraceMs + 2 * periodMs);
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
    expect(silent(0)).toEqual(interval(writerGraceMs));
    expect(silent(70_000)).toEqual(interval(writerGraceMs));
    // A beat of which nobody knows may have admitted writers once more.
    expect(silent(82_000)).toEqual(interval(12_000 + writerGraceMs));
    expect(silent(70_000, { newestOnStandby: arrived(5, 50_000) })).toEqual(
      interval(20_000 + writerGraceMs, 20_000),
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

  it("contains what was really lost, whenever replication stopped and the site did, cut off or dead", () => {
    fc.assert(
      fc.property(
        fc.record({
          outageAtMs: fc.integer({ min: 5 * periodMs, max: 100 * periodMs }),
          stoppedBeforeMs: fc.integer({ min: 0, max: 40 * periodMs }),
          wroteOnForMs: fc.integer({ min: 0, max: writerGraceMs }),
        }),
        ({ outageAtMs, stoppedBeforeMs, wroteOnForMs }) => {
          // Beat n is written at n periods; the renewal before it reports the one before that.
          const last = Math.floor(outageAtMs / periodMs);
          const replicatedUntilMs = Math.max(periodMs, outageAtMs - stoppedBeforeMs);
          const newest = Math.floor(replicatedUntilMs / periodMs);
          const { minMs, maxMs } = intervalOf({
            lastAcknowledged: reported(last - 1, (last - 1) * periodMs),
            newestOnStandby: arrived(newest, newest * periodMs),
          });
          // Cut off rather than dead, the writer goes on until the grace after its last renewal is over.
          const wroteUntilMs = Math.max(outageAtMs, last * periodMs + wroteOnForMs);
          const lostMs = wroteUntilMs - replicatedUntilMs;
          expect(lostMs).toBeLessThanOrEqual(maxMs);
          // The lower bound may say one period too much (what arrived after the newest canary), never more.
          expect(minMs - periodMs).toBeLessThanOrEqual(lostMs);
        },
      ),
    );
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
