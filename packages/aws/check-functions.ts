import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Readiness } from "@lifeboat/operations/ports";
import type { Finding } from "@lifeboat/recovery/readiness";
import { clientFor, type Connection } from "./connection.ts";
import { callAws } from "./failures.ts";

/** As long as such a function may run: within it each of its calls has had its two attempts. */
const PATIENCE = { timeoutMs: 15_000, attempts: 2 };

/**
 * A function that dies answers at once and has changed nothing: it is asked again. What it could not learn is no reason to
 * refuse a failover; only a part that goes on failing is.
 */
const INVOCATIONS = 3;

/** Asks the functions that look at a part of the standby. `prefix` is what their names begin with, before the part's. */
export const createReadiness = (connection: Connection, prefix: string): Readiness => ({
  async look(region, part, request) {
    const name = `${prefix}${part}`;
    const client = clientFor(
      connection,
      "lambda-checks",
      region,
      (settings) => new LambdaClient(settings),
      PATIENCE,
    );
    for (let invocation = 1; ; invocation++) {
      const { Payload, FunctionError } = await callAws(`Invoke of ${name}`, () =>
        client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request) })),
      );
      const answer = JSON.parse(new TextDecoder().decode(Payload)) as {
        readonly findings?: readonly Finding[];
        readonly errorType?: string;
        readonly errorMessage?: string;
      };
      if (FunctionError === undefined && answer.findings !== undefined) return answer.findings;
      if (invocation < INVOCATIONS) continue;
      throw new RecoveryError(
        "AwsUnavailable",
        `${name} failed: ${answer.errorType ?? FunctionError ?? "no findings"}: ${answer.errorMessage ?? "no message"}`,
      );
    }
  },
});
