import * as z from "zod";
import { shortDigest } from "@lifeboat/recovery/recovery-event";
import { announce } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { stepBase } from "./runtime/step-input.ts";
import { notices } from "./runtime/ports.ts";

/**
 * Tells people that an execution waits for them, and how to answer. The task token travels in the message: whoever can
 * read the topic can answer, within what IAM lets them call.
 */
export const ask = defineFunction({
  name: "ask",
  input: z.strictObject({
    ...stepBase,
    kind: z.enum(["approval", "hold"]),
    phase: z.string(),
    reason: z.string(),
    token: z.string().min(1),
  }),
  run: async (input, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, null, notices);
    const { ports } = context;
    const answers = input.kind === "approval" ? ["approve", "reject"] : ["retry", "skip", "abort"];
    const lines = [
      `${input.workload} waits for a person in phase "${input.phase}".`,
      `Why: ${input.reason}`,
      `Execution: ${input.execution}`,
      `Answer with one of ${answers.join(", ")}, for example:`,
      `aws stepfunctions send-task-success --region ${runtime.connection.region} --task-output '{"action": "${answers[0]}", "who": "your name", "why": "…"}' --task-token ${input.token}`,
    ];
    await ports.notices.publish(`${input.workload}: ${input.kind} needed, ${input.phase}`, lines.join("\n"));
    logger.info("asked", { kind: input.kind, phase: input.phase });
    const { execution, phase, reason } = input;
    // A step that is tried again and held again is another question.
    const distinct = `${phase}/${shortDigest(input.token)}`;
    await announce(
      tools,
      context,
      input.kind === "approval"
        ? { type: "lifeboat.recovery.approval-needed", execution, reason, distinct }
        : { type: "lifeboat.recovery.held", execution, phase, reason, distinct },
    );
    return { asked: true };
  },
});

export const handler = onLambda(ask);
