import { claimEpoch } from "@lifeboat/operations/steps/claim-epoch";
import { claimMove } from "@lifeboat/operations/steps/claim-move";
import * as z from "zod/mini";
import { announce } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { approval, finishes, override, sightings, stepBase } from "./runtime/step-input.ts";
import { canary } from "./runtime/ports.ts";

/** The longest timeout of any step's function, and a margin for what AWS needs to stop it. */
const LONGEST_STEP_MS = 60_000 + 10_000;

const claimMemo = z.strictObject({
  startedAtMs: z.number(),
  actedAtMs: z.exactOptional(z.number()),
  waitingSinceMs: z.exactOptional(z.number()),
  lossUnknownSinceMs: z.exactOptional(z.number()),
  quietUntilMs: z.exactOptional(z.number()),
  sightings,
  decidedOn: z.exactOptional(sightings),
});

/** Waits for the leases to run out and claims the next epoch for this execution. */
export const claim = defineFunction({
  name: "claim",
  input: z.strictObject({
    ...stepBase,
    override: z.nullable(override),
    approval: z.nullable(approval),
    memo: claimMemo,
    finishes,
  }),
  run: async (input, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, input.planHash, canary);
    const { execution, memo } = input;
    const result =
      input.finishes === null
        ? await claimEpoch(context, {
            execution,
            override: input.override,
            approval: input.approval,
            memo,
            longestStepMs: LONGEST_STEP_MS,
          })
        : await claimMove(context, { execution, memo, longestStepMs: LONGEST_STEP_MS });
    logger.info(result.detail, { result: result.type });
    // Who finishes a move fences nobody: there is no basis to tell of.
    if (result.type === "claimed" && result.basis !== null) {
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

export const handler = onLambda(claim);
