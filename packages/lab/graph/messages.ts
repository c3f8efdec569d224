import type { Create } from "./deployment.ts";
import { number, optionalText, text } from "./resource-graph.ts";

export const createKey: Create = ({ iam, region, account }, inputs, { name }) => {
  const policy = optionalText(inputs, "policy");
  if (policy !== undefined) iam.putResourcePolicy(`arn:aws:kms:${region}:${account}:key/${name}`, policy);
};

export const createTopic: Create = ({ parts, iam, region }, inputs) => {
  const arn = parts.cloud.sns.createTopic(region, text(inputs, "name"));
  const key = optionalText(inputs, "kmsMasterKeyId");
  // AWS's own key lets whoever in the account may publish: its policy asks for nothing of theirs.
  if (key !== undefined && !key.startsWith("alias/aws/")) iam.encrypt(arn, key);
};

export const putTopicPolicy: Create = ({ iam }, inputs) =>
  iam.putResourcePolicy(text(inputs, "arn"), text(inputs, "policy"));

export const createQueue: Create = ({ parts, region }, inputs) => {
  const redrive = optionalText(inputs, "redrivePolicy");
  const seconds = (field: string): number | undefined =>
    inputs[field] === undefined ? undefined : number(inputs, field);
  const visibilityTimeoutSeconds = seconds("visibilityTimeoutSeconds");
  const retentionSeconds = seconds("messageRetentionSeconds");
  parts.cloud.sqs.createQueue({
    region,
    name: text(inputs, "name"),
    ...(visibilityTimeoutSeconds === undefined ? {} : { visibilityTimeoutSeconds }),
    ...(retentionSeconds === undefined ? {} : { retentionSeconds }),
    ...(redrive === undefined ? {} : { redrive: redriveOf(redrive) }),
  });
};

const redriveOf = (policy: string): { readonly queueArn: string; readonly maxReceiveCount: number } => {
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy) as {
    readonly deadLetterTargetArn: string;
    readonly maxReceiveCount: number;
  };
  return { queueArn: deadLetterTargetArn, maxReceiveCount };
};

/** The queue's URL is AWS's to give; its policy names it by its ARN as well. */
export const putQueuePolicy: Create = ({ iam }, inputs) => {
  const policy = text(inputs, "policy");
  const { Statement } = JSON.parse(policy) as { Statement: readonly { Resource: string | string[] }[] };
  const arns = new Set(Statement.flatMap(({ Resource }) => Resource));
  for (const arn of arns) iam.putResourcePolicy(arn, policy);
};
