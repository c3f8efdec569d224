import { activateSite } from "@lifeboat/operations/steps/activate-site";
import * as z from "zod/mini";
import { announceStep } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { mandateBase } from "./runtime/step-input.ts";
import { canary } from "./runtime/ports.ts";

/** Makes this site the active one in the ledger and opens its database for writers. */
export const activate = defineFunction({
  name: "activate",
  input: z.strictObject(mandateBase),
  run: async (input, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, input.planHash, canary);
    const activation = await activateSite(context, input);
    logger.info(activation.detail, { epoch: input.epoch });
    await announceStep(tools, context, input, "activate", null);
    return activation;
  },
});

export const handler = onLambda(activate);
