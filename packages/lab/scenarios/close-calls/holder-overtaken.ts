import { CALM_MS, executionsOf, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";

const FOLLOWS_MS = 1_200_000;

/**
 * An execution sleeps through the end of its epoch: it holds for a person while its own region is lost and the workload moves
 * back, and is told to go on when the region returns.
 */
export const holderOvertaken: Scenario = {
  name: "holder-overtaken",
  summary:
    "a recovery is held after its promotion, its region is lost, the workload moves back; then a person has it go on",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer, startFailover }) {
    const { plan, cloud } = lab;
    const { network, faults } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    faults.call = ({ operation, region }) =>
      operation === "UpdateService" && region === standby.region
        ? { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 }
        : undefined;
    markOutage();
    tell(`${primary.region} is lost, and ECS in ${standby.region} takes no orders`);
    network.lose(primary.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell(`the database is promoted, the services are held; ${primary.region} is back and follows`);
    network.restore(primary.region);
    await wait(FOLLOWS_MS);
    markOutage();
    tell(`${standby.region} is lost; a person orders the way back`);
    network.lose(standby.region);
    await startFailover(primary.name, {
      workload: plan.workload,
      override: { who: "an operator", why: "the second site is down as well", acceptLossMs: "any" },
    });
    await waitFor("the way back to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    tell(`${standby.region} is back, and with it the execution that was held there: somebody has it go on`);
    network.restore(standby.region);
    delete faults.call;
    await wait(30_000);
    await answer({ who: "somebody", answer: "retry", why: "ECS is well again" });
    await waitForQuestion(300_000);
    tell("it finds that its epoch is over, and is given up");
    await answer({ who: "somebody", answer: "abort", why: "the workload has moved back" });
    await waitFor("it to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, executionsOf(lab).size));
    await wait(300_000);
  },
};
