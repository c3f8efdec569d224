import { forSite } from "@lifeboat/recovery/plan";
import { claimOf } from "../claim-of.ts";
import { hasEnded, type Scenario } from "./scenario.ts";

const HOUR_MS = 3_600_000;

/** The standby takes over, the old region comes back and is made the new standby; then the second region is lost. */
export const secondRegionLoss: Scenario = {
  name: "second-region-loss",
  summary: "after a recovery the old region returns and protects; then the new one is lost, too",
  expected: "recovered",
  peopleOnCall: true,
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(180_000);
    markOutage();
    tell(`${primary.region} is lost`);
    network.lose(primary.region);
    await waitFor("the first failover to end", HOUR_MS, () => hasEnded(lab, 1));
    await wait(600_000);
    tell(`${primary.region} is back`);
    network.restore(primary.region);
    await waitFor(
      `${primary.name} to protect ${standby.name}`,
      4 * HOUR_MS,
      () => claimOf(lab).protection === "protected",
    );
    tell(`${plan.workload} is protected again`);
    await wait(plan.decision.cooldownMs + 300_000);
    markOutage();
    tell(`${standby.region} is lost`);
    network.lose(standby.region);
    await waitFor("the second failover to end", HOUR_MS, () => hasEnded(lab, 2));
    await wait(30_000);
    const bucket = forSite(plan.ledger.buckets, primary.name);
    if (cloud.s3.bucket(bucket).objects.size === 0) throw new Error(`no record was written to ${bucket}`);
  },
};
