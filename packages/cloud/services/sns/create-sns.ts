import type {
  CreateTopicInput,
  GetTopicAttributesInput,
  PublishInput,
  SubscribeInput,
} from "@aws-sdk/client-sns";
import { AwsError, type Call, type Origin, type ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";

/** A message as it left the topic. */
export interface PublishedMessage {
  readonly topicArn: string;
  readonly region: string;
  readonly messageId: string;
  readonly atMs: number;
  readonly subject: string | undefined;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly origin: Origin;
}

export interface SnsModel extends ServiceModel {
  /** Creates a topic and answers with its ARN. */
  createTopic(region: string, name: string): string;
  readonly messages: readonly PublishedMessage[];
  /** Called for each message after its delivery delay. */
  onMessage(listener: (message: PublishedMessage) => void): void;
}

const MESSAGE_LIMIT_BYTES = 262_144;

const invalid = (message: string): AwsError =>
  new AwsError("InvalidParameter", `Invalid parameter: ${message}`, 400);

const fifoName = (name: string): boolean => name.endsWith(".fifo");

/** SNS of the simulated account: topics, and the messages that people would receive. */
export const createSns = (world: World): SnsModel => {
  const { clock } = world;
  const random = world.random.stream("sns");
  const topics = new Map<string, { readonly region: string; subscriptions: number }>();
  const messages: PublishedMessage[] = [];
  const listeners: ((message: PublishedMessage) => void)[] = [];

  const topicAt = (region: string, arn: string | undefined) => {
    const topic = topics.get(arn ?? "");
    if (topic === undefined || topic.region !== region) {
      throw new AwsError("NotFoundException", "Topic does not exist", 404);
    }
    return topic;
  };

  const createTopic = (region: string, name: string): string => {
    const arn = `arn:aws:sns:${region}:${world.accountId}:${name}`;
    if (!topics.has(arn)) topics.set(arn, { region, subscriptions: 0 });
    return arn;
  };

  /** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  const publish = (input: PublishInput, { region, origin }: Call): object => {
    const topicArn = input.TopicArn ?? input.TargetArn;
    if (topicArn === undefined)
      throw invalid("TopicArn or TargetArn Reason: no value for required parameter");
    topicAt(region, topicArn);
    const message = input.Message ?? "";
    if (message === "") throw invalid("Empty message");
    if (Buffer.byteLength(message) > MESSAGE_LIMIT_BYTES) throw invalid("Message too long");
    if (
      input.Subject !== undefined &&
      (input.Subject === "" || input.Subject.length > 100 || /[\r\n]/.test(input.Subject))
    ) {
      throw invalid("Subject");
    }
    if (fifoName(topicArn) && input.MessageGroupId === undefined) {
      throw invalid("The MessageGroupId parameter is required for FIFO topics");
    }
    const attributes = Object.entries(input.MessageAttributes ?? {}).map(
      ([name, { StringValue }]) => [name, StringValue ?? ""] as const,
    );
    const published: PublishedMessage = {
      topicArn,
      region,
      messageId: random.uuid(),
      atMs: clock.nowMs(),
      subject: input.Subject,
      message,
      attributes: Object.fromEntries(attributes),
      origin,
    };
    messages.push(published);
    clock.after(random.integer(20, 150), () => {
      if (world.network.isLost(region)) return;
      for (const listener of listeners) listener(published);
    });
    return { MessageId: published.messageId };
  };

  return {
    service: "sns",
    operations: {
      Publish: publish,
      CreateTopic: ({ Name = "" }: CreateTopicInput, { region }: Call) => {
        if (!/^[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/.test(Name)) throw invalid("Topic Name");
        return { TopicArn: createTopic(region, Name) };
      },
      ListTopics: (_input: object, { region }: Call) => ({
        Topics: [...topics]
          .filter(([, topic]) => topic.region === region)
          .map(([TopicArn]) => ({ TopicArn })),
      }),
      GetTopicAttributes: ({ TopicArn }: GetTopicAttributesInput, { region }: Call) => {
        const topic = topicAt(region, TopicArn);
        return {
          Attributes: {
            TopicArn: TopicArn ?? "",
            Owner: world.accountId,
            SubscriptionsConfirmed: String(topic.subscriptions),
            SubscriptionsPending: "0",
          },
        };
      },
      Subscribe: ({ TopicArn, Protocol }: SubscribeInput, { region }: Call) => {
        const topic = topicAt(region, TopicArn);
        if (Protocol === undefined) throw invalid("Protocol");
        topic.subscriptions += 1;
        return { SubscriptionArn: `${TopicArn ?? ""}:${random.uuid()}` };
      },
    },
    createTopic,
    messages,
    onMessage: (listener) => void listeners.push(listener),
  };
};
