import { createNotices } from "@lifeboat/aws/sns";
import * as z from "zod/mini";
import { defineFunction, type Tools } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { variable } from "./runtime/runtime.ts";
import { text } from "./runtime/shapes.ts";

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
const alarmEvent = z.object({
  source: z.literal("aws.cloudwatch"),
  "detail-type": z.literal("CloudWatch Alarm State Change"),
  region: text,
  detail: z.object({
    alarmName: text,
    configuration: z.optional(z.object({ description: z.optional(z.string()) })),
    state: z.object({ value: z.enum(["ALARM", "OK", "INSUFFICIENT_DATA"]), reason: z.optional(z.string()) }),
    previousState: z.optional(z.object({ value: z.string() })),
  }),
});

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html; input and output are left unread. */
const executionEvent = z.object({
  source: z.literal("aws.states"),
  "detail-type": z.literal("Step Functions Execution Status Change"),
  region: text,
  detail: z.object({ executionArn: text, status: text }),
});

interface Message {
  readonly subject: string;
  readonly lines: readonly string[];
}

const ofAlarm = ({ region, detail }: z.infer<typeof alarmEvent>): Message | null => {
  const { alarmName, state, previousState, configuration } = detail;
  // A new alarm goes from "nothing known" to OK: that is no end of anything.
  const isOver = state.value === "OK" && previousState?.value === "ALARM";
  if (state.value !== "ALARM" && !isOver) return null;
  return {
    subject: `${isOver ? "OK again" : "ALARM"}: ${alarmName} in ${region}`,
    lines: [configuration?.description ?? alarmName, state.reason ?? ""].filter((line) => line !== ""),
  };
};

const ofExecution = ({ region, detail }: z.infer<typeof executionEvent>): Message => {
  const name = detail.executionArn.split(":").at(-2) ?? "";
  return {
    subject: `${detail.status}: an execution of ${name} in ${region}`,
    lines: [
      // FAILED is also how a recovery ends whose outcome `failed` stands in the record: the event does not tell.
      "It may have ended without a written outcome. What it came to, if that was recorded, is in <workload>/records/ of this region's ledger bucket, and `lifeboat status <workload>` shows it. Look there, and at its history, before you start another one.",
      `Execution: ${detail.executionArn}`,
    ],
  };
};

const tell = async (message: Message | null, { runtime, logger }: Tools): Promise<{ told: boolean }> => {
  if (message === null) return { told: false };
  const notices = createNotices(runtime.connection, variable(runtime, "topicArn"));
  await notices.publish(message.subject, [message.subject, ...message.lines].join("\n"));
  logger.info("told", { subject: message.subject });
  return { told: true };
};

/**
 * Tells people what CloudWatch and Step Functions noticed about Lifeboat itself. The topic is encrypted with AWS's own key
 * for SNS, which serves callers of this account and no AWS service: alarms and rules cannot publish to it, a function can.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 *
 * Events come twice now and then, and people are told twice: better than a memory that could lose one.
 */
export const notify = defineFunction({
  name: "notify",
  input: z.discriminatedUnion("source", [alarmEvent, executionEvent]),
  run: (event, tools) => tell(event.source === "aws.cloudwatch" ? ofAlarm(event) : ofExecution(event), tools),
});

export const handler = onLambda(notify);
