import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

const ALONE_MS = 900_000;
const UNANSWERED_MS = 1_800_000;

/**
 * A control plane that fails alone is no outage of the workload, and must not be made one; when the application dies as well,
 * it is. Where nothing proves that the old writer has stopped, the failover holds, and a person gives it up.
 */
export const primaryControlPlaneLoss: Scenario = {
  name: "primary-control-plane-loss",
  summary:
    "the primary's control plane dies and its application goes on: nothing moves, people are told; then the application dies as well",
  expected: "recovered",
  async run({ lab, wait, waitFor, tell, markOutage, answer }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const here = plan.sites.primary.region;
    const asks = (): boolean => cloud.sns.messages.some(({ subject }) => /hold needed/.test(subject ?? ""));
    await wait(CALM_MS);
    tell(`the control plane of ${here} dies; the application and its database go on`);
    network.losePlane(here, "control");
    await wait(ALONE_MS);
    markOutage();
    tell(`the application and the database in ${here} die as well`);
    network.losePlane(here, "data");
    await waitFor("the failover to end, or to ask", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1) || asks());
    if (!hasEnded(lab, 1)) {
      tell("the failover holds: nothing proves that the old primary has stopped writing");
      await wait(UNANSWERED_MS);
      await answer({ who: "an operator", answer: "abort", why: "nobody can say what the old primary does" });
      await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    }
    await wait(60_000);
  },
};
