import { compile } from "./definition/compile.ts";
import { evaluateField, evaluateNumber, type Place } from "./execution/evaluate-field.ts";
import { failState, failureOf } from "./execution/fail-state.ts";
import { takesFailure } from "./execution/error-names.ts";
import { toleranceExceeded } from "./execution/fork.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "./values/json.ts";
import { leaveState } from "./execution/leave-state.ts";
import type { MapState, ParallelState, State, TaskState } from "./definition/machine.ts";
import { drawUuid, hashSeed } from "./values/random.ts";
import { retryDelaySeconds } from "./execution/retry-delay.ts";
import { openRun, type Failure, type LiveThread, type Run } from "./execution/run.ts";
import { LONGEST_SECONDS } from "./definition/state-fields.ts";
import { doState } from "./execution/do-state.ts";
import { doPass } from "./execution/states/do-simple.ts";
import { spawnThread } from "./execution/threads.ts";

/** What TestState takes. Tasks, Maps and Parallels do nothing: `mock` says how they end. */
export interface TestStateRequest {
  /** A state, or a machine of which `stateName` names one. */
  readonly definition: JsonObject;
  readonly stateName?: string | undefined;
  readonly input?: Json | undefined;
  readonly variables?: JsonObject | undefined;
  /** `$states.context`, in place of the one that would be made up. */
  readonly context?: JsonObject | undefined;
  readonly roleArn?: string | undefined;
  readonly mock?:
    | {
        readonly result?: Json;
        readonly errorOutput?: { readonly error?: string; readonly cause?: string };
      }
    | undefined;
  readonly stateConfiguration?:
    | {
        readonly retrierRetryCount?: number;
        readonly mapIterationFailureCount?: number;
        readonly errorCausedByState?: string;
        /** JSON text of what the reader of a Map would have read. */
        readonly mapItemReaderData?: string;
      }
    | undefined;
  readonly nowMs: number;
  readonly seed: number | string;
}

export interface TestStateAnswer {
  readonly status: "SUCCEEDED" | "FAILED" | "RETRIABLE" | "CAUGHT_ERROR";
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  readonly inspectionData: JsonObject;
}

/** Names that a state goes on to; they need to be there, and nothing more. */
const targetsOf = (value: Json): string[] => {
  if (isJsonArray(value)) return value.flatMap(targetsOf);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    if ((key === "Next" || key === "Default") && typeof member === "string") return [member];
    return key === "Choices" || key === "Catch" ? targetsOf(member) : [];
  });
};

const isolate = ({ definition, stateName }: TestStateRequest): { name: string; machine: JsonObject } => {
  const states = definition["States"];
  const name = stateName ?? "StateName";
  const state = isJsonObject(states) && stateName !== undefined ? states[stateName] : definition;
  if (!isJsonObject(state)) throw new Error(`the definition has no state '${name}'`);
  const others = targetsOf(state).filter((target) => target !== name);
  return {
    name,
    machine: {
      ...(definition["QueryLanguage"] === undefined ? {} : { QueryLanguage: definition["QueryLanguage"] }),
      StartAt: name,
      States: { [name]: state, ...Object.fromEntries(others.map((target) => [target, { Type: "Succeed" }])) },
    },
  };
};

const openTestRun = (request: TestStateRequest, definition: JsonObject): Run => {
  const { nowMs, seed, input = {}, roleArn = "", context } = request;
  const machine = compile(definition, { allowItemReader: true });
  const chance = { state: hashSeed(seed) };
  const [machineName, executionName] = [drawUuid(chance), drawUuid(chance)];
  const account = "us-east-1:111111111111";
  const run = openRun(
    machine,
    {
      status: "RUNNING",
      executionArn: `arn:aws:states:${account}:express:${machineName}:${executionName}`,
      executionName,
      stateMachineArn: `arn:aws:states:${account}:stateMachine:${machineName}`,
      stateMachineName: machineName,
      roleArn,
      type: "STANDARD",
      input,
      seed,
      startedAtMs: nowMs,
      timeoutAtMs: Infinity,
      redriveCount: 0,
      lastEventId: 0,
      transitions: 0,
      chanceState: chance.state,
      nextThreadId: 0,
      nextTaskNumber: 1,
      threads: [],
    },
    nowMs,
  );
  return { ...run, testContext: context ?? {} };
};

/** The end that the call asks for, or a failure. */
const mocked = ({ mock }: TestStateRequest): { result: Json } | { failure: Failure } => {
  if (mock?.errorOutput !== undefined) {
    return { failure: { error: mock.errorOutput.error, cause: mock.errorOutput.cause } };
  }
  if (mock?.result === undefined) throw new Error("a Task, a Map or a Parallel needs a mock");
  return { result: mock.result };
};

type Inspection = Record<string, Json>;

const inspectMap = async (
  place: Place & { readonly state: MapState },
  request: TestStateRequest,
  inspection: Inspection,
): Promise<Failure | undefined> => {
  const { state } = place;
  const range = { least: 0, most: LONGEST_SECONDS, numericText: true } as const;
  inspection["maxConcurrency"] =
    state.maxConcurrency === undefined ? 0 : await evaluateNumber(place, state.maxConcurrency, range);
  let isExceeded = false;
  const failures = request.stateConfiguration?.mapIterationFailureCount ?? 0;
  if (state.toleratedFailureCount !== undefined) {
    const count = await evaluateNumber(place, state.toleratedFailureCount, range);
    inspection["toleratedFailureCount"] = count;
    isExceeded = failures > count;
  }
  if (state.toleratedFailurePercentage !== undefined) {
    const percentage = await evaluateNumber(place, state.toleratedFailurePercentage, {
      ...range,
      fraction: true,
    });
    inspection["toleratedFailurePercentage"] = percentage;
    const items =
      state.items === undefined ? place.thread.visit.input : await evaluateField(place, state.items);
    isExceeded ||= isJsonArray(items) && failures * 100 > percentage * items.length;
  }
  return isExceeded ? toleranceExceeded : undefined;
};

/** Runs what the mock stands for: the state's fields before and after are evaluated. */
const doMocked = async (
  place: Place & { readonly state: TaskState | MapState | ParallelState },
  request: TestStateRequest,
  inspection: Inspection,
): Promise<Failure | undefined> => {
  const { run, thread, state } = place;
  try {
    if (state.type !== "Map" && state.arguments !== undefined) {
      inspection["afterArguments"] = await evaluateField(place, state.arguments, {
        token: drawUuid(run.chance),
      });
    }
    const exceeded =
      state.type === "Map" ? await inspectMap({ run, thread, state }, request, inspection) : undefined;
    if (exceeded !== undefined) return exceeded;
    const end = mocked(request);
    if ("failure" in end) return end.failure;
    if (state.type === "Task") inspection["result"] = end.result;
    await leaveState(place, {
      output: state.output,
      assign: state.assign,
      next: state.next,
      fallback: end.result,
      extras: { result: end.result },
    });
    return undefined;
  } catch (error) {
    return failureOf(run, thread, error);
  }
};

const errorDetailsOf = (
  state: State,
  failure: Failure,
  thread: LiveThread,
  isCaught: boolean,
): JsonObject => {
  const catchIndex = state.catchers.findIndex(({ errors }) => takesFailure(errors, failure));
  if (isCaught) return { catchIndex };
  const retryIndex = state.retriers.findIndex(({ errors }) => takesFailure(errors, failure));
  const retrier = state.retriers[retryIndex];
  if (retrier === undefined) return {};
  if (thread.visit.phase.type !== "backing-off") return { retryIndex };
  const attempt = (thread.visit.retries[retryIndex] ?? 1) - 1;
  return { retryIndex, retryBackoffIntervalSeconds: retryDelaySeconds(retrier, attempt) };
};

/**
 * Runs one state on its own, with what its tasks do mocked, as Step Functions' TestState does at inspection level TRACE.
 *
 * @throws {DefinitionError} The state is none that the interpreter runs.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
 */
export const testState = async (request: TestStateRequest): Promise<TestStateAnswer> => {
  const { name, machine } = isolate(request);
  const run = openTestRun(request, machine);
  const { variables = {}, input = {} } = request;
  const thread = spawnThread(run, { index: 0, processor: 0, variables, lastEventId: 0, input });
  const state = run.machine.processors[0]?.states.get(name);
  if (state === undefined) throw new Error(`the definition has no state '${name}'`);
  const retryCount = request.stateConfiguration?.retrierRetryCount ?? 0;
  thread.visit.retries = state.retriers.map(() => retryCount);
  thread.visit.retryCount = retryCount;
  const inspection: Inspection = { input };
  const place = { run, thread };
  let failure: Failure | undefined;
  if (state.type === "Task" || state.type === "Map" || state.type === "Parallel") {
    failure = await doMocked({ ...place, state }, request, inspection);
  } else {
    try {
      await doState(run, thread);
      // TestState does not wait.
      if (state.type === "Wait" && thread.visit.phase.type === "waiting")
        await doPass({ run, thread, state });
    } catch (error) {
      failure = failureOf(run, thread, error);
    }
  }
  if (failure !== undefined) await failState(run, thread, failure);
  if (request.variables !== undefined) inspection["variables"] = thread.variables;
  return answerOf(run, thread, state, failure, inspection);
};

const answerOf = (
  run: Run,
  thread: LiveThread,
  state: State,
  failure: Failure | undefined,
  inspection: Inspection,
): TestStateAnswer => {
  const { execution } = run;
  const hasMoved = thread.visit.state !== state.name;
  if (failure !== undefined) {
    const errorDetails = errorDetailsOf(state, failure, thread, hasMoved);
    if (Object.keys(errorDetails).length > 0) inspection["errorDetails"] = errorDetails;
  }
  const error = failure?.error ?? execution.error;
  const cause = failure?.cause ?? execution.cause;
  const isRetriable = !hasMoved && thread.visit.phase.type === "backing-off";
  const output = hasMoved ? thread.visit.input : execution.output;
  const status =
    execution.status === "FAILED"
      ? "FAILED"
      : isRetriable
        ? "RETRIABLE"
        : failure === undefined
          ? "SUCCEEDED"
          : "CAUGHT_ERROR";
  return {
    status,
    ...(output === undefined || isRetriable ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(hasMoved ? { nextState: thread.visit.state } : {}),
    inspectionData: inspection,
  };
};
