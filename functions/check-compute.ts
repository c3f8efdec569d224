import { computeChecks } from "@lifeboat/operations/readiness/check-compute";
import { defineCheck } from "./runtime/define-check.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { compute, protection } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";

const bring = (runtime: Runtime) => ({ ...compute(runtime), ...protection(runtime) });

/** Looks at what the services of the standby start with. */
export const checkCompute = defineCheck("check-compute", bring, computeChecks);

export const handler = onLambda(checkCompute);
