import { forgeAnswers } from "./forge-answers.ts";
import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

const LAG_MS = 90_000;

/** A loss is accepted by as many people as the plan wants, and one who says yes twice is still one. */
export const overrideTwoPersons: Scenario = {
  name: "override-two-persons",
  summary: "one person overrides the loss limit and approves that twice; it goes on when a second one agrees",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer, startFailover }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    const override = { who: "one", why: "users wait", acceptLossMs: "any" };
    await wait(CALM_MS);
    network.cut(primary.region, standby.region);
    await wait(LAG_MS);
    markOutage();
    tell(`${primary.region} is lost, with ${standby.region} ${LAG_MS / 1000} s behind`);
    network.lose(primary.region);
    network.mend(primary.region, standby.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell("somebody rejects the automatic attempt, to order it himself");
    await answer({ who: "one", answer: "reject", why: "I order it myself" });
    await waitFor("the first attempt to end", 60_000, () => hasEnded(lab, 1));
    await startFailover(standby.name, { workload: plan.workload, override });
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell("and approves his own order");
    await answer({ who: "one", answer: "approve", why: "I said so" });
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell("and once more, on the page");
    await answer({ who: "one", answer: "approve", why: "how often?", via: "page" });
    await wait(900_000);
    tell("his answer is one record; somebody who has found the task token says that all is well");
    if (forgeAnswers(lab) === 0) throw new Error("no wait was there to be forged");
    await wait(60_000);
    tell("another person approves it");
    await answer({ who: "two", answer: "approve", why: "agreed" });
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 2));
    await wait(60_000);
  },
};
