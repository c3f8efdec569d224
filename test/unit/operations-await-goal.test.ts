import { awaitGoal, type Goal, type Observation } from "@lifeboat/operations/await-goal";
import type { StepMemo, StepResult } from "@lifeboat/operations/context";
import { describe, expect, it } from "vitest";
import { createHandClock, START_MS, type HandClock } from "./operations-world.ts";

/** An operation that takes `durationMs` from its call on; what describes say of it may be behind by `staleMs`. */
interface Operation {
  readonly acts: number[];
  readonly looks: number[];
  readonly goal: Goal;
}

const operation = (
  clock: HandClock,
  { durationMs, staleMs = 0, ...limits }: { durationMs: number; staleMs?: number } & Partial<Goal>,
): Operation => {
  const acts: number[] = [];
  const looks: number[] = [];
  const observe = (): Promise<Observation> => {
    const nowMs = clock.nowMs();
    looks.push(nowMs);
    const actedAtMs = acts[0];
    const seenSinceMs = actedAtMs === undefined ? -1 : nowMs - staleMs - actedAtMs;
    if (seenSinceMs >= durationMs) return Promise.resolve({ type: "reached", detail: "there" });
    return Promise.resolve({ type: seenSinceMs < 0 ? "idle" : "moving", detail: "on its way" });
  };
  const act = (): Promise<void> => {
    acts.push(clock.nowMs());
    return Promise.resolve();
  };
  return {
    acts,
    looks,
    goal: { observe, act, usualMs: 75_000, limitMs: 600_000, what: "the move", ...limits },
  };
};

/** Calls a step as its machine does, each call in a function that has forgotten everything but the memo. */
const asMachine = async (
  clock: HandClock,
  goal: Goal,
): Promise<{ results: StepResult[]; tookMs: number }> => {
  const results: StepResult[] = [];
  let memo: StepMemo | null = null;
  for (let calls = 0; calls < 200; calls++) {
    const result: StepResult = await awaitGoal(clock, memo, goal);
    results.push(result);
    if (result.done) return { results, tookMs: clock.nowMs() - START_MS };
    // The memo travels as JSON.
    memo = JSON.parse(JSON.stringify(result.memo)) as StepMemo;
    clock.advance(result.pollAfterSeconds * 1000);
  }
  throw new Error("the step never ended");
};

describe("a convergent step", () => {
  it("acts once, and is done when it observes its goal", async () => {
    const clock = createHandClock();
    const { acts, goal } = operation(clock, { durationMs: 90_000 });
    const { results } = await asMachine(clock, goal);
    expect(acts).toEqual([START_MS]);
    expect(results.at(-1)).toMatchObject({ done: true, detail: "there" });
  });

  it("does nothing where the goal is reached already", async () => {
    const { acts, goal } = operation(createHandClock(), { durationMs: 0 });
    const result = await awaitGoal(createHandClock(), null, {
      ...goal,
      observe: () => Promise.resolve({ type: "reached", detail: "there" }),
    });
    expect(result).toMatchObject({ done: true, pollAfterSeconds: 0 });
    expect(acts).toEqual([]);
  });

  it("does not act where somebody else's operation is under way", async () => {
    const clock = createHandClock();
    const { acts, goal } = operation(clock, { durationMs: 0 });
    const moving: Goal = {
      ...goal,
      observe: () =>
        Promise.resolve(
          clock.nowMs() - START_MS < 80_000
            ? { type: "moving", detail: "theirs" }
            : { type: "reached", detail: "there" },
        ),
    };
    await asMachine(clock, moving);
    expect(acts).toEqual([]);
  });

  it("hands the long first wait to the machine, and spends no second of a function on it", async () => {
    const clock = createHandClock();
    const { goal } = operation(clock, { durationMs: 90_000 });
    const result = await awaitGoal(clock, null, goal);
    expect(result).toMatchObject({ done: false, pollAfterSeconds: 75 });
    expect(clock.nowMs()).toBe(START_MS);
  });

  it("looks every second near the end: little of the operation's end is lost", async () => {
    const clock = createHandClock();
    const { goal } = operation(clock, { durationMs: 81_300 });
    const { results, tookMs } = await asMachine(clock, goal);
    expect(tookMs - 81_300).toBeLessThanOrEqual(1000);
    expect(results.length).toBeLessThanOrEqual(2);
  });

  it.each([
    [60_000, 1000],
    [240_000, 1000],
    [300_000, 3000],
    [400_000, 8000],
    [560_000, 15_000],
  ])("where the operation is %i ms overdue, notices its end within %i ms", async (overdueMs, withinMs) => {
    // Whether the end comes just before a look or just after it.
    for (let phaseMs = 0; phaseMs < withinMs; phaseMs += 500) {
      const clock = createHandClock();
      const durationMs = 75_000 + overdueMs - phaseMs;
      const { goal } = operation(clock, { durationMs, limitMs: 1_800_000 });
      const { tookMs } = await asMachine(clock, goal);
      expect(tookMs - durationMs).toBeGreaterThanOrEqual(0);
      // The machine waits in whole seconds.
      expect(tookMs - durationMs).toBeLessThanOrEqual(withinMs + 1000);
    }
  });

  it("looks seldom at what does not end, and every fifteen seconds at least", async () => {
    const clock = createHandClock();
    const { goal, looks } = operation(clock, { durationMs: 10_000_000, limitMs: 1_800_000 });
    await expect(asMachine(clock, goal)).rejects.toMatchObject({ name: "StepExpired" });
    expect(looks.length).toBeLessThan(450);
    for (const [index, atMs] of looks.slice(2).entries())
      expect(atMs - (looks[index + 1] ?? 0)).toBeLessThanOrEqual(15_000);
  });

  it("waits in whole seconds, at least one", async () => {
    const clock = createHandClock();
    const { goal } = operation(clock, { durationMs: 500_000, usualMs: 1500 });
    const first = await awaitGoal(clock, null, goal);
    expect(first.pollAfterSeconds).toBe(2);
  });

  it("stays well under its function's timeout in every call", async () => {
    const clock = createHandClock();
    const { goal } = operation(clock, { durationMs: 3_000_000, usualMs: 0, limitMs: 1_800_000 });
    let memo: StepMemo | null = null;
    for (let calls = 0; calls < 60; calls++) {
      const startedAtMs = clock.nowMs();
      const result: StepResult = await awaitGoal(clock, memo, goal);
      memo = result.memo;
      expect(clock.nowMs() - startedAtMs).toBeLessThanOrEqual(20_000);
    }
  });

  it.each([0, 5000, 59_000])("acts no second time while describes are %i ms behind", async (staleMs) => {
    const clock = createHandClock();
    const { acts, goal } = operation(clock, { durationMs: 90_000, staleMs, usualMs: 0 });
    await asMachine(clock, goal);
    expect(acts).toHaveLength(1);
  });

  it("acts again after a minute in which nothing moved: the first call may have been lost", async () => {
    const clock = createHandClock();
    const { acts, goal } = operation(clock, { durationMs: 0, usualMs: 0, limitMs: 150_000 });
    const stuck: Goal = { ...goal, observe: () => Promise.resolve({ type: "idle", detail: "still" }) };
    await expect(asMachine(clock, stuck)).rejects.toMatchObject({ name: "StepExpired" });
    expect(acts.length).toBeGreaterThan(1);
    for (const [index, atMs] of acts.slice(1).entries())
      expect(atMs - (acts[index] ?? 0)).toBeGreaterThanOrEqual(60_000);
  });

  it("acts once although it is killed after its act and called again with what it knew before", async () => {
    const clock = createHandClock();
    const { acts, goal } = operation(clock, { durationMs: 90_000 });
    await awaitGoal(clock, null, goal);
    const again = await awaitGoal(clock, null, goal);
    expect(again.done).toBe(false);
    expect(acts).toHaveLength(1);
  });

  it("expires by name after its limit, with what it last saw", async () => {
    const clock = createHandClock();
    const { goal } = operation(clock, { durationMs: 10_000_000, limitMs: 200_000 });
    await expect(asMachine(clock, goal)).rejects.toMatchObject({
      name: "StepExpired",
      message: "the move did not end within 200 s: on its way",
    });
    expect(clock.nowMs() - START_MS).toBeLessThan(200_000 + 20_000);
  });

  it("expires in time although it looks seldom by then", async () => {
    const clock = createHandClock();
    const { goal } = operation(clock, { durationMs: 10_000_000, limitMs: 1_800_000 });
    await expect(asMachine(clock, goal)).rejects.toMatchObject({ name: "StepExpired" });
    expect(clock.nowMs() - START_MS).toBeLessThanOrEqual(1_800_000 + 2000);
  });

  it("is done although its limit has passed, when it observes its goal", async () => {
    const clock = createHandClock();
    const { goal } = operation(clock, { durationMs: 0 });
    const result = await awaitGoal(
      clock,
      { startedAtMs: START_MS - 10_000_000 },
      { ...goal, observe: () => Promise.resolve({ type: "reached", detail: "there" }) },
    );
    expect(result.done).toBe(true);
  });

  it("passes on what its call throws, and does not take it for done", async () => {
    const clock = createHandClock();
    const { goal } = operation(clock, { durationMs: 1000 });
    const failing: Goal = { ...goal, act: () => Promise.reject(new Error("EpochStale")) };
    await expect(awaitGoal(clock, null, failing)).rejects.toThrow("EpochStale");
  });
});
