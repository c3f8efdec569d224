import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

const BLIND_MS = 45_000;
/** People take their time, and nothing goes on by itself meanwhile. */
const UNANSWERED_MS = 900_000;

/**
 * Canaries stop while users go on writing: the function that writes them is throttled, for the account has used up what runs at
 * once. Then the region is lost. What the last canary says is no evidence of what was lost since.
 */
export const lagUnknownAtOnset: Scenario = {
  name: "lag-unknown-at-onset",
  summary:
    "canaries stop before the primary is lost, so nobody knows the loss; held, until two people override that",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    markOutage();
    cloud.world.faults.call = ({ operation, origin }) =>
      operation === "Invoke" && origin.principal.endsWith(`-watch@${primary.region}`)
        ? { type: "refuse", code: "TooManyRequestsException", message: "Rate Exceeded.", status: 429 }
        : undefined;
    network.cut(primary.region, standby.region);
    tell(`in ${primary.region} the canary is throttled, and nothing replicates; users go on writing`);
    await wait(BLIND_MS);
    tell(`${primary.region} is lost`);
    delete cloud.world.faults.call;
    network.lose(primary.region);
    network.mend(primary.region, standby.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    await wait(UNANSWERED_MS);
    tell("a person takes responsibility for whatever is lost");
    await answer({ who: "one", answer: "approve", why: "the region will not be back today" });
    await waitForQuestion(60_000);
    await wait(UNANSWERED_MS);
    tell("one is not enough for that; another one agrees, on the page");
    await answer({ who: "two", answer: "approve", why: "agreed", via: "page" });
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(60_000);
  },
};
