import type {
  GetFunctionCommandInput,
  GetFunctionConcurrencyCommandInput,
  GetFunctionConfigurationCommandInput,
  InvocationRequest,
  PutFunctionConcurrencyCommandInput,
} from "@aws-sdk/client-lambda";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import { createWhenUp } from "../../kernel/when-up.ts";
import type { World } from "../../kernel/world.ts";
import { bytesOf, textOf } from "../../wire/bytes.ts";
import type { InvocationResult } from "./function-error.ts";
import type { FunctionHost } from "./function-host.ts";
import {
  createFunctionRegistry,
  type AsyncDelivery,
  type FunctionOptions,
  type SimulatedFunction,
} from "./function-registry.ts";
import { createFunctionUrls, type FunctionUrlOptions } from "./function-url.ts";
import { createRunner, type InvocationRecord } from "./run-function.ts";

/** An asynchronous invocation that failed for good: Lambda has retried it twice, or for six hours. */
export interface DroppedEvent {
  readonly functionName: string;
  readonly region: string;
  readonly payload: unknown;
  readonly atMs: number;
  readonly reason: string;
}

export interface LambdaModel extends ServiceModel {
  createFunction(options: FunctionOptions): SimulatedFunction;
  /** As `PutFunctionEventInvokeConfig`. */
  configureDelivery(region: string, functionName: string, delivery: AsyncDelivery): void;
  /** Gives a function an address that anybody may call; answers it. */
  createFunctionUrl(options: FunctionUrlOptions): string;
  /** A synchronous invocation from inside the region. AwsErrors as the API's; the function's own error is a result. */
  invoke(
    region: string,
    reference: string,
    payload: unknown,
    execution?: string,
  ): Promise<InvocationResult & { readonly requestId: string }>;
  /** An asynchronous invocation from inside the region: queued, retried, at least once. */
  invokeLater(region: string, reference: string, payload: unknown): void;
  readonly invocations: readonly InvocationRecord[];
  readonly dropped: readonly DroppedEvent[];
}

/** Waits before the second and the third attempt. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_AFTER_MS = [60_000, 120_000] as const;
/** Throttled and lost events are tried again at growing intervals of up to five minutes. */
const LONGEST_BACKOFF_MS = 300_000;

const SYNCHRONOUS_LIMIT_BYTES = 6 * 1024 * 1024;
const ASYNCHRONOUS_LIMIT_BYTES = 1024 * 1024;

const decode = (payload: Uint8Array | undefined, limitBytes: number): unknown => {
  if (payload === undefined || payload.byteLength === 0) return {};
  if (payload.byteLength > limitBytes) {
    throw new AwsError(
      "RequestTooLargeException",
      `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`,
      413,
    );
  }
  try {
    return JSON.parse(textOf(payload)) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${reason}`,
      400,
      {
        Type: "User",
      },
    );
  }
};

const encode = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value));

const describe = ({
  functionName,
  functionArn,
  memoryMb,
  timeoutMs,
  roleArn,
  environment,
}: SimulatedFunction): object => ({
  FunctionName: functionName,
  FunctionArn: functionArn,
  Runtime: "nodejs24.x",
  Role: roleArn,
  Handler: "index.handler",
  MemorySize: memoryMb,
  Timeout: timeoutMs / 1000,
  ...(Object.keys(environment).length === 0 ? {} : { Environment: { Variables: environment } }),
  State: "Active",
  LastUpdateStatus: "Successful",
  Version: "$LATEST",
  PackageType: "Zip",
});

/** Lambda of the simulated account. `host` runs the code of all functions in all regions. */
export const createLambda = (world: World, host: FunctionHost): LambdaModel => {
  const { clock } = world;
  const registry = createFunctionRegistry(world.accountId);
  const runner = createRunner(world, registry, host);
  const random = world.random.stream("lambda-events");
  const ids = world.random.stream("lambda-request-ids");
  const whenUp = createWhenUp(world.network);
  const dropped: DroppedEvent[] = [];

  const invokeLater = (region: string, reference: string, payload: unknown): void => {
    const target = registry.find(region, reference);
    const requestId = ids.uuid();
    const acceptedAtMs = clock.nowMs();
    let failures = 0;
    let refusals = 0;
    const drop = (reason: string): void => {
      dropped.push({ functionName: target.functionName, region, payload, atMs: clock.nowMs(), reason });
      const { onFailureArn: resource } = target.delivery;
      if (resource === undefined) return;
      const principal = `function/${target.functionName}@${region}`;
      world.access.ask?.({ principal, service: "sqs", action: "sqs:SendMessage", resource });
    };
    const again = (delayMs: number): void =>
      void clock.after(delayMs, () => whenUp(region, () => void attempt()));
    const attempt = async (): Promise<void> => {
      if (clock.nowMs() - acceptedAtMs > target.delivery.maxAgeMs) {
        drop("EventAgeExceeded");
        return;
      }
      const backOff = (): void => again(Math.min(1000 * 2 ** refusals++, LONGEST_BACKOFF_MS));
      let result: InvocationResult;
      try {
        result = await runner.run(target, { payload, execution: undefined, requestId });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        backOff();
        return;
      }
      if (result.type === "lost") backOff();
      else if (result.type === "failed") {
        const waitMs = failures < target.delivery.retries ? RETRY_AFTER_MS[failures] : undefined;
        failures += 1;
        if (waitMs === undefined) drop("RetriesExhausted");
        else again(waitMs + random.integer(0, 5_000));
      }
    };
    again(random.integer(5, 40));
  };

  const invoke: LambdaModel["invoke"] = async (region, reference, payload, execution) => {
    const target = registry.find(region, reference);
    const requestId = ids.uuid();
    return { ...(await runner.run(target, { payload, execution, requestId })), requestId };
  };

  const invokeOperation = async (input: InvocationRequest, { region, origin }: Call): Promise<object> => {
    const reference = input.FunctionName ?? "";
    if (input.InvocationType === "DryRun") {
      registry.find(region, reference);
      return { StatusCode: 204 };
    }
    if (input.InvocationType === "Event") {
      invokeLater(region, reference, decode(input.Payload, ASYNCHRONOUS_LIMIT_BYTES));
      return { StatusCode: 202 };
    }
    const payload = decode(input.Payload, SYNCHRONOUS_LIMIT_BYTES);
    const result = await invoke(region, reference, payload, origin.execution);
    // The packets of a lost region go nowhere: the caller's own timeout ends its wait.
    if (result.type === "lost") return new Promise<never>(() => undefined);
    return {
      StatusCode: 200,
      ExecutedVersion: "$LATEST",
      ...(result.type === "failed" ? { FunctionError: "Unhandled" } : {}),
      Payload: encode(result.payload),
    };
  };

  return {
    service: "lambda",
    operations: {
      Invoke: invokeOperation,
      GetFunction: ({ FunctionName }: GetFunctionCommandInput, { region }: Call) => ({
        Configuration: describe(registry.find(region, FunctionName)),
        Code: { RepositoryType: "S3" },
      }),
      GetFunctionConfiguration: ({ FunctionName }: GetFunctionConfigurationCommandInput, { region }: Call) =>
        describe(registry.find(region, FunctionName)),
      /** None throttles the function: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html */
      PutFunctionConcurrency(input: PutFunctionConcurrencyCommandInput, { region }: Call) {
        const target = registry.find(region, input.FunctionName);
        target.reservedConcurrency = input.ReservedConcurrentExecutions;
        return { ReservedConcurrentExecutions: target.reservedConcurrency };
      },
      GetFunctionConcurrency: ({ FunctionName }: GetFunctionConcurrencyCommandInput, { region }: Call) => ({
        ReservedConcurrentExecutions: registry.find(region, FunctionName).reservedConcurrency,
      }),
      ListFunctions: (_input: object, { region }: Call) => ({
        Functions: registry.inRegion(region).map(describe),
      }),
    },
    createFunction: (options) => registry.add(options),
    configureDelivery(region, functionName, delivery) {
      registry.find(region, functionName).delivery = delivery;
    },
    createFunctionUrl: createFunctionUrls(world, invoke),
    invoke,
    invokeLater,
    invocations: runner.records,
    dropped,
  };
};
