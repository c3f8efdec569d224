import { tendStandby } from "@lifeboat/operations/tending/tend-standby";
import * as z from "zod";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { databases, events, notices, records, traffic } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";

const bring = (runtime: Runtime) => ({
  ...databases(runtime),
  ...events(runtime),
  ...notices(runtime),
  ...records(runtime),
  ...traffic(runtime),
});

const workload = z.string().min(1);

const request = z.discriminatedUnion("act", [
  z.strictObject({
    act: z.literal("protect"),
    workload,
    claimRevision: z.int().min(0),
    running: z.array(z.string()),
  }),
  z.strictObject({
    act: z.literal("tell-silence"),
    workload,
    activeSite: z.string().min(1),
    epoch: z.int().min(0),
    silentForMs: z.number().min(0),
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
