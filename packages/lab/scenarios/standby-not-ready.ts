import { CALM_MS, hasEnded, type Scenario } from "./scenario.ts";
import { forSite } from "@lifeboat/recovery/plan";

/** Target first: an unfit standby is found out before anything is touched. */
export const standbyNotReady: Scenario = {
  name: "standby-not-ready",
  summary:
    "the standby's copy of the database is not available when the primary is lost; refused, nothing is touched",
  expected: "refused",
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud, rds } = lab;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    for (const store of plan.stores) {
      if (store.type !== "aurora-global") continue;
      const cluster = rds.cluster(standby.region, forSite(store.clusters, standby.name));
      cluster.status = "inaccessible-encryption-credentials-recoverable";
    }
    tell(`the database's copy in ${standby.region} has lost its key`);
    await wait(60_000);
    markOutage();
    tell(`${primary.region} is lost`);
    cloud.world.network.lose(primary.region);
    await waitFor("the attempt to end", 600_000, () => hasEnded(lab, 1));
    await wait(60_000);
  },
};
