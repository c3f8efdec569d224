import { startService } from "@lifeboat/operations/steps/start-compute";
import { defineItemStep } from "./runtime/item-step.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { compute } from "./runtime/ports.ts";

/** Brings one service to its active count. */
export const startServiceStep = defineItemStep("start-service", compute, startService);

export const handler = onLambda(startServiceStep);
