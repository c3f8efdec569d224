import { CALM_MS, type Scenario } from "./scenario.ts";

const FLAPS = 24;
const DOWN_MS = 30_000;
const UP_MS = 45_000;

/** The paths to the primary come and go: alarms with every flap, and never an outage. */
export const alarmFlapping: Scenario = {
  name: "alarm-flapping",
  summary: "the paths to the primary come and go every half minute; alarms flap, nothing moves",
  expected: "not-needed",
  async run({ lab, wait, tell }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const here = plan.sites.primary.region;
    const others = [plan.sites.standby.region, plan.witness.region];
    await wait(CALM_MS);
    for (let flap = 1; flap <= FLAPS; flap++) {
      tell(`${here} is cut off from the other regions, time ${flap} of ${FLAPS}`);
      for (const other of others) network.cut(here, other);
      await wait(DOWN_MS);
      for (const other of others) network.mend(here, other);
      await wait(UP_MS);
    }
    await wait(300_000);
  },
};
