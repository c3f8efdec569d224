import { QUIET } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import { AwsError } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import type { LambdaModel } from "../lambda/create-lambda.ts";
import { receive, remove, type Queue, type QueuedMessage } from "./queue.ts";

/** At least once means now and then twice. The rate is a guess on the high side. */
const DUPLICATE_RATE = 0.005;

export interface FeedParts {
  readonly world: World;
  readonly random: Random;
  readonly whenUp: (region: string, action: () => void) => void;
  readonly lambda: () => LambdaModel;
  readonly moveToDeadLetters: (queue: Queue, body: string) => void;
}

/** The event that a function gets: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const eventOf = (queue: Queue, message: QueuedMessage, receiptHandle: string): object => ({
  Records: [
    {
      messageId: message.messageId,
      receiptHandle,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(message.receiveCount),
        SentTimestamp: String(message.sentAtMs),
        SenderId: "AROASIMULATED",
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? message.sentAtMs),
      },
      messageAttributes: {},
      md5OfBody: message.md5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: queue.arn,
      awsRegion: queue.region,
    },
  ],
});

/**
 * Lambda's poller for one queue, batches of one: it long-polls, invokes, and deletes what the function took. What it did not
 * take (an error, a throttle, a lost invocation) becomes visible again after the visibility timeout:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const feedFunction = (parts: FeedParts, queue: Queue, functionArn: string): void => {
  const { world, random, whenUp } = parts;
  const { clock } = world;

  /** Lambda polls in the name of the function's role: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
  const principal = `function/${functionArn.split(":")[6] ?? ""}@${queue.region}`;
  const mayPoll = (action: string): boolean =>
    world.access.ask?.({ principal, service: "sqs", action, resource: queue.arn }) === undefined;

  const invoke = async (message: QueuedMessage): Promise<void> => {
    const event = eventOf(queue, message, random.hex(64));
    try {
      const result = await parts.lambda().invoke(queue.region, functionArn, event);
      if (result.type === "succeeded" && mayPoll("sqs:DeleteMessage")) remove(queue, message);
    } catch (error) {
      // Throttled: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
      if (!(error instanceof AwsError)) throw error;
    }
  };

  const hand = (message: QueuedMessage): void => {
    const faulty = world.faults.messageCopies?.(queue.region, queue.name);
    const delays = faulty ?? (random.next() < DUPLICATE_RATE ? [0, random.integer(500, 5000)] : [0]);
    for (const delayMs of delays)
      clock.after(delayMs, () => whenUp(queue.region, () => void invoke(message)));
  };

  const poll = (): void => {
    if (!mayPoll("sqs:GetQueueAttributes") || !mayPoll("sqs:ReceiveMessage")) return;
    for (;;) {
      const message = receive(world, queue, (body) => parts.moveToDeadLetters(queue, body));
      if (message === undefined) return;
      hand(message);
    }
  };
  /** A long poll answers as soon as there is a message. */
  const pollSoon = (): void => {
    clock.after(random.integer(5, 60), () => {
      whenUp(queue.region, poll);
      return QUIET;
    });
  };
  queue.onVisible = pollSoon;
};
