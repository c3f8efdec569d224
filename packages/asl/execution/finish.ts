import { append, outputDetails } from "./history.ts";
import type { Json } from "../values/json.ts";
import { childrenOf, stateOf, type Failure, type LiveThread, type Run } from "./run.ts";

/** The machine's own thread. It exists for as long as the execution does. */
export const rootOf = (run: Run): LiveThread => {
  for (const thread of run.threads.values()) if (thread.parentId === undefined) return thread;
  throw new Error("an execution has a thread of its own");
};

const stop = (run: Run): void => {
  run.execution.stoppedAtMs = run.nowMs;
  run.queue.length = 0;
};

export const finishSucceeded = (run: Run, output: Json): void => {
  run.execution.status = "SUCCEEDED";
  run.execution.output = output;
  append(run, rootOf(run), "ExecutionSucceeded", outputDetails(output));
  stop(run);
};

const finishUnhappily = (
  run: Run,
  status: "FAILED" | "ABORTED",
  { error, cause }: Pick<Failure, "error" | "cause">,
): void => {
  run.execution.status = status;
  if (error !== undefined) run.execution.error = error;
  if (cause !== undefined) run.execution.cause = cause;
  append(run, rootOf(run), status === "FAILED" ? "ExecutionFailed" : "ExecutionAborted", { error, cause });
  stop(run);
};

export const finishFailed = (run: Run, failure: Failure): void => finishUnhappily(run, "FAILED", failure);

const ABORTABLE = new Set(["Task", "Wait", "Parallel", "Map"]);

/** Ends what a thread's current attempt has under way outside. */
export const cancelTask = (run: Run, thread: LiveThread): void => {
  const { phase } = thread.visit;
  if (phase.type === "task") run.effects.push({ type: "cancel-task", taskId: phase.taskId });
};

/**
 * Stops a thread and all threads under it. They stay where they are, so that a redrive can go on from there; whoever
 * will not need them removes them.
 */
export const abortThread = (run: Run, thread: LiveThread): void => {
  const { phase } = thread.visit;
  if (phase.type === "stopped" || phase.type === "finished") return;
  if (phase.type === "fork" && phase.isStopped === true) return;
  for (const child of childrenOf(run, thread)) abortThread(run, child);
  cancelTask(run, thread);
  const { type } = stateOf(run, thread);
  if (ABORTABLE.has(type)) append(run, thread, `${type}StateAborted`, undefined, { aside: true });
  stopThread(thread);
};

/** Marks a thread as stopped. A fork keeps what its branches have given: a redrive runs only the others. */
export const stopThread = (thread: LiveThread): void => {
  const { phase } = thread.visit;
  thread.visit.phase = phase.type === "fork" ? { ...phase, isStopped: true } : { type: "stopped" };
};

/** Writes that the state of a branch or iteration did not end; the one that failed has this event, too (recorded). */
export const recordAborted = (run: Run, thread: LiveThread): void => {
  const { type } = stateOf(run, thread);
  if (type === "Task" || type === "Wait")
    append(run, thread, `${type}StateAborted`, undefined, { aside: true });
};

/** The execution was stopped from outside (StopExecution). */
export const finishAborted = (run: Run, failure: Pick<Failure, "error" | "cause">): void => {
  abortThread(run, rootOf(run));
  finishUnhappily(run, "ABORTED", failure);
};

/** The machine's TimeoutSeconds has passed, or AWS's limit on an execution's life. There is no error and no cause. */
export const finishTimedOut = (run: Run): void => {
  abortThread(run, rootOf(run));
  run.execution.status = "TIMED_OUT";
  append(run, rootOf(run), "ExecutionTimedOut", {});
  stop(run);
};

/** Takes a thread and all under it out of the execution. */
export const removeThread = (run: Run, thread: LiveThread): void => {
  for (const child of childrenOf(run, thread)) removeThread(run, child);
  run.threads.delete(thread.id);
};
