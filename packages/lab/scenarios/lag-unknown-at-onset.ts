import { forSite } from "@lifeboat/recovery/plan";
import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

const BLIND_MS = 45_000;
/** People take their time, and nothing goes on by itself meanwhile. */
const UNANSWERED_MS = 900_000;

/**
 * Canaries stop while users go on writing: the writer's name no longer resolves for new connections, those that are open
 * live on. Then the region is lost. What the last canary says is no evidence of what was lost since.
 */
export const lagUnknownAtOnset: Scenario = {
  name: "lag-unknown-at-onset",
  summary:
    "canaries stop before the primary is lost, so nobody knows the loss; held, until two people override that",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer }) {
    const { plan, cloud, databases, rds } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    markOutage();
    for (const store of plan.stores) {
      if (store.type !== "aurora-global") continue;
      const { writerEndpoint } = rds.cluster(primary.region, forSite(store.clusters, primary.name));
      databases.bind(writerEndpoint, () => undefined);
    }
    network.cut(primary.region, standby.region);
    tell(
      `in ${primary.region} nothing new can connect to the database, and nothing replicates; users' sessions live on`,
    );
    await wait(BLIND_MS);
    tell(`${primary.region} is lost`);
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
