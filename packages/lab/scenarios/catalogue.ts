import { watchThrottled } from "./watch-throttled.ts";
import { overrideTwoPersons } from "./override-two-persons.ts";
import { lagAboveLimit } from "./lag-above-limit.ts";
import { controlPlaneOfRoute53Down } from "./control-plane-of-route53-down.ts";
import { alarmFlapping } from "./alarm-flapping.ts";
import { cooldown } from "./cooldown.ts";
import { dryRun } from "./dry-run.ts";
import { duplicateAlarms } from "./duplicate-alarms.ts";
import { killSwitch } from "./kill-switch.ts";
import { lagUnknownAtOnset } from "./lag-unknown-at-onset.ts";
import { oldPrimaryWakes } from "./old-primary-wakes.ts";
import { partition43s } from "./partition-43s.ts";
import { primaryControlPlaneLoss } from "./primary-control-plane-loss.ts";
import { primaryDataPlaneLoss } from "./primary-data-plane-loss.ts";
import { primaryIsolated } from "./primary-isolated.ts";
import { promotionStuck } from "./promotion-stuck.ts";
import { regionLoss } from "./region-loss.ts";
import type { Scenario } from "./scenario.ts";
import { secondRegionLoss } from "./second-region-loss.ts";
import { standbyLoss } from "./standby-loss.ts";
import { standbyNotReady } from "./standby-not-ready.ts";
import { witnessLoss } from "./witness-loss.ts";

/** All scenarios, in the order in which they are listed. */
export const scenarios: readonly Scenario[] = [
  regionLoss,
  dryRun,
  secondRegionLoss,
  duplicateAlarms,
  partition43s,
  primaryIsolated,
  primaryControlPlaneLoss,
  primaryDataPlaneLoss,
  witnessLoss,
  standbyLoss,
  oldPrimaryWakes,
  standbyNotReady,
  lagUnknownAtOnset,
  promotionStuck,
  cooldown,
  killSwitch,
  lagAboveLimit,
  overrideTwoPersons,
  controlPlaneOfRoute53Down,
  watchThrottled,
  alarmFlapping,
];

export const scenarioNamed = (name: string): Scenario | undefined =>
  scenarios.find((scenario) => scenario.name === name);
