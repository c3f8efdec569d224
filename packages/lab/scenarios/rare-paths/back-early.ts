import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { trafficHasMoved } from "./traffic-has-moved.ts";

/** The lost region answers again while the recovery still runs: it is retired by the execution itself. */
export const backEarly: Scenario = {
  name: "back-early",
  summary: "the lost region is back before the recovery is over, and is retired at once",
  expected: "recovered",
  peopleOnCall: true,
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { region } = lab.plan.sites.primary;
    const { network } = lab.cloud.world;
    await wait(CALM_MS);
    markOutage();
    tell(`${region} is lost`);
    network.lose(region);
    await waitFor("traffic to move", RECOVERY_WITHIN_MS, trafficHasMoved(lab));
    tell(`${region} is back before the recovery is over`);
    network.restore(region);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(60_000);
  },
};
