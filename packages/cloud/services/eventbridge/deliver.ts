import type { AccessQuestion } from "../../kernel/access.ts";
import { AwsError } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import type { CloudEvent } from "../../kernel/cloud-event.ts";
import type { LambdaModel } from "../lambda/create-lambda.ts";
import type { StepFunctionsModel } from "../sfn/create-step-functions.ts";
import { inputFor, type Target } from "./rule.ts";

/** What the targets of rules need. */
export interface DeliveryTargets {
  readonly lambda: LambdaModel;
  readonly sfn: StepFunctionsModel;
}

/** An event that no retry brought to its target. */
export interface Undelivered {
  readonly target: Target;
  readonly event: CloudEvent;
  readonly reason: string;
}

/** EventBridge retries for a day: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
const EVENT_AGE_MS = 86_400_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 600_000;
/** At least once means now and then twice. The rate is a guess on the high side. */
const DUPLICATE_RATE = 0.01;

const RETRYABLE_STATUS = 500;

export interface Delivery {
  /** `rule`: the name of the rule that sends. */
  deliver(region: string, target: Target, event: CloudEvent, rule: string): void;
  readonly undelivered: readonly Undelivered[];
}

interface Addressed {
  readonly target: Target;
  readonly rule: string;
}

const sourceOf = (account: string, region: string, rule: string): Readonly<Record<string, string>> => ({
  "aws:sourcearn": `arn:aws:events:${region}:${account}:rule/${rule}`,
  "aws:sourceaccount": account,
});

/**
 * A function is invoked in EventBridge's own name, by its policy; everything else in the name of the rule's role:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
const questionOf = (account: string, region: string, target: Target, rule: string): AccessQuestion => {
  const context = sourceOf(account, region, rule);
  if (target.type === "lambda") {
    const action = "lambda:InvokeFunction";
    return { principal: "events.amazonaws.com", service: "lambda", action, resource: target.arn, context };
  }
  return {
    principal: `rule/${rule}@${region}`,
    service: target.type === "bus" ? "eventbridge" : "sfn",
    action: target.type === "bus" ? "events:PutEvents" : "states:StartExecution",
    resource: target.arn,
  };
};

/** Brings events to targets, at least once, with a delay, and again while the target does not take them. */
export const createDelivery = (
  world: World,
  targets: () => DeliveryTargets,
  whenUp: (region: string, action: () => void) => void,
  receive: (region: string, bus: string, event: CloudEvent) => void,
): Delivery => {
  const { clock, network } = world;
  const random = world.random.stream("eventbridge-delivery");
  const undelivered: Undelivered[] = [];

  const hand = (region: string, { target, rule }: Addressed, event: CloudEvent): void => {
    const refusal = world.access.ask?.(questionOf(world.accountId, region, target, rule));
    if (refusal !== undefined) throw refusal;
    if (target.type === "lambda") {
      targets().lambda.invokeLater(region, target.arn, inputFor(target.input, event));
      return;
    }
    if (target.type === "state-machine") {
      const input = JSON.stringify(inputFor(target.input, event));
      targets().sfn.start(region, { stateMachineArn: target.arn, input });
      return;
    }
    const [, , , targetRegion = region, , resource = ""] = target.arn.split(":");
    if (!network.reaches(region, targetRegion)) {
      throw new AwsError("InternalException", `no answer from ${targetRegion}`, RETRYABLE_STATUS);
    }
    receive(targetRegion, resource.replace("event-bus/", ""), event);
  };

  const attempt = (
    region: string,
    addressed: Addressed,
    event: CloudEvent,
    firstAtMs: number,
    tries: number,
  ): void => {
    try {
      hand(region, addressed, event);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const isOver = error.status < RETRYABLE_STATUS && error.status !== 429;
      if (isOver || clock.nowMs() - firstAtMs > EVENT_AGE_MS) {
        undelivered.push({ target: addressed.target, event, reason: `${error.code}: ${error.message}` });
        const { deadLetterArn: resource } = addressed.target;
        if (resource !== undefined) {
          const context = sourceOf(world.accountId, region, addressed.rule);
          const asked = { principal: "events.amazonaws.com", service: "sqs", action: "sqs:SendMessage" };
          world.access.ask?.({ ...asked, resource, context });
        }
        return;
      }
      const waitMs = Math.min(FIRST_RETRY_MS * 2 ** tries, LONGEST_RETRY_MS);
      clock.after(waitMs + random.integer(0, waitMs), () =>
        whenUp(region, () => attempt(region, addressed, event, firstAtMs, tries + 1)),
      );
    }
  };

  const send = (region: string, addressed: Addressed, event: CloudEvent, delayMs: number): void => {
    clock.after(delayMs, () => whenUp(region, () => attempt(region, addressed, event, clock.nowMs(), 0)));
  };

  return {
    deliver(region, target, event, rule) {
      const addressed = { target, rule };
      const faulty = world.faults.copies?.(region, event);
      if (faulty !== undefined) {
        for (const delayMs of faulty) send(region, addressed, event, delayMs);
        return;
      }
      const copies = random.next() < DUPLICATE_RATE ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const delayMs = random.integer(80, 500) + copy * random.integer(500, 5_000);
        send(region, addressed, event, delayMs);
      }
    },
    undelivered,
  };
};
