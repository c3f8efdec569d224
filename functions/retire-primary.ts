import { requireMandate } from "@lifeboat/operations/ledger/hold-mandate";
import { retireCompute } from "@lifeboat/operations/steps/fence-primary";
import * as z from "zod/mini";
import { announceStep } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { mandateBase } from "./runtime/step-input.ts";
import { compute } from "./runtime/ports.ts";
import { text } from "./runtime/shapes.ts";

/** Stops what still runs at the old site, as far as it answers; the rest is left to that site's own watch. */
export const retirePrimary = defineFunction({
  name: "retire-primary",
  input: z.strictObject({ ...mandateBase, from: text }),
  run: async (input, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, input.planHash, compute);
    await requireMandate(context.ports, context.plan, input);
    const report = await retireCompute(context, input.from);
    logger.info("retired", { done: report.done, remaining: report.remaining });
    await announceStep(tools, context, input, "retire-primary", null);
    return report;
  },
});

export const handler = onLambda(retirePrimary);
