import { crossed } from "../crossed.ts";
import { RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { secondRegionLoss } from "../second-region-loss.ts";

/** To the standby and back again: then the switches go back to rest. */
export const thereAndBack: Scenario = {
  name: "there-and-back",
  summary: "both regions are lost, one after the other, and the switches go back to rest",
  expected: "recovered",
  peopleOnCall: true,
  async run(stage) {
    const { lab, waitFor, tell } = stage;
    await secondRegionLoss.run(stage);
    const { region } = lab.plan.sites.standby;
    tell(`${region} is back`);
    lab.cloud.world.network.restore(region);
    await waitFor(
      "the switches to be at rest",
      RECOVERY_WITHIN_MS,
      crossed(lab, ({ operation }) => operation === "DeleteObject"),
    );
    await stage.wait(30_000);
  },
};
