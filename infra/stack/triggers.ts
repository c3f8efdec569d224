import type { RuleEntry, ScheduleEntry } from "@lifeboat/control-plane/manifest";
import { busArn, deployedName } from "@lifeboat/control-plane/names";
import { rulePermissions, schedulePermissions } from "@lifeboat/control-plane/role-permissions";
import type { ChosenStage } from "./choose-stage.ts";
import { functionNamed, type Functions } from "./functions.ts";
import type { Machines } from "./machines.ts";
import { logicalName } from "./names.ts";
import { createRole, trustFor } from "./roles.ts";

/**
 * A function's run that comes late is no use when the next one is a minute away; a machine's (a backup, a drill) is better
 * an hour late than not at all. What cannot be started is a dead letter.
 */
const SCHEDULE_RETRIES = {
  function: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 1 },
  machine: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 20 },
};
/** An alarm's event is worth delivering for as long as a recovery may take to be decided. */
const EVENT_MAX_AGE_SECONDS = 900;

/** The target has to be in this place; nothing else is needed of it. */
const targetOf = (
  functions: Functions,
  machines: Machines,
  { name, target }: ScheduleEntry,
): $util.Output<string> => {
  if ("function" in target) return functionNamed(functions, target.function).arn;
  const machine = machines.get(target.machine);
  if (machine === undefined)
    throw new Error(`schedule "${name}" starts "${target.machine}", which is no machine of this place`);
  return machine.arn;
};

export const createSchedules = (
  chosen: ChosenStage,
  functions: Functions,
  machines: Machines,
  deadLetters: aws.sqs.Queue,
): void => {
  const { manifest, place } = chosen;
  for (const schedule of place.schedules) {
    const { role, policy } = createRole(chosen, {
      name: `${schedule.name}-timer`,
      service: "scheduler",
      permissions: schedulePermissions(chosen, schedule),
      // A schedule's group is what the condition knows: docs.aws.amazon.com/scheduler, "Confused deputy prevention".
      trust: trustFor(chosen, `arn:aws:scheduler:${place.region}:${manifest.account}:schedule-group/default`),
    });
    new aws.scheduler.Schedule(
      logicalName(schedule.name, "schedule"),
      {
        name: deployedName(manifest.workload, schedule.name),
        scheduleExpression: schedule.expression,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: targetOf(functions, machines, schedule),
          roleArn: role.arn,
          input: JSON.stringify(schedule.input),
          deadLetterConfig: { arn: deadLetters.arn },
          retryPolicy: SCHEDULE_RETRIES["machine" in schedule.target ? "machine" : "function"],
        },
      },
      { dependsOn: [policy] },
    );
  }
};

const createRule = (
  chosen: ChosenStage,
  functions: Functions,
  deadLetters: aws.sqs.Queue,
  rule: RuleEntry,
): void => {
  const { manifest, place } = chosen;
  const name = deployedName(manifest.workload, rule.name);
  const created = new aws.cloudwatch.EventRule(logicalName(rule.name, "rule"), {
    name,
    description: `Lifeboat, ${manifest.workload}: ${rule.name}`,
    eventPattern: JSON.stringify(rule.pattern),
  });
  const delivery = {
    rule: created.name,
    targetId: rule.name,
    deadLetterConfig: { arn: deadLetters.arn },
    retryPolicy: { maximumEventAgeInSeconds: EVENT_MAX_AGE_SECONDS, maximumRetryAttempts: 20 },
  };
  const { target } = rule;
  if ("function" in target) {
    const invoked = functionNamed(functions, target.function);
    new aws.lambda.Permission(logicalName(rule.name, "permission"), {
      action: "lambda:InvokeFunction",
      function: invoked.name,
      principal: "events.amazonaws.com",
      sourceArn: created.arn,
    });
    new aws.cloudwatch.EventTarget(logicalName(rule.name, "target"), { ...delivery, arn: invoked.arn });
    return;
  }
  const other = manifest.places.find((candidate) => candidate.place === target.busOf);
  if (other === undefined) throw new Error(`rule "${rule.name}" sends to no place of the manifest`);
  const { role, policy } = createRole(chosen, {
    name: rule.name,
    service: "events",
    permissions: rulePermissions(manifest, rule),
    trust: trustFor(chosen, `arn:aws:events:${place.region}:${manifest.account}:rule/${name}`),
  });
  new aws.cloudwatch.EventTarget(
    logicalName(rule.name, "target"),
    // Named, not looked up: the other region may be gone when this is deployed.
    { ...delivery, arn: busArn(manifest.account, other.region), roleArn: role.arn },
    { dependsOn: [policy] },
  );
};

export const createRules = (chosen: ChosenStage, functions: Functions, deadLetters: aws.sqs.Queue): void => {
  for (const rule of chosen.place.rules) createRule(chosen, functions, deadLetters, rule);
};
