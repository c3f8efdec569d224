import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";

/**
 * The primary's database and servers die while its functions live and reach the standby, but not the witness: it cannot read
 * that it is to step down.
 */
export const lostAndCutOff: Scenario = {
  name: "lost-and-cut-off",
  summary: "the primary's data plane is lost, and the primary cannot read the claim; its lease runs out",
  expected: "recovered",
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { region } = plan.sites.primary;
    await wait(CALM_MS);
    markOutage();
    tell(
      `the data plane of ${region} is gone for good, and its functions do not reach ${plan.witness.region}`,
    );
    network.losePlane(region, "data");
    network.cut(region, plan.witness.region);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(60_000);
  },
};
