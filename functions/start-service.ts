import { startService } from "@lifeboat/operations/steps/start-compute";
import { defineItemStep } from "./runtime/item-step.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";

/** Brings one service to its active count. */
export const startServiceStep = defineItemStep("start-service", startService);

export const handler = onLambda(startServiceStep);
