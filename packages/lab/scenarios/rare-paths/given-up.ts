import { CALM_MS, executionsOf, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { crossed } from "../crossed.ts";

/** A recovery that is held, which another one is ordered beside, and which is then given up. */
export const givenUp: Scenario = {
  name: "given-up",
  summary: "a recovery is held, another one is ordered beside it, and a person gives the first one up",
  expected: "refused",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, setKillSwitch, answer, startFailover }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    markOutage();
    tell(`${plan.sites.primary.region} is lost`);
    cloud.world.network.lose(plan.sites.primary.region);
    await waitFor(
      "a promotion to begin",
      RECOVERY_WITHIN_MS,
      crossed(lab, ({ operation }) => operation === "FailoverGlobalCluster"),
    );
    tell("the promotion has begun; the kill switch is turned on");
    await setKillSwitch(true, "somebody has doubts");
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell("a person orders a second recovery, which finds the first one at work");
    await startFailover(plan.sites.standby.name, { workload: plan.workload });
    await waitFor("the second one to end", 600_000, () => hasEnded(lab, 1));
    tell("and gives the first one up");
    await setKillSwitch(false, "it is decided");
    await answer({ answer: "abort", who: "an operator", why: "the database is being restored by hand" });
    await waitFor("the first one to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, executionsOf(lab).size));
    await wait(30_000);
  },
};
