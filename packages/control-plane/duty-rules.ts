import { sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { deadLetterAlarm, heartbeatAlarm } from "./alarms.ts";
import type { MachineEntry, RuleEntry } from "./manifest.ts";
import { machineArn } from "./names.ts";

/** The names of the alarms about Lifeboat itself, wherever they are raised. */
const dutyAlarmNames = (plan: RecoveryPlan): readonly string[] => {
  const [{ region }] = sitesOf(plan);
  return [
    heartbeatAlarm(plan, "watch", region),
    heartbeatAlarm(plan, "probe", region),
    deadLetterAlarm(plan, region),
  ].map(({ name }) => name);
};

/**
 * What brings trouble with Lifeboat itself to people: its alarms, and executions that failed or were stopped, go to the
 * function `notify` of this place. A place that is unwell may not be able to say so: its alarms go to another place as well,
 * once and not back (an event keeps its region), and that one tells people, too.
 */
export const dutyRules = (
  plan: RecoveryPlan,
  region: string,
  machines: readonly Pick<MachineEntry, "name">[],
  toldBy: string,
): readonly RuleEntry[] => {
  const alarms = {
    source: ["aws.cloudwatch"],
    "detail-type": ["CloudWatch Alarm State Change"],
    detail: { alarmName: dutyAlarmNames(plan), state: { value: ["ALARM", "OK"] } },
  };
  return [
    { name: "duty", pattern: alarms, target: { function: "notify" } },
    { name: "duty-out", pattern: { ...alarms, region: [region] }, target: { busOf: toldBy } },
    ...(machines.length === 0
      ? []
      : [
          {
            name: "executions",
            pattern: {
              source: ["aws.states"],
              "detail-type": ["Step Functions Execution Status Change"],
              detail: {
                status: ["FAILED", "TIMED_OUT", "ABORTED"],
                stateMachineArn: machines.map(({ name }) =>
                  machineArn(plan.account, region, plan.workload, name),
                ),
              },
            },
            target: { function: "notify" },
          },
        ]),
  ];
};
