import { tendServices } from "@lifeboat/operations/tending/tend-services";
import * as z from "zod/mini";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { compute, events } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { count, text } from "./runtime/shapes.ts";

const bring = (runtime: Runtime) => ({ ...compute(runtime), ...events(runtime) });

const request = z.discriminatedUnion("act", [
  z.strictObject({
    act: z.literal("fence"),
    workload: text,
    news: z.nullable(z.strictObject({ epoch: z.nullable(count), reason: z.string(), distinct: z.string() })),
    unnoted: z.boolean(),
  }),
  z.strictObject({ act: z.literal("resume"), workload: text, claimRevision: count, unnoted: z.boolean() }),
  z.strictObject({ act: z.literal("retire"), workload: text, claimRevision: count }),
]);

/**
 * Stops and starts the services and workers of its own site, when the watch of that site asks for it. The watch runs all day and
 * may do neither. One at a time, by the function's reserved concurrency: a fence that goes on after its caller has given up
 * would otherwise stop what a resume has just started, and the resume would clear the note by which that is noticed.
 */
export const tendServicesFunction = defineFunction({
  name: "tend-services",
  input: request,
  run: async (asked, { runtime, logger }) => {
    const answer = await tendServices(await loadSiteContext(runtime, asked.workload, null, bring), asked);
    logger.info(asked.act, { answer });
    return answer;
  },
});

export const handler = onLambda(tendServicesFunction);
