import type { Lease } from "@lifeboat/recovery/ledger";
import { forSite } from "@lifeboat/recovery/plan";
import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { slowDown } from "./slow-down.ts";

const SERVES_MS = 300_000;

/**
 * At one of the two places there still lies the old primary's word that it is fenced, from a move that was given up. It serves
 * again and renews at the other place, when a person orders a failover.
 */
export const fenceToldOnce: Scenario = {
  name: "fence-told-once",
  summary:
    "a move is given up, and the fence that was told for it stays in one lease; a living site is not overtaken by it",
  expected: "held",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer, startFailover }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    const bucket = forSite(plan.ledger.buckets, standby.name);
    const leaseThere = (): Lease =>
      JSON.parse(cloud.s3.read(bucket, `${plan.workload}/lease`) ?? "{}") as Lease;
    await wait(CALM_MS);
    const writable = slowDown(
      lab,
      ({ operation, key, region, origin }) =>
        operation === "PutObject" &&
        key === `${plan.workload}/lease` &&
        region === standby.region &&
        origin.place === standby.region,
    );
    markOutage();
    tell(`${primary.region} is lost, and ${standby.region} cannot write its copy of the lease`);
    network.lose(primary.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell(`the claim is made and held; ${primary.region} is back, and stops itself`);
    network.restore(primary.region);
    await waitFor("its word that it is fenced", 600_000, () => leaseThere().fenced);
    tell(`it is cut off from ${standby.region}, and the move is given up`);
    network.cut(primary.region, standby.region);
    await answer({ who: "one", answer: "abort", why: "it is back" });
    await waitFor("the attempt to end", 60_000, () => hasEnded(lab, 1));
    writable();
    await wait(SERVES_MS);
    markOutage();
    tell(
      `${primary.region} serves again; somebody who does not know that orders a failover, and another one agrees`,
    );
    await startFailover(standby.name, {
      workload: plan.workload,
      override: { who: "one", why: "nothing replicates any more", acceptLossMs: "any" },
    });
    for (const who of ["one", "two"]) {
      await waitForQuestion(60_000);
      await answer({ who, answer: "approve", why: "as it says" });
    }
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell(`${primary.name} goes on renewing its lease: the order is withdrawn`);
    await answer({ who: "two", answer: "abort", why: "it lives" });
    await waitFor("the order to end", 60_000, () => hasEnded(lab, 2));
    network.mend(primary.region, standby.region);
    await wait(600_000);
  },
};
