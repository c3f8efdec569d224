import { CALM_MS, type Scenario } from "./scenario.ts";

const ROUNDS = 5;
const EVERY_MS = 300_000;

/** Lifeboat's own watch stumbles: the workload must not notice. */
export const watchThrottled: Scenario = {
  name: "watch-throttled",
  summary: "the primary's watch is not started now and then; nothing moves and nothing is fenced",
  expected: "not-needed",
  async run({ lab, wait, tell }) {
    const { plan, cloud } = lab;
    const { faults } = cloud.world;
    const { region } = plan.sites.primary;
    await wait(CALM_MS);
    for (let round = 0; round < ROUNDS; round++) {
      let skipped = false;
      faults.skipsFiring = (place, schedule) => {
        if (skipped || place !== region || !schedule.endsWith("watch")) return false;
        skipped = true;
        tell(`the watch in ${region} is not started for a minute`);
        return true;
      };
      await wait(EVERY_MS);
    }
    delete faults.skipsFiring;
    await wait(120_000);
  },
};
