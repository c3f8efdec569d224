import { verifyCheck } from "@lifeboat/operations/steps/verify-checks";
import * as z from "zod/mini";
import { announceStep } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { mandateBase, memo } from "./runtime/step-input.ts";
import { canary } from "./runtime/ports.ts";
import { text } from "./runtime/shapes.ts";

/** Runs one check of the plan: at the standby's own endpoint before traffic moves, by the users' names after. */
export const verify = defineFunction({
  name: "verify",
  input: z.strictObject({
    ...mandateBase,
    item: text,
    scope: z.enum(["standby", "workload"]),
    memo,
  }),
  run: async (input, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, input.planHash, canary);
    const result = await verifyCheck(context, input, input.item, input.scope, input.memo);
    logger.info(result.detail, { check: input.item, done: result.done });
    if (result.done) await announceStep(tools, context, input, `verify-${input.scope}`, input.item);
    return result;
  },
});

export const handler = onLambda(verify);
