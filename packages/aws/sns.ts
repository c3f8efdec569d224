import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Notices } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAws } from "./failures.ts";

/** SNS allows 100 characters of ASCII in a subject. */
const SUBJECT_LENGTH = 100;

/** Messages to people, by the topic of this function's own region. */
export const createNotices = (connection: Connection, topicArn: string): Notices => ({
  async publish(subject, message) {
    const client = clientFor(connection, "sns", connection.region, (settings) => new SNSClient(settings));
    await callAws("Publish", () =>
      client.send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: subject.slice(0, SUBJECT_LENGTH),
          Message: message,
        }),
      ),
    );
  },
});
