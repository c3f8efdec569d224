import { CALM_MS, RECOVERY_WITHIN_MS, hasEnded, type Scenario } from "../scenario.ts";

/** What hears alarms may read nothing: the watch of the standby, which looks for itself, has to start the recovery. */
export const unheardAlarms: Scenario = {
  name: "unheard-alarms",
  summary: "whoever hears the alarms is throttled; the standby's watch starts the recovery",
  expected: "recovered",
  peopleOnCall: true,
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    cloud.world.faults.call = ({ operation, origin }) =>
      operation === "DescribeAlarms" && origin.principal.includes("-on-alarm@")
        ? { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 }
        : undefined;
    markOutage();
    tell(`${plan.sites.primary.region} is lost, and nothing comes of its alarms`);
    cloud.world.network.lose(plan.sites.primary.region);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    delete cloud.world.faults.call;
    await wait(30_000);
  },
};
