import { deployedName, queueArn, topicArn } from "@lifeboat/control-plane/names";
import type { ChosenStage } from "./choose-stage.ts";
import { logicalName } from "./names.ts";

export const tlsOnly = (actions: string, resource: string) => ({
  Sid: "TlsOnly",
  Effect: "Deny",
  Principal: "*",
  Action: actions,
  Resource: resource,
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});

/**
 * The key of this place's topics. AWS's own key for SNS does not let CloudWatch publish, so the alarms need one whose
 * policy does: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
const createTopicKey = ({ manifest, place }: ChosenStage): aws.kms.Key =>
  new aws.kms.Key("TopicKey", {
    description: `Lifeboat, ${manifest.workload}: messages to people in ${place.region}`,
    enableKeyRotation: true,
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          // Without it nobody could ever change the key again.
          Sid: "AdministeredByIam",
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${manifest.account}:root` },
          Action: "kms:*",
          Resource: "*",
        },
        {
          Sid: "PublishersThroughSns",
          Effect: "Allow",
          Principal: { AWS: "*" },
          Action: ["kms:Decrypt", "kms:GenerateDataKey"],
          Resource: "*",
          Condition: {
            StringEquals: {
              "kms:CallerAccount": manifest.account,
              "kms:ViaService": `sns.${place.region}.amazonaws.com`,
            },
          },
        },
        {
          Sid: "Alarms",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: ["kms:Decrypt", "kms:GenerateDataKey"],
          Resource: "*",
          Condition: { StringEquals: { "aws:SourceAccount": manifest.account } },
        },
      ],
    }),
  });

/** Where people are told: what the machine notes and asks, and alarms about Lifeboat itself. */
export const createTopics = (chosen: ChosenStage): readonly aws.sns.Topic[] => {
  const { manifest, place } = chosen;
  if (place.topics.length === 0) return [];
  const key = createTopicKey(chosen);
  return place.topics.map((name) => {
    const arn = topicArn(manifest.account, place.region, manifest.workload, name);
    const topic = new aws.sns.Topic(logicalName(name), {
      name: deployedName(manifest.workload, name),
      kmsMasterKeyId: key.arn,
    });
    new aws.sns.TopicPolicy(logicalName(name, "policy"), {
      arn: topic.arn,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Alarms",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: "sns:Publish",
            Resource: arn,
            Condition: {
              StringEquals: { "aws:SourceAccount": manifest.account },
              ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:${place.region}:${manifest.account}:alarm:*` },
            },
          },
          tlsOnly("sns:Publish", arn),
        ],
      }),
    });
    return topic;
  });
};

/** What could not be delivered, for two weeks. Rules send in EventBridge's name, Scheduler and Lambda in their roles'. */
export const createDeadLetters = ({ manifest, place }: ChosenStage): aws.sqs.Queue => {
  const { account, workload } = manifest;
  const arn = queueArn(account, place.region, workload, place.deadLetters);
  const queue = new aws.sqs.Queue("DeadLetters", {
    name: deployedName(workload, place.deadLetters),
    messageRetentionSeconds: 14 * 24 * 3600,
    sqsManagedSseEnabled: true,
  });
  const rules = place.rules.map(
    ({ name }) => `arn:aws:events:${place.region}:${account}:rule/${deployedName(workload, name)}`,
  );
  new aws.sqs.QueuePolicy("DeadLettersPolicy", {
    queueUrl: queue.url,
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Rules",
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: arn,
          Condition: { ArnEquals: { "aws:SourceArn": rules } },
        },
        tlsOnly("sqs:SendMessage", arn),
      ],
    }),
  });
  return queue;
};
