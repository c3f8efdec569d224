import type { ChosenStage } from "./choose-stage.ts";
import { logicalName } from "./names.ts";

/** What people look at, where the plan asks for it: alarms over alarms, and dashboards. */
export const createDashboards = (
  { place }: ChosenStage,
  alarms: readonly aws.cloudwatch.MetricAlarm[],
): void => {
  for (const { name, anyOf, description } of place.compositeAlarms) {
    new aws.cloudwatch.CompositeAlarm(
      logicalName(name, "alarm"),
      {
        alarmName: name,
        alarmDescription: description,
        alarmRule: anyOf.map((alarm) => `ALARM("${alarm}")`).join(" OR "),
      },
      // CloudWatch refuses a rule with alarms that do not exist.
      { dependsOn: [...alarms] },
    );
  }
  for (const { name, body } of place.dashboards)
    new aws.cloudwatch.Dashboard(logicalName(name), {
      dashboardName: name,
      dashboardBody: JSON.stringify(body),
    });
};
