import type { Lease } from "@lifeboat/recovery/ledger";
import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { claimOf } from "../../claim-of.ts";
import { slowDown } from "./slow-down.ts";
import { crossed } from "../crossed.ts";

/**
 * The primary is back before the claim and reads that nobody moves the workload; when it gets to renew its lease, somebody
 * does. What it renews on is out of date by then.
 */
export const backInTheClaim: Scenario = {
  name: "back-in-the-claim",
  summary:
    "the primary comes back and reads the ledger just before the claim, and can renew only just after it: it is refused",
  expected: "recovered",
  peopleOnCall: true,
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary } = plan.sites;
    const leaseKey = `${plan.workload}/lease`;
    const isSealed = (): boolean => {
      const lease = JSON.parse(cloud.s3.read(plan.ledger.witnessBucket, leaseKey) ?? "{}") as Lease;
      return lease.durationMs === 0;
    };
    await wait(CALM_MS);
    const renewable = slowDown(lab, ({ key, origin }) => key === leaseKey && origin.place === primary.region);
    markOutage();
    tell(`${primary.region} is lost`);
    network.lose(primary.region);
    await waitFor(
      "somebody to wait for the lease",
      RECOVERY_WITHIN_MS,
      crossed(lab, ({ origin }) => origin.principal.includes("-claim@")),
    );
    tell(`${primary.region} is back; it reads the ledger, and for a while gets no further`);
    network.restore(primary.region);
    await waitFor("the claim", 600_000, () => claimOf(lab).holder !== null && isSealed());
    tell("the claim is made, and nothing is in its way any more");
    renewable();
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(300_000);
  },
};
