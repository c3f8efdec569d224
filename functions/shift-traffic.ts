import { shiftTraffic } from "@lifeboat/operations/steps/shift-traffic";
import { defineItemStep } from "./runtime/item-step.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { traffic } from "./runtime/ports.ts";

/** Moves one host to this site. */
export const shiftTrafficStep = defineItemStep("shift-traffic", traffic, shiftTraffic);

export const handler = onLambda(shiftTrafficStep);
