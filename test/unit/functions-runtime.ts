import type { FunctionDefinition } from "@lifeboat/functions/runtime/define-function";
import type { Runtime } from "@lifeboat/functions/runtime/runtime";
import type { Context } from "aws-lambda";
import { createHandClock, createIds, MACHINE_ARN } from "./operations-world.ts";

export interface RecordedRun {
  /** What the function asked of the world, in order: host names, SQL, HTTP. Every one of them was refused. */
  readonly calls: string[];
  readonly lines: string[];
  readonly invoke: (event: unknown) => Promise<unknown>;
}

/** One container of a function in a world in which every call is noted and fails. */
export const containerOf = (
  definition: FunctionDefinition<unknown, unknown>,
  overrides: Partial<Runtime> = {},
): RecordedRun => {
  const calls: string[] = [];
  const lines: string[] = [];
  const refuse = (what: string): Promise<never> => {
    calls.push(what);
    return Promise.reject(new Error(`${what}: nothing answers here`));
  };
  const runtime: Runtime = {
    environment: {
      PLANS_BUCKET: "plans",
      FAILOVER_MACHINE_ARN: MACHINE_ARN,
      NOTICES_TOPIC_ARN: "arn:aws:sns:eu-west-3:111122223333:notices",
      CANARY_FUNCTION: "canary",
      WORKLOAD: "spacelift",
      APPROVAL_PAGE_URL: "https://page.lambda-url.eu-west-3.on.aws/",
      EVENT_BUS: "lifeboat-spacelift",
      DATABASES: JSON.stringify({
        database: { writerHost: "writer", readerHost: "reader", database: "spacelift", user: "lifeboat" },
      }),
    },
    connection: {
      region: "eu-west-3",
      credentials: { accessKeyId: "AKIA", secretAccessKey: "none" },
      requestHandler: () => ({ handle: (request: { hostname: string }) => refuse(request.hostname) }),
    },
    clock: createHandClock(),
    ids: createIds(),
    http: { get: (url) => refuse(url) },
    fetchText: (url) => refuse(url),
    resolver: { resolve: (host) => refuse(host) },
    canaryDatabase: { writeBeat: () => refuse("writeBeat"), readNewest: () => refuse("readNewest") },
    writeLine: (line) => void lines.push(line),
    ...overrides,
  };
  const handle = definition.build(runtime);
  const context = {
    functionName: definition.name,
    functionVersion: "1",
    invokedFunctionArn: `arn:aws:lambda:eu-west-3:111122223333:function:${definition.name}`,
    memoryLimitInMB: "256",
    awsRequestId: "request-1",
    getRemainingTimeInMillis: () => 60_000,
  } as Context;
  return { calls, lines, invoke: (event) => handle(event, context) };
};
