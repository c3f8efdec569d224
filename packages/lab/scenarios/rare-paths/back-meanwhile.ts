import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";

const LAG_MS = 90_000;
const BACK_MS = 180_000;

/** Between the order and the claim the lost region is back, serves, and is lost again: the loss is measured anew. */
export const backMeanwhile: Scenario = {
  name: "back-meanwhile",
  summary:
    "a recovery is ordered and waits for a second person; meanwhile the region comes back and goes again",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer, startFailover }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    network.cut(primary.region, standby.region);
    await wait(LAG_MS);
    markOutage();
    tell(`${primary.region} is lost, with ${standby.region} ${LAG_MS / 1000} s behind`);
    network.lose(primary.region);
    network.mend(primary.region, standby.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    await answer({ answer: "reject", who: "one", why: "I order it myself" });
    await waitFor("the first attempt to end", 60_000, () => hasEnded(lab, 1));
    const override = { who: "one", why: "users wait", acceptLossMs: "any" };
    await startFailover(standby.name, { workload: plan.workload, override });
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell("and approves his own order");
    await answer({ answer: "approve", who: "one", why: "I said so" });
    tell(`${primary.region} is back`);
    network.restore(primary.region);
    await wait(BACK_MS);
    markOutage();
    tell(`${primary.region} is lost again`);
    network.lose(primary.region);
    await wait(60_000);
    tell("another person approves the order of before");
    await answer({ answer: "approve", who: "two", why: "agreed" });
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 2));
    await wait(30_000);
  },
};
