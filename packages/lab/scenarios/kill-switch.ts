import { CALM_MS, executionsOf, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";
import { crossed } from "./crossed.ts";

/** Stops all automation at once: what has not begun does not begin, what runs holds. */
export const killSwitch: Scenario = {
  name: "kill-switch",
  summary:
    "the kill switch keeps a failover from starting, then makes one hold; lifted, it goes on by a person's answer",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, setKillSwitch, answer }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    tell("an operator turns the kill switch on");
    await setKillSwitch(true, "a migration of the database is under way");
    markOutage();
    tell(`${plan.sites.primary.region} is lost`);
    cloud.world.network.lose(plan.sites.primary.region);
    await wait(600_000);
    tell("the switch is lifted");
    await setKillSwitch(false, "the migration is over");
    await waitFor("a failover to start", 600_000, () => executionsOf(lab).size > 0);
    await waitFor(
      "its promotion to begin",
      600_000,
      crossed(lab, ({ operation }) => operation === "FailoverGlobalCluster"),
    );
    tell("the promotion has begun; the switch is turned on again");
    await setKillSwitch(true, "somebody has doubts");
    await waitForQuestion(RECOVERY_WITHIN_MS);
    await wait(300_000);
    tell("the switch is lifted, and a person answers the hold");
    await setKillSwitch(false, "there is no way back");
    await answer({ who: "an operator", answer: "retry", why: "the switch is off again" });
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(60_000);
  },
};
