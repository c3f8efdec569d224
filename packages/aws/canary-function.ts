import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Beat, CanaryPort } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAws } from "./failures.ts";

/**
 * Reaches a database by the `canary` function inside its network: plain SQL needs a place in the VPC, and only that one
 * function has it. `functionNames` gives its name by region.
 */
export const createCanaryPort = (connection: Connection, functionName: string): CanaryPort => {
  const invoke = async (region: string, request: unknown): Promise<unknown> => {
    const client = clientFor(connection, "lambda", region, (settings) => new LambdaClient(settings));
    const { Payload, FunctionError } = await callAws("Invoke of the canary function", () =>
      client.send(new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) })),
    );
    const answer = JSON.parse(new TextDecoder().decode(Payload)) as unknown;
    if (FunctionError !== undefined) {
      const { errorType, errorMessage } = answer as { errorType?: string; errorMessage?: string };
      throw new RecoveryError(
        "AwsUnavailable",
        `the canary function failed: ${errorType ?? FunctionError}: ${errorMessage ?? "no message"}`,
      );
    }
    return answer;
  };
  return {
    beat: async (region, request) => (await invoke(region, { action: "beat", ...request })) as Beat,
    newest: async (region, request) =>
      ((await invoke(region, { action: "newest", ...request })) as { newest: Beat | null }).newest,
  };
};
