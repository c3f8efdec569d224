import { takeAnswer } from "@lifeboat/operations/approvals/take-answer";
import { answers } from "@lifeboat/recovery/approvals";
import * as z from "zod/mini";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { approvals, basics } from "./runtime/ports.ts";
import { variable } from "./runtime/runtime.ts";
import { text } from "./runtime/shapes.ts";

/**
 * Takes a person's answer, invoked by that person. Lambda does not tell a function who invoked it
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html), so that the input carries a proof that AWS confirms.
 */
export const decide = defineFunction({
  name: "decide",
  input: z.strictObject({
    workload: text.check(z.maxLength(64)),
    question: text.check(z.maxLength(400)),
    answer: z.enum(answers),
    why: z.string().check(z.minLength(1, "say why"), z.maxLength(1000)),
    proof: text.check(z.maxLength(8192)),
  }),
  run: async (input, { runtime, logger }) => {
    const place = { region: runtime.connection.region, bucket: variable(runtime, "plansBucket") };
    const taken = await takeAnswer({ ...basics(runtime), ...approvals(runtime) }, place, {
      ...input,
      via: "invoke",
    });
    if (taken.type === "refused") {
      logger.warn("refused", { question: input.question, cause: taken.cause, reason: taken.reason });
      return { accepted: false, reason: taken.reason };
    }
    const { answer, principal, atMs } = taken.record;
    logger.info("answered", { question: input.question, answer, principal: principal.arn });
    return { accepted: true, answer, principal: principal.arn, atMs, standing: taken.standing };
  },
});

export const handler = onLambda(decide);
