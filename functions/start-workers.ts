import { startWorkers } from "@lifeboat/operations/steps/start-compute";
import { defineItemStep } from "./runtime/item-step.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { compute } from "./runtime/ports.ts";

/** Brings one group of workers to its active count. */
export const startWorkersStep = defineItemStep("start-workers", compute, startWorkers);

export const handler = onLambda(startWorkersStep);
