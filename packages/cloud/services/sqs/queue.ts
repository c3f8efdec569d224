import { hash } from "node:crypto";
import { QUIET } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import type { World } from "../../kernel/world.ts";

export interface QueueOptions {
  readonly region: string;
  readonly name: string;
  /** Default 30. */
  readonly visibilityTimeoutSeconds?: number;
  /** How long a message is kept, from when it was sent; default four days. */
  readonly retentionSeconds?: number;
  /** Where a message goes that was received so often without being deleted. */
  readonly redrive?: { readonly queueArn: string; readonly maxReceiveCount: number };
}

export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly sentAtMs: number;
  receiveCount: number;
  firstReceivedAtMs: number | undefined;
  /** Received and neither deleted nor due again: the timer that makes it visible. */
  hidden: (() => void) | undefined;
  deleted: boolean;
}

export interface Queue extends QueueOptions {
  readonly arn: string;
  readonly url: string;
  readonly messages: Set<QueuedMessage>;
  /** Called when a message has become visible; may set timers, but settles nothing that code waits for. */
  onVisible: (() => void) | undefined;
}

const RETENTION_SECONDS = 4 * 24 * 3600;
const VISIBILITY_SECONDS = 30;

const md5 = (text: string): string => hash("md5", text);

export const createQueue = (world: World, options: QueueOptions): Queue => ({
  ...options,
  arn: `arn:aws:sqs:${options.region}:${world.accountId}:${options.name}`,
  url: `https://sqs.${options.region}.amazonaws.com/${world.accountId}/${options.name}`,
  messages: new Set(),
  onVisible: undefined,
});

/** Takes a message in. It becomes visible after its delay, and not before its region's control plane is up. */
export const accept = (
  world: World,
  random: Random,
  queue: Queue,
  body: string,
  delayMs: number,
): QueuedMessage => {
  const message: QueuedMessage = {
    messageId: random.uuid(),
    body,
    md5OfBody: md5(body),
    sentAtMs: world.clock.nowMs(),
    receiveCount: 0,
    firstReceivedAtMs: undefined,
    hidden: undefined,
    deleted: false,
  };
  queue.messages.add(message);
  message.hidden = world.clock.after(delayMs, () => {
    message.hidden = undefined;
    queue.onVisible?.();
    return QUIET;
  });
  return message;
};

export const remove = (queue: Queue, message: QueuedMessage): void => {
  message.deleted = true;
  message.hidden?.();
  queue.messages.delete(message);
};

/** The next visible message, hidden from others for the visibility timeout; those past their time are gone. */
export const receive = (
  world: World,
  queue: Queue,
  moveToDeadLetters: (body: string) => void,
): QueuedMessage | undefined => {
  const nowMs = world.clock.nowMs();
  for (const message of queue.messages) {
    if (message.hidden !== undefined) continue;
    if (nowMs - message.sentAtMs > (queue.retentionSeconds ?? RETENTION_SECONDS) * 1000) {
      remove(queue, message);
      continue;
    }
    if (queue.redrive !== undefined && message.receiveCount >= queue.redrive.maxReceiveCount) {
      remove(queue, message);
      moveToDeadLetters(message.body);
      continue;
    }
    message.receiveCount += 1;
    message.firstReceivedAtMs ??= nowMs;
    message.hidden = world.clock.after((queue.visibilityTimeoutSeconds ?? VISIBILITY_SECONDS) * 1000, () => {
      message.hidden = undefined;
      queue.onVisible?.();
      return QUIET;
    });
    return message;
  }
  return undefined;
};
