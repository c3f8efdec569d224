import { countAnswers as countTheAnswers } from "@lifeboat/operations/approvals/count-answers";
import * as z from "zod/mini";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { approvals } from "./runtime/ports.ts";
import { mandateBase } from "./runtime/step-input.ts";
import { count } from "./runtime/shapes.ts";

/** Reads the records of people's answers and says what they amount to. The machine goes on by this and by nothing else. */
export const countAnswers = defineFunction({
  name: "count-answers",
  input: z.strictObject({
    ...mandateBase,
    number: count,
    sinceMs: z.number(),
  }),
  run: async ({ planHash, workload, ...request }, { runtime, logger }) => {
    const context = await loadSiteContext(runtime, workload, planHash, approvals);
    const verdict = await countTheAnswers(context, request);
    logger.info(verdict.verdict, { who: verdict.who, counted: verdict.counted });
    return verdict;
  },
});

export const handler = onLambda(countAnswers);
