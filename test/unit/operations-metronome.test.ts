import { fillDueSeconds, needsFilling } from "@lifeboat/operations/watch/metronome";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const EVERY_MS = 12_000;
const NEVER = Number.NEGATIVE_INFINITY;

describe("the queue of the watch's ticks", () => {
  it("gets the ticks of the coming minute and two more when it is empty", () => {
    expect(fillDueSeconds(NEVER, 0, EVERY_MS)).toEqual({
      inSeconds: [12, 24, 36, 48, 60, 72, 84],
      filledUntilMs: 84_000,
    });
  });

  it("gets only what is missing when the Scheduler's next run comes", () => {
    expect(fillDueSeconds(84_000, 60_000, EVERY_MS)).toEqual({
      inSeconds: [36, 48, 60, 72, 84],
      filledUntilMs: 144_000,
    });
  });

  it("is filled by its last tick when the Scheduler's run does not come, and by no tick before that", () => {
    expect([60_000, 72_000].map((atMs) => needsFilling(84_000, atMs, EVERY_MS))).toEqual([false, false]);
    expect(needsFilling(84_000, 84_000, EVERY_MS)).toBe(true);
  });

  it("holds a tick for every period and never two, whenever the runs come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150_000 }), { maxLength: 20 }), (gaps) => {
        let nowMs = 0;
        let filledUntilMs = NEVER;
        const due: number[] = [];
        for (const gapMs of gaps) {
          nowMs += gapMs;
          const filled = fillDueSeconds(filledUntilMs, nowMs, EVERY_MS);
          due.push(...filled.inSeconds.map((seconds) => nowMs + seconds * 1000));
          expect(Math.max(...filled.inSeconds, 0)).toBeLessThanOrEqual(900);
          ({ filledUntilMs } = filled);
          expect(filledUntilMs).toBeGreaterThanOrEqual(nowMs + 60_000);
        }
        const sorted = due.toSorted((left, right) => left - right);
        for (const [index, atMs] of sorted.entries())
          if (index > 0) expect(atMs - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(EVERY_MS - 1000);
      }),
    );
  });
});
