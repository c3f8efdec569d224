import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

/** Route 53 takes its changes in us-east-1 alone. */
const ROUTE_53_REGION = "us-east-1";

/** December 2021: for seven hours nobody could change a record. Traffic moves on the data plane, so nobody has to. */
export const controlPlaneOfRoute53Down: Scenario = {
  name: "control-plane-of-route53-down",
  summary:
    "us-east-1 is lost, and with it every change of a record; the primary is lost then, and recovers all the same",
  expected: "recovered",
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    tell(`${ROUTE_53_REGION} is lost`);
    cloud.world.network.lose(ROUTE_53_REGION);
    await wait(120_000);
    markOutage();
    tell(`${plan.sites.primary.region} is lost`);
    cloud.world.network.lose(plan.sites.primary.region);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(30_000);
  },
};
