import type { Connection } from "@lifeboat/aws/connection";
import { systemClock, systemHttp, systemIds, systemResolver } from "@lifeboat/aws/system";
import type { Context, Handler } from "aws-lambda";
import type { FunctionDefinition } from "./define-function.ts";
import type { Runtime } from "./runtime.ts";

const lambdaRuntime = (more: (connection: Connection) => Partial<Runtime>): Runtime => {
  const region = process.env["AWS_REGION"];
  if (region === undefined) throw new Error("AWS_REGION is not set: this runs in AWS Lambda only");
  const connection = { region };
  return {
    environment: process.env,
    connection,
    clock: systemClock,
    ids: systemIds,
    http: systemHttp,
    resolver: systemResolver,
    writeLine: (line) => void process.stdout.write(`${line}\n`),
    ...more(connection),
  };
};

/** The entry point that AWS Lambda calls. Built at the first invocation, so that a definition can be imported anywhere. */
export const onLambda = <Input, Output>(
  definition: FunctionDefinition<Input, Output>,
  /** What this function has beyond the others. */
  more: (connection: Connection) => Partial<Runtime> = () => ({}),
): Handler<unknown, Output> => {
  let built: ((event: unknown, context: Context) => Promise<Output>) | undefined;
  return (event: unknown, context: Context) => {
    built ??= definition.build(lambdaRuntime(more));
    return built(event, context);
  };
};
