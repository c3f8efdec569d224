import type { Measured } from "@lifeboat/lab/measure/measure-run";
import type { Simulation } from "@lifeboat/lab/simulate";
import { expect } from "vitest";

const fifteenMinutesMs = 900_000;

/** What every recovery of the example has to keep. */
export const expectRecovered = ({ lab }: Pick<Simulation, "lab">, recovery: Measured): void => {
  expect(recovery.outcome).toBe("recovered");
  expect(recovery.rtoMs).toBeGreaterThan(0);
  expect(recovery.rtoMs).toBeLessThanOrEqual(fifteenMinutesMs);
  expect(recovery.overheadMs).toBeLessThanOrEqual(15_000);
  expect(recovery.transitions).toBeLessThanOrEqual(300);
  expect(recovery.humanWaitMs).toBe(0);
  // What was reported is never less than what users lost.
  expect(recovery.rpoMs).not.toBeNull();
  expect(recovery.lost.spanMs.max).toBeLessThanOrEqual(recovery.rpoMs?.max ?? -1);
  expect(recovery.rpoMs?.max ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(lab.plan.objectives.rpoMs);
};
