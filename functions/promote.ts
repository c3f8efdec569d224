import { promoteStore } from "@lifeboat/operations/steps/promote-store";
import { defineItemStep } from "./runtime/item-step.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";

/** Makes this site's copy of one store the writable one. */
export const promote = defineItemStep("promote", promoteStore);

export const handler = onLambda(promote);
