import { dryRun } from "./dry-run.ts";
import { duplicateAlarms } from "./duplicate-alarms.ts";
import { regionLoss } from "./region-loss.ts";
import type { Scenario } from "./scenario.ts";
import { secondRegionLoss } from "./second-region-loss.ts";

/** All scenarios, in the order in which they are listed. */
export const scenarios: readonly Scenario[] = [regionLoss, dryRun, secondRegionLoss, duplicateAlarms];

export const scenarioNamed = (name: string): Scenario | undefined =>
  scenarios.find((scenario) => scenario.name === name);
