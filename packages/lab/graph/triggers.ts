import type { Create } from "./deployment.ts";
import { nested, optionalText, text, type Inputs } from "./resource-graph.ts";

export const createSchedule: Create = ({ parts, iam, region, account }, inputs) => {
  const name = text(inputs, "name");
  const target = nested(inputs, "target");
  const roleArn = text(target, "roleArn");
  const input = optionalText(target, "input");
  iam.take({
    principal: `scheduler/${name}@${region}`,
    roleArn,
    service: "scheduler.amazonaws.com",
    context: {
      "aws:sourceaccount": account,
      "aws:sourcearn": `arn:aws:scheduler:${region}:${account}:schedule-group/default`,
    },
  });
  const deadLetterArn = optionalText(nested(target, "deadLetterConfig"), "arn");
  parts.cloud.scheduler.createSchedule({
    region,
    name,
    expression: text(inputs, "scheduleExpression"),
    targetArn: text(target, "arn"),
    roleArn,
    ...(input === undefined ? {} : { input }),
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
  });
};

const kindOf = (arn: string): "lambda" | "state-machine" | "bus" => {
  if (arn.includes(":event-bus/")) return "bus";
  if (arn.startsWith("arn:aws:states:")) return "state-machine";
  if (arn.startsWith("arn:aws:lambda:")) return "lambda";
  throw new Error(`rules with the target ${arn} are not simulated`);
};

/** The targets of a rule are resources of their own, which name it. */
const targetsOf = (targets: readonly Inputs[], rule: string): readonly Inputs[] =>
  targets.filter((target) => text(target, "rule") === rule);

export const createRule: Create = ({ parts, iam, graph, region, account }, inputs) => {
  const name = text(inputs, "name");
  const bus = optionalText(inputs, "eventBusName")?.replace(/^.*event-bus\//, "");
  const given = graph.resources
    .filter(({ type }) => type === "aws:cloudwatch/eventTarget:EventTarget")
    .map((target) => target.inputs);
  const targets = targetsOf(given, name);
  for (const target of targets) {
    const roleArn = optionalText(target, "roleArn");
    if (roleArn === undefined) continue;
    iam.take({
      principal: `rule/${name}@${region}`,
      roleArn,
      service: "events.amazonaws.com",
      context: {
        "aws:sourceaccount": account,
        "aws:sourcearn": `arn:aws:events:${region}:${account}:rule/${bus === undefined || bus === "default" ? "" : `${bus}/`}${name}`,
      },
    });
  }
  parts.cloud.eventbridge.createRule({
    region,
    name,
    ...(bus === undefined ? {} : { bus }),
    pattern: JSON.parse(text(inputs, "eventPattern")) as Readonly<Record<string, unknown>>,
    targets: targets.map((target) => {
      const arn = text(target, "arn");
      const deadLetterArn = optionalText(nested(target, "deadLetterConfig"), "arn");
      return {
        type: kindOf(arn),
        id: text(target, "targetId"),
        arn,
        ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
      };
    }),
  });
};
