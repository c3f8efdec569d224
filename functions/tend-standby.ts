import { tendStandby } from "@lifeboat/operations/tending/tend-standby";
import * as z from "zod/mini";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { databases, events, notices, records, traffic } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { count, text } from "./runtime/shapes.ts";

const bring = (runtime: Runtime) => ({
  ...databases(runtime),
  ...events(runtime),
  ...notices(runtime),
  ...records(runtime),
  ...traffic(runtime),
});

const request = z.discriminatedUnion("act", [
  z.strictObject({
    act: z.literal("protect"),
    workload: text,
    claimRevision: count,
    running: z.array(z.string()),
  }),
  z.strictObject({
    act: z.literal("tell-silence"),
    workload: text,
    activeSite: text,
    epoch: count,
    silentForMs: z.number().check(z.nonnegative()),
    standsIn: z.boolean(),
    detail: z.string(),
  }),
]);

/** Acts of the site that stands by, or is to stand by again, when the watch of that site asks for it. */
export const tendStandbyFunction = defineFunction({
  name: "tend-standby",
  input: request,
  run: async (asked, { runtime, logger }) => {
    const answer = await tendStandby(await loadSiteContext(runtime, asked.workload, null, bring), asked);
    logger.info(asked.act, { answer });
    return answer;
  },
});

export const handler = onLambda(tendStandbyFunction);
