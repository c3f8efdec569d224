import type { SimulatedFunction } from "./function-registry.ts";

/** How an invocation ended. `lost`: its region went down, nobody will hear of it. */
export type InvocationResult =
  | { readonly type: "succeeded"; readonly payload: unknown }
  | {
      readonly type: "failed";
      readonly errorType: string;
      readonly payload: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "lost" };

/**
 * The payload of a function that threw, as the Node.js runtime spells it. The trace holds its first line only: frames
 * name files of the machine that simulates, and would make runs differ between machines.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
export const thrownPayload = (thrown: unknown): InvocationResult => {
  if (thrown instanceof Error) {
    const { name: errorType, message: errorMessage } = thrown;
    const trace = [errorMessage === "" ? errorType : `${errorType}: ${errorMessage}`];
    return { type: "failed", errorType, payload: { errorType, errorMessage, trace } };
  }
  const errorType = thrown === null ? "null" : typeof thrown;
  return { type: "failed", errorType, payload: { errorType, errorMessage: String(thrown), trace: [] } };
};

/** The process died under the code: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
export const crashed = (requestId: string): InvocationResult => {
  const errorType = "Runtime.ExitError";
  const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`;
  return { type: "failed", errorType, payload: { errorType, errorMessage } };
};

/** https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
export const timedOut = ({ timeoutMs }: SimulatedFunction, requestId: string): InvocationResult => {
  const errorType = "Sandbox.Timedout";
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  return { type: "failed", errorType, payload: { errorType, errorMessage } };
};
