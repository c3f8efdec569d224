import type { Failure } from "./run.ts";

/** What no wildcard matches: it must be named. */
const NEVER_WILD = new Set(["States.DataLimitExceeded", "States.Runtime"]);

/**
 * Whether a retrier or catcher that lists `errors` takes the failure.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export const takesFailure = (errors: readonly string[], { error, isHeartbeat }: Failure): boolean =>
  errors.some((name) => {
    if (name === error) return true;
    if (name === "States.HeartbeatTimeout") return isHeartbeat === true;
    if (error !== undefined && NEVER_WILD.has(error)) return false;
    if (name === "States.ALL") return true;
    // The page says "any known error name except for States.Timeout".
    return name === "States.TaskFailed" && error !== "States.Timeout";
  });
