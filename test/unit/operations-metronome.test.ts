import { makesUp, missingTicks, type QueuedTick } from "@lifeboat/operations/watch/metronome";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const EVERY_MS = 12_000;
const NEVER = Number.NEGATIVE_INFINITY;

const secondsOf = (filledUntilMs: number, nowMs: number): readonly number[] =>
  missingTicks(filledUntilMs, nowMs, EVERY_MS, "run").ticks.map(({ inSeconds }) => inSeconds);

const tickDue = (dueAtMs: number, changes: Partial<QueuedTick> = {}): QueuedTick => ({
  dueAtMs,
  filledUntilMs: 84_000,
  by: "run",
  ...changes,
});

describe("the queue of the watch's ticks", () => {
  it("gets the ticks of the coming minute and two more when it is empty", () => {
    expect(secondsOf(NEVER, 0)).toEqual([12, 24, 36, 48, 60, 72, 84]);
    expect(missingTicks(NEVER, 0, EVERY_MS, "run").filledUntilMs).toBe(84_000);
  });

  it("gets only what is missing when the Scheduler's next run comes", () => {
    expect(secondsOf(84_000, 60_000)).toEqual([36, 48, 60, 72, 84]);
  });

  it("is filled by its last tick when the Scheduler's run does not come, and by no tick before that", () => {
    expect([60_000, 72_000].map((atMs) => makesUp(tickDue(atMs), 84_000, atMs, EVERY_MS))).toEqual([
      false,
      false,
    ]);
    expect(makesUp(tickDue(84_000), 84_000, 84_000, EVERY_MS)).toBe(true);
  });

  it("is filled by no tick that comes late, nor by one that a tick has sent", () => {
    expect(makesUp(tickDue(84_000), 84_000, 96_000, EVERY_MS)).toBe(false);
    expect(makesUp(tickDue(84_000, { by: "tick" }), 84_000, 84_000, EVERY_MS)).toBe(false);
  });

  it("never floods the site, however often each message comes and whoever gets it", () => {
    // Each copy reaches a container of its own, which knows nothing but the message.
    const copies = 4;
    let sent = missingTicks(NEVER, 0, EVERY_MS, "run").ticks.map(({ tick }) => tick);
    let total = sent.length;
    while (sent.length > 0) {
      sent = sent
        .flatMap((tick) => Array.from({ length: copies }, () => tick))
        .filter((tick) => makesUp(tick, tick.filledUntilMs, tick.dueAtMs, EVERY_MS))
        .flatMap(({ filledUntilMs, dueAtMs }) =>
          missingTicks(filledUntilMs, dueAtMs, EVERY_MS, "tick").ticks.map(({ tick }) => tick),
        );
      total += sent.length;
      expect(total).toBeLessThanOrEqual(7 * (copies + 1));
    }
  });

  it("holds a tick for every period and never two, whenever the runs come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150_000 }), { maxLength: 20 }), (gaps) => {
        let nowMs = 0;
        let filledUntilMs = NEVER;
        const due: number[] = [];
        for (const gapMs of gaps) {
          nowMs += gapMs;
          const filled = missingTicks(filledUntilMs, nowMs, EVERY_MS, "run");
          for (const { inSeconds, tick } of filled.ticks) {
            due.push(tick.dueAtMs);
            expect(inSeconds).toBeLessThanOrEqual(900);
            expect(Math.abs(nowMs + inSeconds * 1000 - tick.dueAtMs)).toBeLessThanOrEqual(500);
          }
          ({ filledUntilMs } = filled);
          expect(filledUntilMs).toBeGreaterThanOrEqual(nowMs + 60_000);
        }
        const sorted = due.toSorted((left, right) => left - right);
        for (const [index, atMs] of sorted.entries())
          if (index > 0) expect(atMs - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(EVERY_MS);
      }),
    );
  });
});
