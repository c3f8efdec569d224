import { readEntry } from "@lifeboat/operations/ledger/change-entry";
import { witnessPlace } from "@lifeboat/operations/ledger/places";
import { probeFrom } from "@lifeboat/operations/watch/probe-from";
import * as z from "zod/mini";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadContext } from "./runtime/load-context.ts";
import { alarms } from "./runtime/ports.ts";
import { text } from "./runtime/shapes.ts";

const RUN_MS = 55_000;

/**
 * The witness's eyes: asks the active site's endpoint once a minute, and where that fails every few seconds until the next
 * run, and reports what fails.
 */
export const probe = defineFunction({
  name: "probe",
  input: z.object({ workload: text }),
  run: async ({ workload }, { runtime, logger }) => {
    const context = await loadContext(runtime, workload, null, alarms);
    const { plan, ports } = context;
    const everyMs = plan.ledger.lease.renewEveryMs;
    const startedAtMs = ports.clock.nowMs();
    for (let round = 0; round * everyMs < RUN_MS; round++) {
      await ports.clock.sleep(Math.max(0, startedAtMs + round * everyMs - ports.clock.nowMs()));
      const { body: claim } = await readEntry(ports, plan, witnessPlace(plan), "claim");
      const { failed } = await probeFrom(context, "witness", claim.activeSite);
      if (failed.length === 0) break;
      logger.warn("the active site does not answer", { probes: failed, site: claim.activeSite });
    }
    return { done: true };
  },
});

export const handler = onLambda(probe);
