import { CALM_MS, type Scenario } from "./scenario.ts";

const LOST_MS = 1_800_000;

/** Claims are decided at the witness, so without it nothing can move; nothing has to. */
export const witnessLoss: Scenario = {
  name: "witness-loss",
  summary: "the witness is lost for half an hour; nothing moves and nothing stops",
  expected: "not-needed",
  async run({ lab, wait, tell }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    tell(`${plan.witness.region} is lost`);
    cloud.world.network.lose(plan.witness.region);
    await wait(LOST_MS);
    tell(`${plan.witness.region} is back`);
    cloud.world.network.restore(plan.witness.region);
    await wait(600_000);
  },
};
