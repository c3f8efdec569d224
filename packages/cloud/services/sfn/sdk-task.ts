import { AwsError, type Origin } from "../../kernel/service.ts";
import { wireService } from "../../wire/catalog.ts";
import type { Dispatch } from "../../wire/dispatch.ts";
import type { ExecutionRecord } from "./execution-record.ts";
import { integratedService, operationName } from "./integration-names.ts";
import { toInput, toResult } from "./integration-values.ts";
import type { Json } from "./interpreter-port.ts";
import { failedCall, type TaskOutcome } from "./task-outcome.ts";

/** How Step Functions reaches the other services' API. */
export type CallApi = Pick<Dispatch, "callFromInside" | "requestId">;

/** Who an execution is to the services that it calls. */
export const originOfExecution = ({ arn, machine }: ExecutionRecord): Origin => ({
  place: machine.region,
  principal: `states/${machine.name}@${machine.region}`,
  execution: arn,
});

/**
 * Calls an API in the machine's own region, for `aws-sdk:…` and for the optimised `sns:publish` and
 * `events:putEvents`. Result names are in Pascal case.
 */
export const runSdkTask = async (
  api: CallApi,
  record: ExecutionRecord,
  service: string,
  operation: string,
  args: Json,
): Promise<TaskOutcome> => {
  const integrated = integratedService(service);
  if (integrated === undefined) {
    throw new AwsError("NotSimulated", `Step Functions has no integration with ${service}`, 501);
  }
  const { packageName, errorPrefix } = integrated;
  const wire = wireService(packageName);
  const schema = wire?.operations.get(operationName(operation));
  if (wire === undefined || schema === undefined) {
    throw new AwsError("NotSimulated", `There is no operation ${packageName}:${operation}`, 501);
  }
  const input = (toInput(schema.input, args) ?? {}) as Record<string, unknown>;
  const call = { region: record.machine.region, origin: originOfExecution(record) };
  try {
    const output = await api.callFromInside(packageName, schema.name, input, call);
    return { type: "answered", output: toResult(schema.output, output) ?? {} };
  } catch (error) {
    const isModelled = error instanceof AwsError && wire.errors.has(error.code);
    return failedCall(errorPrefix, error, isModelled, api.requestId());
  }
};
