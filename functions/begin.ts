import { begin as beginExecution } from "@lifeboat/operations/steps/begin";
import { otherSite } from "@lifeboat/recovery/plan";
import * as z from "zod/mini";
import { announce } from "./runtime/announce.ts";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { override, sightings } from "./runtime/step-input.ts";
import { executions } from "./runtime/ports.ts";
import { text } from "./runtime/shapes.ts";

const workload = z
  .string({ error: 'expected the name of a workload, such as {"workload": "spacelift"}' })
  .check(z.minLength(1));

/** Reads the execution's input, which may be as small as `{"workload": "spacelift"}`, and loads the plan for it. */
export const begin = defineFunction({
  name: "begin",
  input: z.strictObject({
    execution: text,
    input: z.strictObject({
      workload,
      dryRun: z._default(z.boolean(), false),
      trigger: z._default(z.enum(["automatic", "person"]), "person"),
      override: z._default(z.nullable(override), null),
      sightings: z._default(z.nullable(sightings), null),
    }),
  }),
  run: async ({ execution, input }, tools) => {
    const { runtime, logger } = tools;
    const context = await loadSiteContext(runtime, input.workload, null, executions);
    const { plan, planHash, here, ports } = context;
    const startedAtMs = ports.clock.nowMs();
    const begun = await beginExecution(context, {
      execution,
      dryRun: input.dryRun,
      trigger: input.trigger,
      sightings: input.sightings,
    });
    logger.info("begun", {
      execution,
      epoch: begun.claim.epoch,
      otherExecution: begun.otherExecution ?? "none",
      finishes: begun.finishes?.execution ?? "none",
    });
    // A dry run changes nothing, and an event starts whatever hooks in.
    if (!input.dryRun) {
      await announce(tools, context, {
        type: "lifeboat.recovery.started",
        execution,
        trigger: input.trigger,
        from: otherSite(plan, here.name).name,
        to: here.name,
        epoch: begun.claim.epoch,
      });
    }
    const { finishes } = begun;
    const names = (items: readonly { readonly name: string }[]): readonly string[] =>
      items.map((item) => item.name);
    return {
      workload: plan.workload,
      planHash,
      execution,
      startedAtMs,
      dryRun: input.dryRun,
      trigger: input.trigger,
      override: input.override,
      from: otherSite(plan, here.name).name,
      to: here.name,
      epoch: begun.claim.epoch,
      otherExecution: begun.otherExecution,
      finishes:
        finishes === null ? null : { execution: finishes.execution, startedAtMs: finishes.startedAtMs },
      sightings: begun.sightings,
      stores: names(plan.stores),
      services: names(plan.services),
      workers: names(plan.workers),
      traffic: names(plan.traffic),
      checks: names(plan.checks),
      notes: plan.notes,
    };
  },
});

export const handler = onLambda(begin);
