import { deployedName } from "@lifeboat/control-plane/names";
import { CALM_MS, type Scenario } from "./scenario.ts";

const ROUNDS = 5;
const EVERY_MS = 300_000;
/** From the firing that is let pass on. Several beats of the watch; a fence is due after 70 s. */
const THROTTLED_MS = 36_000;

/** Lifeboat's own watch stumbles: the workload must not notice. */
export const watchThrottled: Scenario = {
  name: "watch-throttled",
  summary:
    "five times the primary's watch is not started by its schedule, and Lambda refuses its ticks for 36 s; nothing moves, nothing is fenced",
  expected: "not-needed",
  async run({ lab, wait, tell }) {
    const { plan, cloud } = lab;
    const { clock, faults } = cloud.world;
    const { region } = plan.sites.primary;
    const watch = deployedName(plan.workload, "watch");
    await wait(CALM_MS);
    for (let round = 0; round < ROUNDS; round++) {
      let untilMs = Number.NEGATIVE_INFINITY;
      let skipped = false;
      faults.throttles = (place, name) => place === region && name === watch && clock.nowMs() < untilMs;
      faults.skipsFiring = (place, schedule) => {
        if (skipped || place !== region || !schedule.endsWith("watch")) return false;
        skipped = true;
        untilMs = clock.nowMs() + THROTTLED_MS;
        tell(`the watch in ${region} is not started for a minute, and its ticks are refused for a while`);
        return true;
      };
      await wait(EVERY_MS);
    }
    delete faults.skipsFiring;
    delete faults.throttles;
    await wait(120_000);
  },
};
