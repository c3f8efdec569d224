import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Tending } from "@lifeboat/operations/ports";
import {
  tendingBy,
  type ServicesAnswer,
  type ServicesRequest,
  type StandbyAnswer,
  type StandbyRequest,
} from "@lifeboat/operations/tending/tend-request";
import { RecoveryError } from "@lifeboat/recovery/errors";
import { clientFor, type Connection } from "./connection.ts";
import { callAws } from "./failures.ts";

/**
 * A tick waits no longer: leases have to be renewed. The function goes on by itself, and no other act on the same begins
 * meanwhile. One attempt: a second one would be refused as long as the first one runs.
 */
const PATIENCE = { timeoutMs: 10_000, attempts: 1 };

/** Asks the functions that act on a site's own services, database, switches and people. `prefix`: what their names begin with. */
export const createTending = (connection: Connection, prefix: string): Tending => {
  const ask = async (
    region: string,
    name: string,
    request: ServicesRequest | StandbyRequest,
  ): Promise<unknown> => {
    const client = clientFor(
      connection,
      "lambda-tending",
      region,
      (settings) => new LambdaClient(settings),
      PATIENCE,
    );
    const what = `Invoke of ${name} to ${request.act}`;
    const { Payload, FunctionError } = await callAws(what, () =>
      client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request) })),
    );
    const answer = JSON.parse(new TextDecoder().decode(Payload)) as unknown;
    if (FunctionError === undefined) return answer;
    const { errorType, errorMessage } = answer as { errorType?: string; errorMessage?: string };
    throw new RecoveryError(
      "AwsUnavailable",
      `${what}: ${errorType ?? FunctionError}: ${errorMessage ?? "no message"}`,
    );
  };
  return tendingBy({
    services: async (region, request) => (await ask(region, `${prefix}services`, request)) as ServicesAnswer,
    standby: async (region, request) => (await ask(region, `${prefix}standby`, request)) as StandbyAnswer,
  });
};
