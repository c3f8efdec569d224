import { createPostgresCanary, iamPassword } from "@lifeboat/aws/postgres";
import { systemClock, systemFetchText, systemHttp, systemIds, systemResolver } from "@lifeboat/aws/system";
import type { Context, Handler } from "aws-lambda";
import type { FunctionDefinition } from "./define-function.ts";
import type { Runtime } from "./runtime.ts";

const lambdaRuntime = (): Runtime => {
  const region = process.env["AWS_REGION"];
  if (region === undefined) throw new Error("AWS_REGION is not set: this runs in AWS Lambda only");
  const connection = { region };
  return {
    environment: process.env,
    connection,
    clock: systemClock,
    ids: systemIds,
    http: systemHttp,
    fetchText: systemFetchText,
    resolver: systemResolver,
    canaryDatabase: createPostgresCanary(iamPassword(connection), true),
    writeLine: (line) => void process.stdout.write(`${line}\n`),
  };
};

/** The entry point that AWS Lambda calls. Built at the first invocation, so that a definition can be imported anywhere. */
export const onLambda = <Input, Output>(
  definition: FunctionDefinition<Input, Output>,
): Handler<unknown, Output> => {
  let built: ((event: unknown, context: Context) => Promise<Output>) | undefined;
  return (event: unknown, context: Context) => {
    built ??= definition.build(lambdaRuntime());
    return built(event, context);
  };
};
