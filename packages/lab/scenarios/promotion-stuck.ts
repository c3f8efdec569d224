import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

const STUCK_MS = 2_400_000;

/** After the point of no return there is only forward: the execution holds for a person and takes up where it stands. */
export const promotionStuck: Scenario = {
  name: "promotion-stuck",
  summary: "the database's failover takes forty minutes; held for a person, and resumed by the answer",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    cloud.world.faults.stall = (_region, operation) =>
      operation === "failover" ? { stallsMs: STUCK_MS, ends: "completes" } : undefined;
    markOutage();
    tell(`${plan.sites.primary.region} is lost, and the database's failover will be stuck`);
    cloud.world.network.lose(plan.sites.primary.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    await wait(STUCK_MS / 2);
    tell("a person has looked, and says: go on");
    await answer({ who: "an operator", answer: "retry", why: "the failover has ended meanwhile" });
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(60_000);
  },
};
