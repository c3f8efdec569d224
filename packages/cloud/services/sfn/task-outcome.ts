import { AwsError } from "../../kernel/service.ts";
import { exceptionName } from "./integration-names.ts";
import type { Json } from "./interpreter-port.ts";

/** What became of the call that a task makes. */
export type TaskOutcome =
  | { readonly type: "answered"; readonly output: Json }
  | { readonly type: "failed"; readonly error: string; readonly cause: string };

/** A call's error as a state's Retry and Catch see it: `Rds.DbClusterNotFoundException`. */
export const failedCall = (
  prefix: string,
  error: unknown,
  isModelled: boolean,
  requestId: string,
): TaskOutcome => {
  if (!(error instanceof AwsError)) throw error;
  // What a service's model does not name, the Java SDK throws as the service's base class.
  const name = isModelled ? exceptionName(error.code) : `${prefix}Exception`;
  return {
    type: "failed",
    error: `${prefix}.${name}`,
    cause: `${error.message} (Service: ${prefix}, Status Code: ${error.status}, Request ID: ${requestId})`,
  };
};
