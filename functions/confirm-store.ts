import { confirmStore as confirm } from "@lifeboat/operations/steps/confirm-store";
import { defineItemStep } from "./runtime/item-step.ts";
import { onLambda } from "./runtime/lambda-runtime.ts";
import { databases } from "./runtime/ports.ts";

/** Looks whether this site's copy of one store is the writable one. Promotes nothing. */
export const confirmStoreStep = defineItemStep("confirm-store", databases, confirm);

export const handler = onLambda(confirmStoreStep);
