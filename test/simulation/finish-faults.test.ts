import { describe, expect, it } from "vitest";
import { generateFinishFaults } from "@lifeboat/lab/faults/generate-finish-faults";
import { runTasks } from "@lifeboat/lab/faults/run-tasks";
import type { TaskResult } from "@lifeboat/lab/faults/task";
import { exampleText, readValid } from "../unit/plan-example.ts";

const { plan } = readValid(exampleText);

/** A fifth of what `faults.test.ts` runs; more in CI: see CONTRIBUTING. */
const SEEDS = Math.ceil(Number(process.env["LIFEBOAT_SEEDS"] ?? "200") / 5);

/** The first execution was given up, and a later one recovered. */
const isFinishedLater = ({ outcomes: [first, ...later] }: TaskResult): boolean =>
  first?.outcome === "held" && later.some(({ outcome }) => outcome === "recovered");

describe("a schedule of faults around a move that is left half-way", () => {
  it("is the same for the same seed, is JSON, and strikes who finishes it", () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const faults = generateFinishFaults(plan, seed);
      expect(JSON.parse(JSON.stringify(faults))).toEqual(generateFinishFaults(plan, seed));
      for (const fault of faults)
        if (fault.kind !== "clock-drift" && fault.entering === "ConfirmStores") kinds.add(fault.kind);
    }
    expect(kinds.size).toBeGreaterThanOrEqual(10);
  });
});

describe(`${SEEDS} seeds of faults around a move that is left half-way`, () => {
  it("break no invariant, and all but a few moves are finished", async () => {
    const tasks = Array.from({ length: SEEDS }, (_, index) => ({
      seed: index + 1,
      faults: generateFinishFaults(plan, index + 1),
      givesUp: true,
      times: 1 as const,
    }));
    const results = await runTasks({ plan, tasks });
    const broken = results.filter(({ violations }) => violations.length > 0);
    expect(broken.map(({ seed, violations }) => ({ seed, violations }))).toEqual([]);
    const finished = results.filter(isFinishedLater).length;
    const twice = results.filter(({ outcomes }) =>
      outcomes.some(({ reason }) => reason.startsWith("another execution has the workload")),
    ).length;
    console.log(`${SEEDS} seeds, ${finished} finished later, in ${twice} two people tried at once`);
    expect(finished).toBeGreaterThanOrEqual(SEEDS * 0.9);
    expect(twice).toBeGreaterThanOrEqual(SEEDS * 0.05);
  }, 1_800_000);
});
