import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Metronome } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAws } from "./failures.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const BATCH = 10;

const clientAt = (connection: Connection): SQSClient =>
  clientFor(connection, "sqs", connection.region, (settings) => new SQSClient(settings));

/** A queue that holds messages back: SQS delays each by up to 15 minutes, to the second. */
export const createMetronome = (connection: Connection, queueUrl: string): Metronome => ({
  async send(ticks) {
    const client = clientAt(connection);
    for (let first = 0; first < ticks.length; first += BATCH) {
      const { Failed } = await callAws("SendMessageBatch", () =>
        client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: ticks.slice(first, first + BATCH).map(({ inSeconds, body }, index) => ({
              Id: String(first + index),
              DelaySeconds: inSeconds,
              MessageBody: JSON.stringify(body),
            })),
          }),
        ),
      );
      const [refused] = Failed ?? [];
      if (refused !== undefined)
        throw new RecoveryError(
          refused.SenderFault === true ? "AwsRejected" : "AwsUnavailable",
          `SendMessageBatch: ${refused.Code ?? "an entry failed"}: ${refused.Message ?? ""}`,
        );
    }
  },
  /**
   * Messages that are delayed are not counted; those in flight are: nobody has taken them yet, and a poller may be what is out of
   * order. SQS's figures are approximate for up to a minute:
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
   */
  async overdue() {
    const { Attributes } = await callAws("GetQueueAttributes", () =>
      clientAt(connection).send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      ),
    );
    const overdue =
      Number(Attributes?.ApproximateNumberOfMessages) +
      Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
    if (Number.isNaN(overdue))
      throw new RecoveryError("AwsUnavailable", "GetQueueAttributes: the queue does not say what it holds");
    return overdue;
  },
});
