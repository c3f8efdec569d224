import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

/** The region of the active site goes dark at once: data plane, control plane, everything. */
export const regionLoss: Scenario = {
  name: "region-loss",
  summary: "the primary region is lost without warning; the standby takes over by itself",
  expected: "recovered",
  peopleOnCall: true,
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    markOutage();
    tell(`${plan.sites.primary.region} is lost`);
    cloud.world.network.lose(plan.sites.primary.region);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(30_000);
  },
};
