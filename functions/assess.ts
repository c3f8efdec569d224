import { assess as assessOutage } from "@lifeboat/operations/steps/assess";
import * as z from "zod/mini";
import { announce } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { approval, override, sightings, stepBase } from "./runtime/step-input.ts";
import { alarms, canary, readiness } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";

const bring = (runtime: Runtime) => ({
  ...alarms(runtime),
  ...canary(runtime),
  ...readiness(runtime),
});

/** Reads the signals, the readiness of the standby and the loss to expect, and decides. Changes nothing. */
export const assess = defineFunction({
  name: "assess",
  input: z.strictObject({
    ...stepBase,
    dryRun: z.boolean(),
    trigger: z.enum(["automatic", "person"]),
    override: z.nullable(override),
    sightings,
    otherExecution: z.nullable(z.string()),
    approval: z.nullable(approval),
  }),
  run: async ({ dryRun, ...input }, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, input.planHash, bring);
    const assessment = await assessOutage(context, input);
    logger.info(assessment.decision.reason, {
      verdict: assessment.decision.verdict,
      rule: assessment.decision.rule,
    });
    const { verdict, rule, reason, approvalsNeeded } = assessment.decision;
    if (!dryRun) {
      await announce(tools, context, {
        type: "lifeboat.recovery.assessed",
        execution: input.execution,
        verdict,
        rule,
        reason,
        approvalsNeeded,
      });
    }
    return assessment;
  },
});

export const handler = onLambda(assess);
