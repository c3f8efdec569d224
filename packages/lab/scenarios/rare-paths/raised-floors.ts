import { enteredAtMs } from "../../checks/read-execution.ts";
import { forSite } from "@lifeboat/recovery/plan";
import { CALM_MS, executionsOf, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { asOperator } from "./as-operator.ts";
import { trafficHasMoved } from "./traffic-has-moved.ts";
import { crossed } from "../crossed.ts";

/** Groups of workers whose least size somebody has raised, in a site that fences itself and is reachable again early. */
export const raisedFloors: Scenario = {
  name: "raised-floors",
  summary: "the primary is cut off, and its workers may not be as few as the plan wants them",
  expected: "recovered",
  peopleOnCall: true,
  async run(stage) {
    const { lab, wait, waitFor, tell, markOutage } = stage;
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    const others = [standby.region, plan.witness.region];
    await wait(CALM_MS);
    const raise = async (): Promise<void> => {
      for (const worker of plan.workers) {
        await asOperator(stage, primary.region, "auto-scaling", "UpdateAutoScalingGroup", {
          AutoScalingGroupName: forSite(worker.groups, primary.name),
          MinSize: worker.activeCount,
          MaxSize: 2 * worker.activeCount,
        });
      }
    };
    await raise();
    markOutage();
    tell(`${primary.region} is cut off from ${others.join(" and ")}`);
    for (const other of others) network.cut(primary.region, other);
    await waitFor(
      "the primary to fence itself",
      RECOVERY_WITHIN_MS,
      crossed(
        lab,
        ({ operation, origin }) =>
          operation === "UpdateAutoScalingGroup" && origin.principal.includes("-tend-services@"),
      ),
    );
    await raise();
    await waitFor("traffic to move", RECOVERY_WITHIN_MS, trafficHasMoved(lab));
    for (const other of others) network.mend(primary.region, other);
    // Just before the execution retires the site: its own watch would lower them within a tick.
    await waitFor("all but the retirement", RECOVERY_WITHIN_MS, () =>
      [...executionsOf(lab).values()].some(
        (execution) => enteredAtMs(execution, "VerifyWorkload").length > 0,
      ),
    );
    await raise();
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(30_000);
  },
};
