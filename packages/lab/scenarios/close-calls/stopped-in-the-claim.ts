import { asOperator } from "../rare-paths/as-operator.ts";
import { claimOf } from "../../claim-of.ts";
import { CALM_MS, executionsOf, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";

/** Longer than a holder that has ended may stay without a successor. */
const LONG_AFTER_MS = 2_400_000;

/**
 * An execution has claimed the workload of a site that lives, and is stopped in the console before anything is promoted; then the site is
 * well again. It steps down for as long as the hold stands, and that execution gives nothing back any more.
 */
export const stoppedInTheClaim: Scenario = {
  name: "stopped-in-the-claim",
  summary:
    "an execution is stopped in the console after its claim, and the site that it was to leave is well again",
  expected: "failed",
  async run(stage) {
    const { lab, wait, waitFor, tell, markOutage, setKillSwitch } = stage;
    const { plan, cloud } = lab;
    const here = plan.sites.primary.region;
    await wait(CALM_MS);
    markOutage();
    tell(`the data plane of ${here} is gone; its functions go on`);
    cloud.world.network.losePlane(here, "data");
    await waitFor("the claim", RECOVERY_WITHIN_MS, () => claimOf(lab).holder !== null);
    const [executionArn = ""] = executionsOf(lab).keys();
    cloud.world.network.restorePlane(here, "data");
    await setKillSwitch(true, "the database is back");
    await asOperator(stage, plan.sites.standby.region, "sfn", "StopExecution", {
      executionArn,
      error: "Stopped",
      cause: "the database is back",
    });
    tell("stopped; the database is back");
    await wait(LONG_AFTER_MS);
    tell(`${plan.sites.standby.region} is lost: no other execution can take over what is still held`);
    cloud.world.network.lose(plan.sites.standby.region);
    await setKillSwitch(false, "nothing is to be moved");
    await wait(120_000);
  },
};
