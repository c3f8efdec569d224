import { fencePrimary } from "@lifeboat/operations/steps/fence-primary";
import * as z from "zod/mini";
import { announceStep } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { mandateBase } from "./runtime/step-input.ts";

/** Records in the ledger that the old primary is fenced, on the ground that the claim was made on. */
export const fence = defineFunction({
  name: "fence",
  input: z.strictObject(mandateBase),
  run: async (input, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, input.planHash, () => ({}));
    const claim = await fencePrimary(context, input);
    logger.info("fenced", { epoch: claim.epoch });
    await announceStep(tools, context, input, "fence", null);
    return { epoch: claim.epoch };
  },
});

export const handler = onLambda(fence);
