import { CALM_MS, type Scenario } from "./scenario.ts";

const LOST_MS = 1_800_000;

/** The primary renews at the witness alone, and goes on. */
export const standbyLoss: Scenario = {
  name: "standby-loss",
  summary: "the standby region is lost for half an hour; nothing moves and nothing stops",
  expected: "not-needed",
  async run({ lab, wait, tell }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    tell(`${plan.sites.standby.region} is lost`);
    cloud.world.network.lose(plan.sites.standby.region);
    await wait(LOST_MS);
    tell(`${plan.sites.standby.region} is back`);
    cloud.world.network.restore(plan.sites.standby.region);
    await wait(600_000);
  },
};
