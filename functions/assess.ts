import { assess as assessOutage } from "@lifeboat/operations/steps/assess";
import { assessFinish } from "@lifeboat/operations/steps/assess-finish";
import * as z from "zod/mini";
import { announce } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { approval, finishes, override, sightings, stepBase } from "./runtime/step-input.ts";
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
    finishes,
    approval: z.nullable(approval),
  }),
  run: async ({ dryRun, finishes: move, ...input }, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, input.planHash, bring);
    const assessment =
      move === null ? await assessOutage(context, input) : await assessFinish(context, input.otherExecution);
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
