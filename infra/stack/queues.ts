import { deployedName, queueArn } from "@lifeboat/control-plane/names";
import type { ChosenStage } from "./choose-stage.ts";
import { functionNamed, type Functions } from "./functions.ts";
import { tlsOnly } from "./messages.ts";
import { logicalName } from "./names.ts";

/** The queues of this place, each with the function that its messages invoke, one by one. */
export const createQueues = (
  { manifest, place }: ChosenStage,
  functions: Functions,
  deadLetters: aws.sqs.Queue,
): void => {
  for (const entry of place.queues) {
    const queue = new aws.sqs.Queue(logicalName(entry.name, "queue"), {
      name: deployedName(manifest.workload, entry.name),
      visibilityTimeoutSeconds: entry.visibilityTimeoutSeconds,
      messageRetentionSeconds: entry.retentionSeconds,
      sqsManagedSseEnabled: true,
      redrivePolicy: deadLetters.arn.apply((deadLetterTargetArn) =>
        JSON.stringify({ deadLetterTargetArn, maxReceiveCount: entry.maxReceiveCount }),
      ),
    });
    new aws.sqs.QueuePolicy(logicalName(entry.name, "queue", "policy"), {
      queueUrl: queue.url,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          tlsOnly("sqs:SendMessage", queueArn(manifest.account, place.region, manifest.workload, entry.name)),
        ],
      }),
    });
    new aws.lambda.EventSourceMapping(logicalName(entry.name, "feed"), {
      eventSourceArn: queue.arn,
      functionName: functionNamed(functions, entry.feeds.function).name,
      batchSize: 1,
    });
  }
};
