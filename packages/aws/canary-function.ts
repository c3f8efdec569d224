import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Beat, BeatAnswer, CanaryPort } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAws } from "./failures.ts";

/**
 * Reaches a database by the `canary` function inside its network: plain SQL needs a place in the VPC, and only that one
 * function has it. `functionNames` gives its name by region.
 */
export const createCanaryPort = (connection: Connection, functionName: string): CanaryPort => {
  const invoke = async (
    region: string,
    request: unknown,
  ): Promise<{ readonly answer: unknown; readonly isFirst: boolean }> => {
    const client = clientFor(connection, "lambda", region, (settings) => new LambdaClient(settings));
    const { Payload, FunctionError, $metadata } = await callAws("Invoke of the canary function", () =>
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
    return { answer, isFirst: $metadata.attempts === 1 };
  };
  return {
    beat: async (region, request) => {
      const { answer, isFirst } = await invoke(region, { action: "beat", ...request });
      const said = answer as BeatAnswer;
      // The attempt before may have been carried out, or may be still.
      if (said.type === "unreached" && !isFirst)
        throw new RecoveryError("AwsUnavailable", `a second attempt found no database: ${said.reason}`);
      return said;
    },
    newest: async (region, request) =>
      ((await invoke(region, { action: "newest", ...request })).answer as { newest: Beat | null }).newest,
  };
};
