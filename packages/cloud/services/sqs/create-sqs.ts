import type {
  GetQueueAttributesCommandInput,
  GetQueueUrlCommandInput,
  SendMessageBatchCommandInput,
  SendMessageCommandInput,
} from "@aws-sdk/client-sqs";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import { createWhenUp } from "../../kernel/when-up.ts";
import type { World } from "../../kernel/world.ts";
import type { LambdaModel } from "../lambda/create-lambda.ts";
import { feedFunction } from "./feed-function.ts";
import { accept, createQueue, type Queue, type QueueOptions } from "./queue.ts";

export interface SqsModel extends ServiceModel {
  /** Creates a standard queue and answers with it. */
  createQueue(options: QueueOptions): Queue;
  /** An event source mapping with batches of one: the queue's messages invoke the function. */
  feed(queueArn: string, functionArn: string): void;
  readonly queues: ReadonlyMap<string, Queue>;
}

const BATCH_LIMIT = 10;
const DELAY_LIMIT_SECONDS = 900;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MESSAGE_LIMIT_BYTES = 1024 * 1024;
/** What SQS takes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
// oxlint-disable-next-line no-control-regex -- the characters that SQS forbids
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

const invalid = (message: string): AwsError => new AwsError("InvalidParameterValue", message, 400);

/** SQS of the simulated account: standard queues, with delays, visibility timeouts and dead letters. */
export const createSqs = (world: World, lambda: () => LambdaModel): SqsModel => {
  const random = world.random.stream("sqs");
  const whenUp = createWhenUp(world.network);
  const queues = new Map<string, Queue>();

  const queueAt = (region: string, url: string | undefined): Queue => {
    const queue = [...queues.values()].find((candidate) => candidate.url === url);
    if (queue === undefined || queue.region !== region)
      throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.", 400);
    return queue;
  };

  const send = (
    queue: Queue,
    {
      MessageBody: body = "",
      DelaySeconds: delay = 0,
    }: Pick<SendMessageCommandInput, "MessageBody" | "DelaySeconds">,
  ): { readonly MessageId: string; readonly MD5OfMessageBody: string } => {
    if (body === "")
      throw new AwsError("MissingParameter", "The request must contain the parameter MessageBody.", 400);
    if (delay < 0 || delay > DELAY_LIMIT_SECONDS)
      throw invalid(
        `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${DELAY_LIMIT_SECONDS}.`,
      );
    if (Buffer.byteLength(body) > MESSAGE_LIMIT_BYTES)
      throw invalid(
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
      );
    if (FORBIDDEN.test(body))
      throw new AwsError("InvalidMessageContents", "Invalid characters found in the message body.", 400);
    const { messageId, md5OfBody } = accept(world, random, queue, body, delay * 1000);
    return { MessageId: messageId, MD5OfMessageBody: md5OfBody };
  };

  const moveToDeadLetters = (queue: Queue, body: string): void => {
    const target = queues.get(queue.redrive?.queueArn ?? "");
    if (target !== undefined) accept(world, random, target, body, 0);
  };

  return {
    service: "sqs",
    operations: {
      SendMessage: (input: SendMessageCommandInput, { region }: Call) =>
        send(queueAt(region, input.QueueUrl), input),
      /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
      SendMessageBatch: ({ QueueUrl, Entries = [] }: SendMessageBatchCommandInput, { region }: Call) => {
        const queue = queueAt(region, QueueUrl);
        if (Entries.length === 0)
          throw new AwsError(
            "EmptyBatchRequest",
            "There should be at least one SendMessageBatchRequestEntry in the request.",
            400,
          );
        if (Entries.length > BATCH_LIMIT)
          throw new AwsError(
            "TooManyEntriesInBatchRequest",
            `Maximum number of entries per request are ${BATCH_LIMIT}. You have sent ${Entries.length}.`,
            400,
          );
        if (new Set(Entries.map(({ Id }) => Id)).size < Entries.length)
          throw new AwsError(
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
            400,
          );
        const Successful: object[] = [];
        const Failed: object[] = [];
        for (const entry of Entries) {
          try {
            Successful.push({ Id: entry.Id, ...send(queue, entry) });
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
          }
        }
        return { Successful, Failed };
      },
      GetQueueUrl: ({ QueueName = "" }: GetQueueUrlCommandInput, { region }: Call) => {
        const queue = queues.get(`arn:aws:sqs:${region}:${world.accountId}:${QueueName}`);
        if (queue === undefined)
          throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.", 400);
        return { QueueUrl: queue.url };
      },
      GetQueueAttributes: ({ QueueUrl }: GetQueueAttributesCommandInput, { region }: Call) => {
        const { arn, messages } = queueAt(region, QueueUrl);
        const hidden = [...messages].filter((message) => message.hidden !== undefined);
        const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
        return {
          Attributes: {
            QueueArn: arn,
            ApproximateNumberOfMessages: String(messages.size - hidden.length),
            ApproximateNumberOfMessagesDelayed: String(delayed),
            ApproximateNumberOfMessagesNotVisible: String(hidden.length - delayed),
          },
        };
      },
    },
    createQueue(options) {
      const queue = createQueue(world, options);
      queues.set(queue.arn, queue);
      return queue;
    },
    feed(queueArn, functionArn) {
      const queue = queues.get(queueArn);
      if (queue === undefined) throw new Error(`there is no queue ${queueArn}`);
      feedFunction({ world, random, whenUp, lambda, moveToDeadLetters }, queue, functionArn);
    },
    queues,
  };
};
