import { RecoveryError } from "@lifeboat/recovery/errors";

/** What the SDK throws, as far as it matters here: a name, and the HTTP status where AWS answered. */
interface SdkFailure {
  readonly name: string;
  readonly message: string;
  readonly status: number | null;
}

export const failureOf = (error: unknown): SdkFailure => {
  if (!(error instanceof Error)) return { name: "Unknown", message: String(error), status: null };
  const metadata = (error as { $metadata?: { httpStatusCode?: number } }).$metadata;
  return { name: error.name, message: error.message, status: metadata?.httpStatusCode ?? null };
};

/**
 * Names of throttling and of passing faults, beyond what the status says: docs.aws.amazon.com/sdkref, "Retry behavior". A
 * session that has ended is followed by another one.
 */
const passing =
  /^(ExpiredToken|ExpiredTokenException|Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|SlowDown|PriorRequestNotComplete|RequestTimeout|RequestTimeoutException|InternalError|InternalFailure|InternalServerError|ServiceUnavailable|TimeoutError)$/;

export const isPassing = (failure: SdkFailure): boolean =>
  failure.status === null || failure.status >= 500 || failure.status === 429 || passing.test(failure.name);

const recoveryErrorOf = (what: string, error: unknown): RecoveryError => {
  if (error instanceof RecoveryError) return error;
  const failure = failureOf(error);
  const message = `${what}: ${failure.name}: ${failure.message}`;
  return new RecoveryError(isPassing(failure) ? "AwsUnavailable" : "AwsRejected", message, { cause: error });
};

/**
 * Calls AWS and turns what the SDK throws into a RecoveryError: `AwsUnavailable` where the same call may succeed later,
 * `AwsRejected` where it will not. `what` names the call in the message; inputs are left out, they may hold secrets.
 */
export const callAws = async <Result>(what: string, call: () => Promise<Result>): Promise<Result> => {
  try {
    return await call();
  } catch (error) {
    throw recoveryErrorOf(what, error);
  }
};

/** As {@link callAws}, but null where AWS says that the thing does not exist. */
export const callAwsForOne = async <Result>(
  what: string,
  absent: readonly string[],
  call: () => Promise<Result>,
): Promise<Result | null> => {
  try {
    return await call();
  } catch (error) {
    if (absent.includes(failureOf(error).name)) return null;
    throw recoveryErrorOf(what, error);
  }
};
