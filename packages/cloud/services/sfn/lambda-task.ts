import { AwsError } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import type { LambdaModel } from "../lambda/create-lambda.ts";
import type { ExecutionRecord } from "./execution-record.ts";
import { exceptionName } from "./integration-names.ts";
import type { Json } from "./interpreter-port.ts";
import { originOfExecution } from "./sdk-task.ts";
import type { TaskOutcome } from "./task-outcome.ts";

type Fields = Readonly<Record<string, Json>>;

/** The result of `lambda:invoke`, as recorded executions have it. */
const invokeResult = (world: World, payload: Json, requestId: string): Json => {
  const length = String(Buffer.byteLength(JSON.stringify(payload)));
  const headers: Readonly<Record<string, string>> = {
    "X-Amz-Executed-Version": "$LATEST",
    "x-amzn-Remapped-Content-Length": "0",
    Connection: "keep-alive",
    "x-amzn-RequestId": requestId,
    "Content-Length": length,
    Date: new Date(world.clock.nowMs()).toUTCString(),
    "Content-Type": "application/json",
  };
  return {
    ExecutedVersion: "$LATEST",
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
};

/** Step Functions' own client has lost its connection: what the function does meanwhile it never learns. */
const UNHEARD: TaskOutcome = {
  type: "failed",
  error: "Lambda.SdkClientException",
  cause: "Unable to execute HTTP request",
};

/** Runs `lambda:invoke`, or a function named by its bare ARN, for an execution. */
export const runLambdaTask = async (
  world: World,
  lambda: LambdaModel,
  record: ExecutionRecord,
  resource: string,
  args: Json,
): Promise<TaskOutcome> => {
  const { region } = record.machine;
  const isBare = !resource.startsWith("arn:aws:states:");
  const fields = isBare ? {} : (args as Fields);
  const reference = isBare ? resource : (fields["FunctionName"] as string);
  const payload = isBare ? args : (fields["Payload"] ?? {});
  const refusal = world.access.ask?.({
    principal: originOfExecution(record).principal,
    service: "lambda",
    action: "lambda:InvokeFunction",
    resource: reference.startsWith("arn:")
      ? reference
      : `arn:aws:lambda:${region}:${world.accountId}:function:${reference}`,
  });
  if (refusal !== undefined) {
    // Lambda's client in Step Functions has no class of its own for it.
    const cause = `${refusal.message} (Service: AWSLambda; Status Code: 403; Error Code: ${refusal.code})`;
    return { type: "failed", error: "Lambda.AWSLambdaException", cause };
  }
  try {
    if (fields["InvocationType"] === "Event") {
      lambda.invokeLater(region, reference, payload);
      return { type: "answered", output: { StatusCode: 202 } };
    }
    const fault = world.faults.invocation?.(region, originOfExecution(record));
    if (fault?.type === "refuse") throw new AwsError(fault.code, fault.message, fault.status);
    const hopMs = world.faults.extraLatencyMs?.(region, region, record.arn) ?? 0;
    if (hopMs > 0) await world.clock.sleep(hopMs);
    const running = lambda.invoke(region, reference, payload, record.arn);
    if (fault?.type === "lose-reply") {
      const { afterMs } = fault;
      await (afterMs === null ? running : Promise.race([running, world.clock.sleep(afterMs)]));
      return UNHEARD;
    }
    const result = await running;
    if (hopMs > 0) await world.clock.sleep(hopMs);
    // The service lost the connection together with its region, and says so when both are back.
    if (result.type === "lost") return UNHEARD;
    if (result.type === "failed") {
      // A function's error is named by its type; the cause is the whole payload.
      return { type: "failed", error: result.errorType, cause: JSON.stringify(result.payload) };
    }
    const output = result.payload as Json;
    return { type: "answered", output: isBare ? output : invokeResult(world, output, result.requestId) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return {
      type: "failed",
      error: `Lambda.${exceptionName(error.code)}`,
      cause: `${error.message} (Service: Lambda, Status Code: ${error.status})`,
    };
  }
};
