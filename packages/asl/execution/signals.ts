import { failState, failureOf } from "./fail-state.ts";
import { cancelTask, finishTimedOut } from "./finish.ts";
import type { Signal, TaskPhase } from "./execution.ts";
import { append, outputDetails } from "./history.ts";
import type { Json } from "../values/json.ts";
import { dataLimitFailure, isOverLimit, leaveState } from "./leave-state.ts";
import type { TaskState } from "../definition/machine.ts";
import { setPhase, stateOf, type Failure, type LiveThread, type Run } from "./run.ts";
import { doPass } from "./states/do-simple.ts";
import { eventPrefix, recordStarted, resourceDetails } from "./states/do-task.ts";

interface RunningTask {
  readonly thread: LiveThread;
  readonly state: TaskState;
  readonly phase: TaskPhase;
}

const runningTask = (run: Run, taskId: string): RunningTask | undefined => {
  for (const thread of run.threads.values()) {
    const { phase } = thread.visit;
    if (phase.type !== "task" || phase.taskId !== taskId) continue;
    const state = stateOf(run, thread);
    if (state.type === "Task") return { thread, state, phase };
  }
  return undefined;
};

/** An event about a task, with the members that its family has. */
const appendTaskEvent = (
  run: Run,
  { thread, state }: RunningTask,
  what: "Succeeded" | "Failed" | "TimedOut" | "Submitted" | "SubmitFailed",
  details: Readonly<Record<string, unknown>>,
): void => {
  const isService = state.integration.kind === "service";
  append(run, thread, `${eventPrefix(state)}${what}`, {
    ...(isService ? resourceDetails(state) : {}),
    ...details,
  });
};

/** An activity whose worker was not announced has started all the same. */
const ensureStarted = (run: Run, { thread, state, phase }: RunningTask): void => {
  if (!phase.started) recordStarted(run, thread, state, undefined);
};

const taskFailed = async (run: Run, task: RunningTask, { error, cause }: Failure): Promise<void> => {
  ensureStarted(run, task);
  // Of a callback or a job, the call itself may fail.
  const wasCall = task.state.integration.pattern !== "request-response" && !task.phase.submitted;
  appendTaskEvent(run, task, wasCall ? "SubmitFailed" : "Failed", { error, cause });
  await failState(run, task.thread, { error, cause });
};

const taskSucceeded = async (run: Run, task: RunningTask, output: Json): Promise<void> => {
  const { thread, state } = task;
  if (isOverLimit(output)) {
    const { integration } = state;
    await taskFailed(
      run,
      task,
      dataLimitFailure(integration.kind === "service" ? integration.resourceType : integration.resource),
    );
    return;
  }
  ensureStarted(run, task);
  appendTaskEvent(run, task, "Succeeded", outputDetails(output));
  setPhase(thread, { type: "ready" });
  try {
    await leaveState(
      { run, thread, state },
      {
        output: state.output,
        assign: state.assign,
        next: state.next,
        fallback: output,
        extras: { result: output },
      },
    );
  } catch (error) {
    await failState(run, thread, failureOf(run, thread, error));
  }
};

const taskSubmitted = (run: Run, task: RunningTask, output: Json): void => {
  if (task.phase.submitted || task.state.integration.pattern === "request-response") return;
  appendTaskEvent(run, task, "Submitted", outputDetails(output));
  setPhase(task.thread, { ...task.phase, submitted: true });
};

const taskHeartbeat = (run: Run, { thread, phase }: RunningTask): void => {
  if (phase.heartbeatMs === undefined) return;
  setPhase(thread, { ...phase, heartbeatAtMs: run.nowMs + phase.heartbeatMs });
};

type TaskSignal = Extract<Signal, { taskId: string }>;

/** What a host tells about a task. A task that is unknown or over changes nothing. */
export const receiveTaskSignal = async (run: Run, signal: TaskSignal): Promise<void> => {
  const task = runningTask(run, signal.taskId);
  if (task === undefined) return;
  switch (signal.type) {
    case "task-started":
      if (task.phase.started) return;
      recordStarted(run, task.thread, task.state, signal.workerName);
      setPhase(task.thread, { ...task.phase, started: true });
      return;
    case "task-submitted":
      taskSubmitted(run, task, signal.output);
      return;
    case "task-heartbeat":
      taskHeartbeat(run, task);
      return;
    case "task-succeeded":
      await taskSucceeded(run, task, signal.output);
      return;
    case "task-failed":
      await taskFailed(run, task, { error: signal.error, cause: signal.cause });
  }
};

interface DueTimer {
  readonly atMs: number;
  readonly thread: LiveThread;
  readonly kind: "resume" | "retry" | "timeout" | "heartbeat";
}

const timerOf = (thread: LiveThread): DueTimer | undefined => {
  const { phase } = thread.visit;
  if (phase.type === "waiting") return { atMs: phase.untilMs, thread, kind: "resume" };
  if (phase.type === "backing-off") return { atMs: phase.untilMs, thread, kind: "retry" };
  if (phase.type !== "task") return undefined;
  const { timeoutAtMs = Infinity, heartbeatAtMs = Infinity } = phase;
  return timeoutAtMs <= heartbeatAtMs
    ? { atMs: timeoutAtMs, thread, kind: "timeout" }
    : { atMs: heartbeatAtMs, thread, kind: "heartbeat" };
};

const fire = async (run: Run, { thread, kind }: DueTimer): Promise<void> => {
  const state = stateOf(run, thread);
  if (kind === "retry") {
    setPhase(thread, { type: "ready" });
    run.queue.push({ type: "proceed", threadId: thread.id });
    return;
  }
  if (kind === "resume") {
    if (state.type !== "Wait") return;
    setPhase(thread, { type: "ready" });
    try {
      await doPass({ run, thread, state });
    } catch (error) {
      await failState(run, thread, failureOf(run, thread, error));
    }
    return;
  }
  const failure = { error: "States.Timeout", cause: undefined };
  await failState(run, thread, kind === "heartbeat" ? { ...failure, isHeartbeat: true } : failure);
};

const recordTimeout = (run: Run, { thread, kind }: DueTimer): void => {
  const state = stateOf(run, thread);
  const { phase } = thread.visit;
  if ((kind !== "timeout" && kind !== "heartbeat") || state.type !== "Task" || phase.type !== "task") return;
  cancelTask(run, thread);
  appendTaskEvent(run, { thread, state, phase }, "TimedOut", { error: "States.Timeout" });
  setPhase(thread, { type: "ready" });
};

/**
 * Fires the timers that are due, oldest first; those of one instant are all written down before any has consequences
 * (recorded: four iterations that time out together each have their event). Returns whether any was due.
 */
export const fireTimers = async (run: Run): Promise<boolean> => {
  const due = [...run.threads.values()]
    .map(timerOf)
    .filter((timer) => timer !== undefined && timer.atMs <= run.nowMs) as DueTimer[];
  const earliestMs = Math.min(...due.map(({ atMs }) => atMs));
  if (run.execution.timeoutAtMs <= Math.min(run.nowMs, earliestMs)) {
    finishTimedOut(run);
    return true;
  }
  const group = due.filter(({ atMs }) => atMs === earliestMs);
  for (const timer of group) recordTimeout(run, timer);
  for (const timer of group) {
    const isAlive = run.execution.status === "RUNNING" && run.threads.has(timer.thread.id);
    if (isAlive && timer.thread.visit.phase.type !== "stopped") await fire(run, timer);
  }
  return group.length > 0;
};
