import { describe, expect, it } from "vitest";
import { expectRecovered } from "./expect-recovered.ts";
import { runScenario } from "./run-scenario.ts";

/**
 * 1. The first of the two recoveries begins at about one phase of the minute, the second at any.
 * 2. Each keeps the objectives, and what the control plane itself adds stays below 15 s.
 * 3. Detection takes as long as the slowest signals: a one-minute alarm, and a witness that looks once a minute.
 */
describe("a dozen losses of both regions, one after the other", () => {
  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    "keep the objectives with seed %i",
    async (seed) => {
      const { lab, recoveries } = await runScenario("second-region-loss", { seed, spelt: false });
      expect(recoveries).toHaveLength(2);
      for (const recovery of recoveries) {
        expectRecovered({ lab }, recovery);
        expect(recovery.detectionMs).toBeGreaterThan(30_000);
        expect(recovery.detectionMs).toBeLessThanOrEqual(105_000);
      }
    },
  );
});
