import { AwsError } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import type { LambdaModel } from "../lambda/create-lambda.ts";
import { describeExecution, type ExecutionRecord } from "./execution-record.ts";
import { exceptionName } from "./integration-names.ts";
import type { Effect, Json } from "./interpreter-port.ts";
import { runLambdaTask } from "./lambda-task.ts";
import { originOfExecution, runSdkTask, type CallApi } from "./sdk-task.ts";
import type { TaskOutcome } from "./task-outcome.ts";

export type StartTask = Extract<Effect, { type: "start-task" }>;

/** What a task's call needs of the service around it. */
export interface TaskSurroundings {
  readonly world: World;
  readonly lambda: LambdaModel;
  readonly api: CallApi;
  /** Resolves with the record when the execution has ended. */
  whenEnded(arn: string): Promise<ExecutionRecord>;
}

/** How the machine goes on after the call: with its answer, or only after a callback or the end of a job. */
export type TaskPattern = "request-response" | "sync" | "wait-for-task-token";

const OPTIMISED =
  /^arn:aws:states:::(?<service>[a-z0-9-]+):(?:(?<sdk>[a-z0-9]+):)?(?<operation>[A-Za-z0-9]+)(?<suffix>\.(?:sync|sync:2|waitForTaskToken))?$/;

/** Reads a task's resource. */
export const readResource = (
  resource: string,
):
  | {
      readonly service: string;
      readonly operation: string;
      readonly pattern: TaskPattern;
      readonly suffix: string;
    }
  | undefined => {
  const groups = OPTIMISED.exec(resource)?.groups;
  if (groups === undefined) return undefined;
  const suffix = groups["suffix"] ?? "";
  const pattern =
    suffix === "" ? "request-response" : suffix === ".waitForTaskToken" ? "wait-for-task-token" : "sync";
  const { service = "", sdk, operation = "" } = groups;
  return { service: service === "aws-sdk" ? (sdk ?? "") : service, operation, pattern, suffix };
};

type Fields = Readonly<Record<string, Json>>;

const asText = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);

/** `states:startExecution`: Pascal-case names, input and output as JSON and not as text. */
const startNested = async (
  around: TaskSurroundings,
  record: ExecutionRecord,
  args: Json,
): Promise<TaskOutcome> => {
  const fields = args as Fields;
  const input = {
    stateMachineArn: asText(fields["StateMachineArn"]),
    input: JSON.stringify(fields["Input"] ?? {}),
    ...(fields["Name"] === undefined ? {} : { name: asText(fields["Name"]) }),
  };
  const call = { region: record.machine.region, origin: originOfExecution(record) };
  try {
    const output = await around.api.callFromInside("sfn", "StartExecution", input, call);
    const startDate = output["startDate"] as Date;
    return {
      type: "answered",
      output: { ExecutionArn: String(output["executionArn"]), StartDate: startDate.toISOString() },
    };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { type: "failed", error: `StepFunctions.${exceptionName(error.code)}`, cause: error.message };
  }
};

/** The end of a nested execution: `.sync` keeps its output as text, `.sync:2` as JSON. */
export const awaitNested = async (
  around: TaskSurroundings,
  arn: string,
  suffix: string,
): Promise<TaskOutcome> => {
  const ended = await around.whenEnded(arn);
  const described = describeExecution(ended, around.world.clock.nowMs());
  const asJson = (value: unknown): Json =>
    suffix === ".sync:2" && typeof value === "string" ? (JSON.parse(value) as Json) : (value as Json);
  const output: Record<string, Json> = {};
  for (const [name, value] of Object.entries(described)) {
    if (value === undefined || name.startsWith("redrive")) continue;
    const key = name.charAt(0).toUpperCase() + name.slice(1);
    if (value instanceof Date) output[key] = value.getTime();
    else if (name === "inputDetails" || name === "outputDetails") output[key] = { Included: true };
    else if (name === "input" || name === "output") output[key] = asJson(value);
    else output[key] = value as Json;
  }
  if (ended.state.status === "SUCCEEDED") return { type: "answered", output };
  return { type: "failed", error: "States.TaskFailed", cause: JSON.stringify(output) };
};

/** Makes the call of a task. Rejects only by a fault of the simulation. */
export const makeCall = (
  around: TaskSurroundings,
  record: ExecutionRecord,
  task: StartTask,
): Promise<TaskOutcome> => {
  const { resource, arguments: args } = task;
  if (resource.startsWith("arn:aws:lambda:"))
    return runLambdaTask(around.world, around.lambda, record, resource, args);
  const read = readResource(resource);
  if (read === undefined) {
    return Promise.reject(new AwsError("NotSimulated", `Tasks of ${resource} are not simulated`, 501));
  }
  const isSdk = resource.startsWith("arn:aws:states:::aws-sdk:");
  const { service, operation } = read;
  if (isSdk) return runSdkTask(around.api, record, service, operation, args);
  if (service === "lambda" && operation === "invoke") {
    return runLambdaTask(around.world, around.lambda, record, resource, args);
  }
  if (service === "states" && operation === "startExecution") return startNested(around, record, args);
  if (service === "sns" && operation === "publish") {
    const fields = args as Fields;
    // The optimised integration takes a message as JSON, too.
    const message = asText(fields["Message"]);
    return runSdkTask(
      around.api,
      record,
      "sns",
      "publish",
      message === undefined ? args : { ...fields, Message: message },
    );
  }
  if (service === "events" && operation === "putEvents") {
    const entries = ((args as Fields)["Entries"] ?? []) as readonly Fields[];
    const written = entries.map((entry) => ({ ...entry, Detail: asText(entry["Detail"]) ?? "{}" }));
    return runSdkTask(around.api, record, "eventbridge", "putEvents", { Entries: written });
  }
  return Promise.reject(new AwsError("NotSimulated", `Tasks of ${resource} are not simulated`, 501));
};
