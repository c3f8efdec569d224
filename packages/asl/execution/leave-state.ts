import { evaluateField, type Place, type StatesExtras } from "./evaluate-field.ts";
import { PAYLOAD_LIMIT_BYTES } from "./history.ts";
import { isJsonObject, jsonBytes, type Json } from "../values/json.ts";
import type { Failure } from "./run.ts";
import type { Template } from "../expressions/template.ts";
import { exitState } from "./threads.ts";

/** A result or output above the payload limit. Only a retrier or catcher that names it takes it. */
export const dataLimitFailure = (what: string): Failure => ({
  error: "States.DataLimitExceeded",
  cause: `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
});

/** Thrown where a state's output is too large. */
export class DataLimitError extends Error {
  readonly failure: Failure;
  constructor(what: string) {
    super("payload limit exceeded");
    this.name = "DataLimitError";
    this.failure = dataLimitFailure(what);
  }
}

export const isOverLimit = (value: Json): boolean => jsonBytes(value) > PAYLOAD_LIMIT_BYTES;

export interface Leave {
  readonly output: Template | undefined;
  readonly assign: Template | undefined;
  readonly next: string | undefined;
  /** The output where there is no Output. */
  readonly fallback: Json;
  readonly extras?: StatesExtras;
}

/**
 * Evaluates Output and Assign, both with the variables as they were, and leaves the state.
 *
 * @throws {FieldError} One of them could not be evaluated. @throws {DataLimitError} The output is too large.
 */
export const leaveState = async (place: Place, leave: Leave): Promise<void> => {
  const { extras } = leave;
  const output =
    leave.output === undefined ? leave.fallback : await evaluateField(place, leave.output, extras);
  const assigned = leave.assign === undefined ? undefined : await evaluateField(place, leave.assign, extras);
  if (isOverLimit(output) || (assigned !== undefined && isOverLimit(assigned))) {
    throw new DataLimitError(place.state.name);
  }
  exitState(place.run, place.thread, {
    output,
    assigned: isJsonObject(assigned) ? assigned : undefined,
    next: leave.next,
  });
};
