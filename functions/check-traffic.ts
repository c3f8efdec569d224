import { trafficChecks } from "@lifeboat/operations/readiness/check-traffic";
import { defineCheck } from "./runtime/define-check.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { brokers, traffic } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";

const bring = (runtime: Runtime) => ({ ...brokers(runtime), ...traffic(runtime) });

/** Looks at what traffic comes in by at the standby. */
export const checkTraffic = defineCheck("check-traffic", bring, trafficChecks);

export const handler = onLambda(checkTraffic);
