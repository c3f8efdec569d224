import { readEntry } from "@lifeboat/operations/ledger/change-entry";
import { witnessPlace } from "@lifeboat/operations/ledger/places";
import { liveHolder } from "@lifeboat/operations/live-executions";
import { requestRecovery, watchForOutage } from "@lifeboat/operations/request-recovery";
import * as z from "zod/mini";
import { defineFunction } from "./runtime/define-function.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { loadSiteContext } from "./runtime/load-context.ts";
import { variable, type Runtime } from "./runtime/runtime.ts";
import { alarms, executions } from "./runtime/ports.ts";
import { text } from "./runtime/shapes.ts";

const bring = (runtime: Runtime) => ({ ...alarms(runtime), ...executions(runtime) });

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
const alarmEvent = z.object({
  source: z.literal("aws.cloudwatch"),
  "detail-type": z.literal("CloudWatch Alarm State Change"),
  detail: z.object({
    alarmName: text,
    state: z.object({ value: z.enum(["ALARM", "OK", "INSUFFICIENT_DATA"]) }),
  }),
});

/**
 * Turns an alarm's state change into at most one execution. Alarms come twice, late, and several at once: what decides is
 * what the signals say now, and the ledger lets one request through.
 */
export const onAlarm = defineFunction({
  name: "on-alarm",
  input: alarmEvent,
  run: async ({ detail }, { runtime, logger }) => {
    const workload = variable(runtime, "workload");
    if (detail.state.value !== "ALARM")
      return { type: "not-needed", reason: `${detail.alarmName} is ${detail.state.value}` };
    const context = await loadSiteContext(runtime, workload, null, bring);
    const { plan, ports, here } = context;
    const { body: claim } = await readEntry(ports, plan, witnessPlace(plan), "claim");
    if (claim.activeSite === here.name)
      return { type: "not-needed", reason: `${here.name} is the active site; the passive one decides` };
    const holder = await liveHolder(context, claim);
    if (holder !== null) return { type: "already-requested", reason: `${holder} holds epoch ${claim.epoch}` };
    if (claim.protection === "degraded")
      return { type: "not-needed", reason: `${workload} has no protected standby` };
    const outage = await watchForOutage(context, claim.activeSite);
    if (!outage.outage) {
      logger.info(outage.reason, { alarm: detail.alarmName });
      return { type: "not-needed", reason: outage.reason };
    }
    const result = await requestRecovery(
      context,
      variable(runtime, "machineArn"),
      detail.alarmName,
      outage.sightings,
      outage.reason,
    );
    logger.info(result.reason, { alarm: detail.alarmName, result: result.type });
    return result;
  },
});

export const handler = onLambda(onAlarm);
