import { tellUnrecorded as tell } from "@lifeboat/operations/steps/tell-unrecorded";
import { outcomes } from "@lifeboat/recovery/outcome";
import * as z from "zod/mini";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { expectedLoss, stepBase } from "./runtime/step-input.ts";
import { events, notices } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { text } from "./runtime/shapes.ts";

const bring = (runtime: Runtime) => ({ ...events(runtime), ...notices(runtime) });

/** Tells people that an outcome could not be recorded yet, and why. Changes nothing. */
export const tellUnrecorded = defineFunction({
  name: "tell-unrecorded",
  input: z.strictObject({
    ...stepBase,
    outcome: z.enum(outcomes),
    reason: z.string(),
    to: text,
    loss: expectedLoss,
    why: text,
    kind: z.enum(["passing", "final"]),
  }),
  run: async ({ workload, loss, ...unrecorded }, { runtime, logger }) => {
    const context = await loadSiteContext(runtime, workload, unrecorded.planHash, bring);
    await tell(context, { ...unrecorded, rpo: loss.known ? loss.interval : null });
    logger.warn("the outcome is not recorded yet", { outcome: unrecorded.outcome, reason: unrecorded.why });
    return { told: true };
  },
});

export const handler = onLambda(tellUnrecorded);
