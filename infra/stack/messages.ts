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
 * Where people are told: what the machine notes and asks, and what `notify` hears about Lifeboat itself. AWS's own key for
 * SNS costs nothing and serves whoever in this account may publish; no AWS service publishes here.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
 */
export const createTopics = ({ manifest, place }: ChosenStage): readonly aws.sns.Topic[] =>
  place.topics.map((name) => {
    const arn = topicArn(manifest.account, place.region, manifest.workload, name);
    const topic = new aws.sns.Topic(logicalName(name), {
      name: deployedName(manifest.workload, name),
      kmsMasterKeyId: "alias/aws/sns",
    });
    new aws.sns.TopicPolicy(logicalName(name, "policy"), {
      arn: topic.arn,
      policy: JSON.stringify({ Version: "2012-10-17", Statement: [tlsOnly("sns:Publish", arn)] }),
    });
    return topic;
  });

/**
 * The buses of the workload's own events. Rules on them are for whoever hooks in; only roles of this account that may
 * put events do.
 */
export const createBuses = ({ manifest, place }: ChosenStage): readonly aws.cloudwatch.EventBus[] =>
  place.buses.map(
    (name, index) =>
      new aws.cloudwatch.EventBus(index === 0 ? "Events" : `Events${index + 1}`, {
        name,
        description: `Lifeboat, ${manifest.workload}: what happens to it, for whoever hooks in`,
      }),
  );

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
