import { describe, expect, it } from "vitest";
import { generateClaimFaults } from "@lifeboat/lab/faults/generate-claim-faults";
import { runTasks } from "@lifeboat/lab/faults/run-tasks";
import { exampleText, readValid } from "../unit/plan-example.ts";

const { plan } = readValid(exampleText);

/** A fifth of what `faults.test.ts` runs; more in CI: see CONTRIBUTING. */
const SEEDS = Math.ceil(Number(process.env["LIFEBOAT_SEEDS"] ?? "200") / 5);

describe("a schedule of faults around the claim", () => {
  it("is the same for the same seed, is JSON, and brings the active site back about when it is claimed", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const faults = generateClaimFaults(plan, seed);
      expect(JSON.parse(JSON.stringify(faults))).toEqual(generateClaimFaults(plan, seed));
      const { region } = plan.sites.primary;
      const back = faults.filter(
        (fault) =>
          (fault.kind === "site-loss" && fault.place === region && fault.plane === "both") ||
          (fault.kind === "partition" && fault.between.includes(region)),
      );
      expect(back.some(({ forMs }) => forMs !== null && forMs >= 40_000 && forMs <= 200_000)).toBe(true);
    }
  });
});

describe(`${SEEDS} seeds of faults around the claim`, () => {
  it("break no invariant, and are moved as well as left where they are", async () => {
    const tasks = Array.from({ length: SEEDS }, (_, index) => ({
      seed: index + 1,
      faults: generateClaimFaults(plan, index + 1),
      times: 1 as const,
    }));
    const results = await runTasks({ plan, tasks });
    const broken = results.filter(({ violations }) => violations.length > 0);
    expect(broken.map(({ seed, violations }) => ({ seed, violations }))).toEqual([]);
    const ended = (outcome: string): number =>
      results.filter(({ outcomes }) => outcomes.some((one) => one.outcome === outcome)).length;
    console.log(`${SEEDS} seeds, ${ended("recovered")} recovered, ${ended("not-needed")} not needed`);
    expect(ended("recovered")).toBeGreaterThanOrEqual(SEEDS * 0.3);
    expect(ended("not-needed")).toBeGreaterThanOrEqual(SEEDS * 0.1);
  }, 1_800_000);
});
