import { freshMemory, tick } from "@lifeboat/operations/watch/tick";
import { z } from "zod";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { variable } from "./runtime/runtime.ts";

/**
 * How long one invocation goes on. The Scheduler's finest rate is a minute, and it may deliver late: each run goes on for
 * two, so that a late or lost one leaves no gap in the renewals. A run that counts down to self-fencing goes on until it
 * has fenced: the next one would not know since when the lease has not been renewed.
 */
const RUN_MS = 120_000;
const RESERVE_MS = 10_000;

/** The watch of one site: a tick every few seconds, for two minutes, started every minute by EventBridge Scheduler. */
export const watch = defineFunction({
  name: "watch",
  input: z.object({ workload: z.string().min(1) }),
  run: async ({ workload }, { runtime, logger, remainingMs }) => {
    const context = await loadSiteContext(runtime, workload, null);
    const { clock } = context.ports;
    const everyMs = context.plan.ledger.lease.renewEveryMs;
    const startedAtMs = clock.nowMs();
    let memory = freshMemory(startedAtMs);
    let ticks = 0;
    let last = "";
    let countsDown = false;
    for (;;) {
      const tickStartedAtMs = clock.nowMs();
      try {
        const report = await tick(context, variable(runtime, "machineArn"), memory);
        ({ memory, countsDown } = report);
        const said = `${report.role}: ${report.detail}`;
        if (said !== last) logger.info(said);
        last = said;
      } catch (error) {
        // One tick that fails is followed by another; the heartbeat alarm tells when none comes.
        logger.warn("a tick failed", { reason: error instanceof Error ? error.message : String(error) });
      }
      ticks += 1;
      const nextAtMs = tickStartedAtMs + everyMs;
      const isOver = nextAtMs - startedAtMs >= RUN_MS && !countsDown;
      if (isOver || remainingMs() < everyMs + RESERVE_MS) return { ticks };
      await clock.sleep(Math.max(0, nextAtMs - clock.nowMs()));
    }
  },
});

export const handler = onLambda(watch);
