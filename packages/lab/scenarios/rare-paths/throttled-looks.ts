import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { asOperator } from "./as-operator.ts";

/** The standby's watch measures, and cannot read alarms: the alarms' events have to start the recovery. */
export const throttledLooks: Scenario = {
  name: "throttled-looks",
  summary: "the standby's watch may not look at alarms; their events start the recovery",
  expected: "recovered",
  peopleOnCall: true,
  async run(stage) {
    const { lab, wait, waitFor, tell, markOutage } = stage;
    const { plan, cloud } = lab;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    for (const signal of plan.decision.signals) {
      if (signal.type !== "alarm" || signal.from !== "active") continue;
      tell(`the alarm ${signal.alarm} goes off`);
      await asOperator(stage, primary.region, "cloudwatch", "SetAlarmState", {
        AlarmName: signal.alarm,
        StateValue: "ALARM",
        StateReason: "a person tries whether it is heard",
      });
      await waitFor("the other site to hear of it", 60_000, () =>
        cloud.eventbridge.events.some(
          ({ region, event }) => region === standby.region && event.region !== region,
        ),
      );
    }
    cloud.world.faults.call = ({ operation, origin }) =>
      operation === "DescribeAlarms" && origin.principal.endsWith(`-watch@${standby.region}`)
        ? { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 }
        : undefined;
    markOutage();
    tell(`${primary.region} is lost`);
    cloud.world.network.lose(primary.region);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    delete cloud.world.faults.call;
    await wait(30_000);
  },
};
