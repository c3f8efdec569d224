import { storesChecks } from "@lifeboat/operations/readiness/check-stores";
import { defineCheck } from "./runtime/define-check.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { buckets, databases } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";

const bring = (runtime: Runtime) => ({ ...buckets(runtime), ...databases(runtime) });

/** Looks at the stores of the standby. */
export const checkStores = defineCheck("check-stores", bring, storesChecks);

export const handler = onLambda(checkStores);
