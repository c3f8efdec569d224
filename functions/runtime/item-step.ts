import type { Mandate, PortName, SiteContext, StepMemo, StepResult } from "@lifeboat/operations/context";
import type * as z from "zod/mini";
import { announceStep } from "./announce.ts";
import { defineFunction, type FunctionDefinition } from "./define-function.ts";
import { loadSiteContext } from "./load-context.ts";
import type { Bring } from "./ports.ts";
import { itemStep } from "./step-input.ts";

type ItemInput = z.infer<typeof itemStep>;

/** A function that brings one resource of the plan to its goal, a convergent call at a time. */
export const defineItemStep = <Used extends PortName>(
  name: string,
  /** The ports that the step uses. */
  bring: Bring<Used>,
  run: (
    context: SiteContext<Used>,
    mandate: Mandate,
    item: string,
    memo: StepMemo | null,
  ) => Promise<StepResult>,
): FunctionDefinition<ItemInput, StepResult> =>
  defineFunction({
    name,
    input: itemStep,
    run: async (input, tools) => {
      const { runtime, logger } = tools;
      const context = await loadSiteContext(runtime, input.workload, input.planHash, bring);
      const mandate = { execution: input.execution, epoch: input.epoch };
      const result = await run(context, mandate, input.item, input.memo);
      logger.info(result.detail, { item: input.item, done: result.done, epoch: input.epoch });
      if (result.done) await announceStep(tools, context, mandate, name, input.item);
      return result;
    },
  });
