import { claimEpoch, type ClaimMemo } from "@lifeboat/operations/steps/claim-epoch";
import * as z from "zod";
import { announce } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { approval, override, sightings, stepBase } from "./runtime/step-input.ts";
import { canary } from "./runtime/ports.ts";

/** The longest timeout of any step's function, and a margin for what AWS needs to stop it. */
const LONGEST_STEP_MS = 60_000 + 10_000;

const claimMemo = z.strictObject({
  startedAtMs: z.number(),
  actedAtMs: z.number().optional(),
  waitingSinceMs: z.number().optional(),
  quietUntilMs: z.number().optional(),
  sightings,
  decidedOn: sightings.optional(),
});

/** Waits for the leases to run out and claims the next epoch for this execution. */
export const claim = defineFunction({
  name: "claim",
  input: z.strictObject({
    ...stepBase,
    override: override.nullable(),
    approval: approval.nullable(),
    memo: claimMemo,
  }),
  run: async (input, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, input.planHash, canary);
    const result = await claimEpoch(context, {
      execution: input.execution,
      override: input.override,
      approval: input.approval,
      memo: withoutUndefined(input.memo),
      longestStepMs: LONGEST_STEP_MS,
    });
    logger.info(result.detail, { result: result.type });
    if (result.type === "claimed") {
      const { epoch, basis } = result;
      await announce(tools, context, {
        type: "lifeboat.recovery.claimed",
        execution: input.execution,
        epoch,
        basis,
      });
    }
    return { done: result.type !== "waiting", pollAfterSeconds: 0, ...result };
  },
});

const withoutUndefined = (memo: z.infer<typeof claimMemo>): ClaimMemo => ({
  startedAtMs: memo.startedAtMs,
  sightings: memo.sightings,
  ...(memo.decidedOn === undefined ? {} : { decidedOn: memo.decidedOn }),
  ...(memo.waitingSinceMs === undefined ? {} : { waitingSinceMs: memo.waitingSinceMs }),
  ...(memo.quietUntilMs === undefined ? {} : { quietUntilMs: memo.quietUntilMs }),
});

export const handler = onLambda(claim);
