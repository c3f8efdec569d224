import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { claimOf } from "../../claim-of.ts";

const STUCK_MS = 2_400_000;

/** After the point of no return nothing is given back, whoever says so: what was asked for may still take effect. */
export const abortedInFlight: Scenario = {
  name: "aborted-in-flight",
  summary:
    "a person gives a recovery up while AWS still promotes; the old site is back and stays down, and the next attempt ends it",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    cloud.world.faults.stall = (_region, operation) =>
      operation === "failover" ? { stallsMs: STUCK_MS, ends: "completes" } : undefined;
    markOutage();
    tell(`${primary.region} is lost, and the database's failover will be stuck`);
    network.lose(primary.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell(`${primary.region} is back, and a person gives the recovery up`);
    network.restore(primary.region);
    await answer({ who: "an operator", answer: "abort", why: "the old site is back" });
    await waitFor("the attempt to end", 60_000, () => hasEnded(lab, 1));
    await waitFor(
      `the workload to be served from ${standby.name}`,
      RECOVERY_WITHIN_MS,
      () => claimOf(lab).activeSite === standby.name && claimOf(lab).holder === null,
    );
    await wait(300_000);
  },
};
