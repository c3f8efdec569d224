import type { Call, ServiceModel } from "@lifeboat/cloud/kernel/service";

/** Calls a model's operations directly, as the wire would when a request has arrived in `region`. */
export const caller =
  (model: ServiceModel) =>
  (region: string, operation: string, input: object): unknown => {
    const handler = model.operations[operation] as ((input: object, call: Call) => unknown) | undefined;
    if (handler === undefined) throw new Error(`${model.service} has no operation ${operation}`);
    const call = { region, operation, input: { ...input }, origin: { place: region, principal: "test" } };
    return handler(call.input, call);
  };
