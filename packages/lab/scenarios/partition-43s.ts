import { INTERNET } from "@lifeboat/cloud/kernel/network";
import { CALM_MS, type Scenario } from "./scenario.ts";

const PARTITION_MS = 43_000;

/** GitHub, 21 October 2018: 43 seconds of partition, a failover, and 24 hours and 11 minutes of repair. */
export const partition43s: Scenario = {
  name: "partition-43s",
  summary: "the primary is cut off from everybody for 43 seconds; nothing moves",
  expected: "not-needed",
  async run({ lab, wait, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const here = plan.sites.primary.region;
    const others = [plan.sites.standby.region, plan.witness.region, INTERNET];
    await wait(CALM_MS);
    markOutage();
    tell(`${here} is cut off`);
    for (const other of others) network.cut(here, other);
    await wait(PARTITION_MS);
    tell(`${here} is reachable again, ${PARTITION_MS / 1000} s later`);
    for (const other of others) network.mend(here, other);
    await wait(600_000);
  },
};
