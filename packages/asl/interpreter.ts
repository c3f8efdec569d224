import { compile } from "./definition/compile.ts";
import { drain } from "./execution/drain.ts";
import type { Execution, Signal, Transition } from "./execution/execution.ts";
import { DefinitionError } from "./definition/finding.ts";
import { finishAborted } from "./execution/finish.ts";
import { inputDetails } from "./execution/history.ts";
import type { Json } from "./values/json.ts";
import type { Machine } from "./definition/machine.ts";
import { hashSeed } from "./values/random.ts";
import { isRedrivable, redrive } from "./execution/redrive.ts";
import { closeRun, openRun, type Run } from "./execution/run.ts";
import { fireTimers, receiveTaskSignal } from "./execution/signals.ts";
import { spawnThread } from "./execution/threads.ts";

export type {
  Effect,
  Execution,
  ExecutionStatus,
  HistoryEvent,
  Signal,
  StartTask,
  Transition,
} from "./execution/execution.ts";
export type { Json, JsonObject } from "./values/json.ts";
export type { Machine } from "./definition/machine.ts";
export { compile, DefinitionError, isRedrivable };

export interface StartRequest {
  readonly machine: Machine;
  readonly executionArn: string;
  readonly executionName: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly input: Json;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Of everything that is left to chance: jitter, `$random`, `$uuid`, tokens, names of child executions. */
  readonly seed: number | string;
  readonly type?: "STANDARD" | "EXPRESS";
}

const YEAR_MS = 365 * 24 * 3_600_000;
const EXPRESS_LIFE_MS = 5 * 60_000;

const timeoutAt = (machine: Machine, type: "STANDARD" | "EXPRESS", fromMs: number): number => {
  const lifeMs = type === "EXPRESS" ? EXPRESS_LIFE_MS : YEAR_MS;
  return fromMs + Math.min(lifeMs, (machine.timeoutSeconds ?? Infinity) * 1000);
};

/**
 * Starts an execution and does everything that needs no waiting.
 *
 * @throws {DefinitionError} The type is EXPRESS and the machine waits for tokens, jobs or activities, or has a
 *   distributed Map.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const start = async (request: StartRequest): Promise<Transition> => {
  const { machine, startedAtMs, type = "STANDARD", input, seed } = request;
  if (type === "EXPRESS" && machine.standardOnly !== undefined) {
    const message = `an EXPRESS state machine cannot do that: ${machine.standardOnly}`;
    throw new DefinitionError([{ path: [], rule: "express", message }]);
  }
  const created: Execution = {
    status: "RUNNING",
    executionArn: request.executionArn,
    executionName: request.executionName,
    stateMachineArn: request.stateMachineArn,
    stateMachineName: request.stateMachineName,
    roleArn: request.roleArn,
    type,
    input,
    seed,
    startedAtMs,
    timeoutAtMs: timeoutAt(machine, type, startedAtMs),
    redriveCount: 0,
    lastEventId: 0,
    transitions: 0,
    chanceState: hashSeed(seed),
    nextThreadId: 0,
    nextTaskNumber: 1,
    threads: [],
  };
  const run = openRun(machine, created, startedAtMs);
  appendStarted(run, request);
  // Recorded: the first state comes after event 0, not after ExecutionStarted.
  spawnThread(run, { index: 0, processor: 0, variables: {}, lastEventId: 0, input });
  await drain(run);
  return closeRun(run);
};

const appendStarted = (run: Run, { input, roleArn }: StartRequest): void => {
  run.execution.lastEventId = 1;
  run.events.push({
    id: 1,
    previousEventId: 0,
    type: "ExecutionStarted",
    timestampMs: run.nowMs,
    executionStartedEventDetails: { ...inputDetails(input), roleArn },
  });
};

/**
 * Takes a signal at `nowMs` and does everything that then needs no waiting. Pure: the same machine, execution, signal
 * and time give the same transition; the execution that is given stays as it is. Timers that are due fire first, in
 * their order. Signals for unknown or finished tasks, and any but `redrive` for a finished execution, change nothing.
 */
export const advance = async (
  machine: Machine,
  execution: Execution,
  signal: Signal,
  nowMs: number,
): Promise<Transition> => {
  const run = openRun(machine, execution, nowMs);
  const isRunning = () => run.execution.status === "RUNNING";
  while (isRunning() && (await fireTimers(run))) await drain(run);
  if (signal.type === "redrive") {
    if (isRedrivable(execution, nowMs)) {
      run.execution.timeoutAtMs = timeoutAt(machine, execution.type, nowMs);
      await redrive(run);
    }
  } else if (isRunning()) {
    if (signal.type === "abort") finishAborted(run, { error: signal.error, cause: signal.cause });
    else if (signal.type !== "wake") await receiveTaskSignal(run, signal);
  }
  await drain(run);
  return closeRun(run);
};
