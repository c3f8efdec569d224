import { claimOf } from "../claim-of.ts";
import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

/** A flapping region must not move a workload to and fro; a person may decide otherwise. */
export const cooldown: Scenario = {
  name: "cooldown",
  summary:
    "the second site is lost soon after the first recovery; refused by the cooldown, then moved by a person's override",
  expected: "recovered",
  async run({ lab, wait, waitFor, tell, markOutage, startFailover }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    markOutage();
    tell(`${primary.region} is lost`);
    network.lose(primary.region);
    await waitFor("the first failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    tell(`${primary.region} is back`);
    network.restore(primary.region);
    await waitFor(
      `${primary.name} to protect ${standby.name}`,
      RECOVERY_WITHIN_MS,
      () => claimOf(lab).protection === "protected",
    );
    await wait(60_000);
    markOutage();
    tell(`${standby.region} is lost, within the cooldown`);
    network.lose(standby.region);
    await waitFor("an attempt to be refused", 600_000, () => hasEnded(lab, 2));
    tell("a person overrides the cooldown");
    await startFailover(primary.name, {
      workload: plan.workload,
      override: { who: "an operator", why: "the second site is down as well" },
    });
    await waitFor("the second failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 3));
    await wait(60_000);
  },
};
