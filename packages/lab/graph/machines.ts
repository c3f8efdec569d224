import { requireOfRole, type Create } from "./deployment.ts";
import { nested, text } from "./resource-graph.ts";

/** https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const LOG_DELIVERY = [
  "logs:CreateLogDelivery",
  "logs:GetLogDelivery",
  "logs:UpdateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:DescribeResourcePolicies",
  "logs:DescribeLogGroups",
] as const;

/** https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html */
const TRACING = [
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
] as const;

/** A machine with the definition that is in the graph, in its own role. */
export const createMachine: Create = (deployment, inputs) => {
  const { parts, iam, region, account } = deployment;
  const name = text(inputs, "name");
  const roleArn = text(inputs, "roleArn");
  const arn = `arn:aws:states:${region}:${account}:stateMachine:${name}`;
  parts.cloud.sfn.createStateMachine({
    region,
    name,
    definition: JSON.parse(text(inputs, "definition")) as unknown,
    roleArn,
    type: inputs["type"] === "EXPRESS" ? "EXPRESS" : "STANDARD",
  });
  iam.take({
    principal: `states/${name}@${region}`,
    roleArn,
    service: "states.amazonaws.com",
    context: { "aws:sourceaccount": account, "aws:sourcearn": arn },
  });
  const logs = nested(inputs, "loggingConfiguration")["level"] ?? "OFF";
  if (logs !== "OFF")
    requireOfRole(
      deployment,
      roleArn,
      LOG_DELIVERY.map((action) => [action, "*"]),
    );
  if (nested(inputs, "tracingConfiguration")["enabled"] === true)
    requireOfRole(
      deployment,
      roleArn,
      TRACING.map((action) => [action, "*"]),
    );
};
