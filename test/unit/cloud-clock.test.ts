import { createVirtualClock, QUIET, type VirtualClock } from "@lifeboat/cloud/kernel/clock";
import { createRandom } from "@lifeboat/cloud/kernel/random";
import { describe, expect, it } from "vitest";

/** Waits that are over without time: promises one after the other, and a tick between them. */
const longChain = async (): Promise<void> => {
  for (let link = 0; link < 50; link++) await Promise.resolve();
  await new Promise<void>((resolve) => process.nextTick(resolve));
  for (let link = 0; link < 50; link++) await Promise.resolve();
};

const kinds: readonly (readonly [string, () => VirtualClock])[] = [
  ["that waits for files", () => createVirtualClock(0)],
  [
    "that nobody reads files beside",
    () => {
      const clock = createVirtualClock(0);
      clock.ignoreFiles();
      return clock;
    },
  ],
];

describe.each(kinds)("a virtual clock %s", (_kind, create) => {
  it("lets everything go on that can before time goes on", async () => {
    const clock = create();
    const seen: string[] = [];
    for (let atMs = 1; atMs <= 200; atMs++)
      clock.at(atMs, () => void longChain().then(() => seen.push(`${atMs} at ${clock.nowMs()}`)));
    await clock.run({ untilMs: 1000 });
    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => `${index + 1} at ${index + 1}`));
    expect(clock.nowMs()).toBe(1000);
  });

  it.each([
    [0, [1, 2, 3, 4, 5, 6]],
    [3, [1, 4, 7]],
  ])("asks whether it is enough after events, no more often than every %i ms", async (askEveryMs, asked) => {
    const clock = create();
    const askedAtMs: number[] = [];
    clock.every(1, () => QUIET);
    const until = (): boolean => {
      askedAtMs.push(clock.nowMs());
      return clock.nowMs() >= 6;
    };
    await clock.run({ untilMs: 100, until, askEveryMs });
    expect(askedAtMs).toEqual(asked);
    expect(clock.nowMs()).toBe(askedAtMs.at(-1));
  });

  it("lets what is running before its first event go on first", async () => {
    const clock = create();
    const seen: string[] = [];
    void longChain().then(() => seen.push("chain"));
    clock.at(0, () => void seen.push("event"));
    await clock.run({ untilMs: 0 });
    expect(seen).toEqual(["chain", "event"]);
  });

  it("does not stop for what is quiet", async () => {
    const clock = create();
    const seen: string[] = [];
    clock.at(1, () => {
      void longChain().then(() => seen.push("chain"));
      return QUIET;
    });
    clock.at(2, () => void seen.push("event"));
    await clock.run({ untilMs: 5 });
    expect(seen[0]).toBe("event");
  });

  it("stops where it is told to, loud or quiet, and goes on from there", async () => {
    for (const answer of [undefined, QUIET]) {
      const clock = create();
      const seen: number[] = [];
      for (const atMs of [1, 2, 3])
        clock.at(atMs, () => {
          seen.push(atMs);
          return answer;
        });
      await clock.run({ untilMs: 10, until: () => seen.length === 2 });
      expect(seen).toEqual([1, 2]);
      expect(clock.nowMs()).toBe(2);
      await clock.run({ untilMs: 10 });
      expect(seen).toEqual([1, 2, 3]);
    }
  });

  it("hands on what an event throws, and runs nothing after it", async () => {
    const clock = create();
    const seen: number[] = [];
    clock.at(1, () => {
      throw new Error("broken");
    });
    clock.at(2, () => void seen.push(2));
    await expect(clock.run({ untilMs: 10 })).rejects.toThrow("broken");
    expect(seen).toEqual([]);
  });

  it("runs a thousand events in order of time, and of creation within one instant", async () => {
    const clock = create();
    const random = createRandom("clock");
    const due: { readonly atMs: number; readonly index: number }[] = [];
    const seen: number[] = [];
    const add = (index: number): void => {
      const atMs = clock.nowMs() + random.integer(0, 40);
      due.push({ atMs, index });
      const cancel = clock.at(atMs, () => {
        seen.push(index);
        if (index < 500) add(index + 500);
        return QUIET;
      });
      if (index % 7 !== 0) return;
      due.pop();
      cancel();
    };
    for (let index = 0; index < 500; index++) add(index);
    await clock.run({ untilMs: 1000 });
    expect(seen).toEqual(due.toSorted((left, right) => left.atMs - right.atMs).map(({ index }) => index));
  });

  it("runs what is left in its order although most of what was to happen is cancelled, by whomever and whenever", async () => {
    const clock = create();
    const random = createRandom("cancelled");
    const left = new Map<number, number>();
    const cancels = new Map<number, () => void>();
    const seen: number[] = [];
    const drop = (index: number): void => {
      cancels.get(index)?.();
      left.delete(index);
    };
    for (let index = 0; index < 600; index++) {
      const atMs = clock.nowMs() + random.integer(1, 200);
      left.set(index, atMs);
      cancels.set(
        index,
        clock.at(atMs, () => {
          seen.push(index);
          // What has run already is none the worse for it.
          for (const other of [index + 1, index + 7]) if (!seen.includes(other)) drop(other);
          return QUIET;
        }),
      );
    }
    for (let index = 0; index < 600; index++) if (index % 4 !== 0) drop(index);
    // Which of these run is settled by the order in which they do.
    const expected: number[] = [];
    for (const [index] of [...left].sort(([, first], [, second]) => first - second)) {
      if (!left.has(index)) continue;
      expected.push(index);
      for (const other of [index + 1, index + 7]) if (!expected.includes(other)) left.delete(other);
    }
    await clock.run({ untilMs: 1000 });
    expect(seen.length).toBeGreaterThan(100);
    expect(seen).toEqual(expected);
  });

  it("repeats what is to happen every so often, as if it asked for itself first of all, until it is cancelled", async () => {
    const clock = create();
    const seen: string[] = [];
    const note = (what: string): void => void seen.push(`${what} at ${clock.nowMs()}`);
    const cancel = clock.every(
      10,
      () => {
        clock.after(10, () => note("what it asked for"));
        note("often");
        if (clock.nowMs() === 25) cancel();
      },
      5,
    );
    await clock.run({ untilMs: 100 });
    expect(seen).toEqual([
      "often at 5",
      "often at 15",
      "what it asked for at 15",
      "often at 25",
      "what it asked for at 25",
      "what it asked for at 35",
    ]);
  });
});
