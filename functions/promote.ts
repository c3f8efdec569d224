import { promoteStore } from "@lifeboat/operations/steps/promote-store";
import { defineItemStep } from "./runtime/item-step.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { buckets, databases } from "./runtime/ports.ts";
import type { Runtime } from "./runtime/runtime.ts";

const bring = (runtime: Runtime) => ({ ...buckets(runtime), ...databases(runtime) });

/** Makes this site's copy of one store the writable one. */
export const promote = defineItemStep("promote", bring, promoteStore);

export const handler = onLambda(promote);
