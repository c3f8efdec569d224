import type { Create } from "./deployment.ts";
import { optionalText, text } from "./resource-graph.ts";

export const createKey: Create = ({ iam, region, account }, inputs, { name }) => {
  const policy = optionalText(inputs, "policy");
  if (policy !== undefined) iam.putResourcePolicy(`arn:aws:kms:${region}:${account}:key/${name}`, policy);
};

export const createTopic: Create = ({ parts, iam, region }, inputs) => {
  const arn = parts.cloud.sns.createTopic(region, text(inputs, "name"));
  const key = optionalText(inputs, "kmsMasterKeyId");
  if (key !== undefined) iam.encrypt(arn, key);
};

export const putTopicPolicy: Create = ({ iam }, inputs) =>
  iam.putResourcePolicy(text(inputs, "arn"), text(inputs, "policy"));

/** The queue's URL is AWS's to give; its policy names it by its ARN as well. */
export const putQueuePolicy: Create = ({ iam }, inputs) => {
  const policy = text(inputs, "policy");
  const { Statement } = JSON.parse(policy) as { Statement: readonly { Resource: string | string[] }[] };
  const arns = new Set(Statement.flatMap(({ Resource }) => Resource));
  for (const arn of arns) iam.putResourcePolicy(arn, policy);
};
