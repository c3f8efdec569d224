import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

const LAG_MS = 90_000;

/** The standby's copy is a minute and a half behind when the primary is lost. */
export const lagAboveLimit: Scenario = {
  name: "lag-above-limit",
  summary: "the standby's copy is 90 s behind when the primary is lost; two people have to accept that",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    tell(`${primary.region} and ${standby.region} cannot reach each other: nothing replicates`);
    network.cut(primary.region, standby.region);
    await wait(LAG_MS);
    markOutage();
    tell(`${primary.region} is lost`);
    network.lose(primary.region);
    network.mend(primary.region, standby.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    await wait(180_000);
    tell("two people accept the loss");
    await answer({ who: "one", answer: "approve", why: "users wait" });
    await waitForQuestion(60_000);
    await answer({ who: "two", answer: "approve", why: "agreed" });
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(60_000);
  },
};
