import { doState } from "./do-state.ts";
import { failState, failureOf } from "./fail-state.ts";
import { cancelTask, finishFailed, finishTimedOut, rootOf, stopThread } from "./finish.ts";
import { childFailed, childSucceeded } from "./fork.ts";
import { EVENT_LIMIT } from "./history.ts";
import type { LiveThread, Run, Work } from "./run.ts";

/**
 * States that one transition may enter where no event limit ends it: an EXPRESS machine, or a child execution, that goes
 * round without ever waiting. Virtual time stands still meanwhile; the real one would run into a time limit.
 */
const SPIN_LIMIT = 100_000;

/** Does what a thread's current state does, until it waits for something or is in the next state. */
const proceed = async (run: Run, thread: LiveThread): Promise<void> => {
  if (thread.visit.phase.type !== "ready") return;
  try {
    await doState(run, thread);
  } catch (error) {
    await failState(run, thread, failureOf(run, thread, error));
  }
};

const work = async (run: Run, item: Work): Promise<void> => {
  if (item.type === "proceed") {
    const thread = run.threads.get(item.threadId);
    if (thread !== undefined) await proceed(run, thread);
    return;
  }
  const child = run.threads.get(item.childId);
  if (child === undefined) return;
  if (item.type === "child-succeeded") await childSucceeded(run, child);
  else await childFailed(run, child, item.failure);
};

/**
 * Ends an execution whose 25,000th event is not its end. Up to 24,999 it goes on waiting; then only success still fits.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html
 */
const enforceEventLimit = (run: Run): void => {
  const { execution, events } = run;
  const excess = execution.lastEventId - (EVENT_LIMIT - 1);
  if (execution.type === "EXPRESS" || excess <= 0) return;
  const first = events.at(-excess);
  if (first === undefined || ENDS.has(first.type)) return;
  events.length -= excess;
  execution.lastEventId -= excess;
  rootOf(run).lastEventId = execution.lastEventId;
  delete execution.output;
  delete execution.error;
  delete execution.cause;
  for (const thread of run.threads.values()) {
    cancelTask(run, thread);
    stopThread(thread);
  }
  finishFailed(run, {
    error: "States.Runtime",
    cause: `The execution reached the maximum number of history events (${EVENT_LIMIT}).`,
  });
};

const ENDS = new Set(["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"]);

const enforceLimits = (run: Run): void => {
  if (run.execution.status === "RUNNING" && run.entered > SPIN_LIMIT) finishTimedOut(run);
  enforceEventLimit(run);
};

/** Works off everything that can be done now. */
export const drain = async (run: Run): Promise<void> => {
  enforceLimits(run);
  for (let item = run.queue.shift(); item !== undefined; item = run.queue.shift()) {
    await work(run, item);
    enforceLimits(run);
  }
};
