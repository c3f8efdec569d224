import type { Execution } from "./execution.ts";
import { rootOf } from "./finish.ts";
import { joinIfDone, launchChildren } from "./fork.ts";
import { append, EVENT_LIMIT } from "./history.ts";
import { childrenOf, forkOf, setPhase, stateOf, type LiveThread, type Run } from "./run.ts";
import { enterState } from "./threads.ts";

/** An execution can be redriven for 14 days after its end. */
const REDRIVE_PERIOD_MS = 14 * 24 * 3_600_000;
const REDRIVE_LIMIT = 1000;

/**
 * Whether RedriveExecution would be accepted: STANDARD, ended without success, within 14 days, with room in the
 * history, at most 1,000 times.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export const isRedrivable = (execution: Execution, nowMs: number): boolean =>
  execution.type === "STANDARD" &&
  execution.status !== "RUNNING" &&
  execution.status !== "SUCCEEDED" &&
  nowMs - (execution.stoppedAtMs ?? nowMs) <= REDRIVE_PERIOD_MS &&
  execution.lastEventId < EVENT_LIMIT - 1 &&
  execution.redriveCount < REDRIVE_LIMIT;

/** These go on where they were; other states are entered again. */
const GOES_ON = new Set(["Task", "Wait", "Parallel", "Map"]);

const resumeFork = async (run: Run, thread: LiveThread): Promise<void> => {
  const fork = forkOf(thread);
  if (fork === undefined) return;
  const { isStopped: _, ...rest } = fork;
  // What was tolerated by a Map that was through counts on; it is not there to be run again.
  const failures = fork.next - fork.succeeded - childrenOf(run, thread).length;
  setPhase(thread, { ...rest, failures });
  if (fork.kind === "distributed") {
    const redriveCount = (fork.mapRunRedrives ?? 0) + 1;
    setPhase(thread, { ...rest, failures, mapRunRedrives: redriveCount });
    append(run, thread, "MapRunRedriven", { mapRunArn: fork.mapRunArn, redriveCount });
  }
  for (const child of childrenOf(run, thread)) await resume(run, child, thread.lastEventId);
  launchChildren(run, thread, thread.lastEventId);
  await joinIfDone(run, thread);
};

const resume = async (run: Run, thread: LiveThread, afterEventId: number): Promise<void> => {
  const { visit } = thread;
  if (visit.phase.type === "finished") {
    run.queue.push({ type: "child-succeeded", childId: thread.id });
    return;
  }
  thread.lastEventId = afterEventId;
  const state = stateOf(run, thread);
  visit.retries = state.retriers.map(() => 0);
  visit.retryCount = 0;
  if (visit.phase.type === "fork") {
    await resumeFork(run, thread);
  } else if (GOES_ON.has(state.type)) {
    run.execution.transitions += 1;
    setPhase(thread, { type: "ready" });
    // A Wait counts from now on.
    visit.enteredAtMs = run.nowMs;
    run.queue.push({ type: "proceed", threadId: thread.id });
  } else {
    enterState(run, thread, visit.state, visit.input);
  }
};

/** Goes on from the states that failed or were stopped, with their inputs; what has succeeded is not done again. */
export const redrive = async (run: Run): Promise<void> => {
  const { execution } = run;
  const root = rootOf(run);
  delete execution.error;
  delete execution.cause;
  delete execution.stoppedAtMs;
  execution.status = "RUNNING";
  execution.redriveCount += 1;
  execution.redrivenAtMs = run.nowMs;
  append(run, root, "ExecutionRedriven", { redriveCount: execution.redriveCount });
  await resume(run, root, root.lastEventId);
};
