import { FieldError, recordEvaluationFailure, type Place } from "./evaluate-field.ts";
import { takesFailure } from "./error-names.ts";
import { finishFailed, removeThread, stopThread } from "./finish.ts";
import { append } from "./history.ts";
import { DataLimitError, leaveState } from "./leave-state.ts";
import type { JsonObject } from "../values/json.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { childrenOf, setPhase, stateOf, type Failure, type LiveThread, type Run } from "./run.ts";

/** `$states.errorOutput`, and a catcher's output where it has none of its own. */
const errorOutputOf = ({ error, cause }: Failure): JsonObject => ({
  ...(error === undefined ? {} : { Error: error }),
  ...(cause === undefined ? {} : { Cause: cause }),
});

const dropChildren = (run: Run, thread: LiveThread): void => {
  for (const child of childrenOf(run, thread)) removeThread(run, child);
};

/** Retries if the first retrier that takes the error has attempts left. */
const retry = ({ run, thread, state }: Place, failure: Failure): boolean => {
  const index = state.retriers.findIndex((retrier) => takesFailure(retrier.errors, failure));
  const retrier = state.retriers[index];
  const attempts = thread.visit.retries[index] ?? 0;
  if (retrier === undefined || attempts >= retrier.maxAttempts) return false;
  dropChildren(run, thread);
  run.execution.transitions += 1;
  thread.visit.retries = thread.visit.retries.with(index, attempts + 1);
  thread.visit.retryCount += 1;
  const delayMs = retryDelayMs(retrier, attempts, run.chance);
  setPhase(thread, { type: "backing-off", untilMs: run.nowMs + delayMs });
  return true;
};

/** Moves on by the first catcher that takes the error. Its own Output or Assign may fail: nothing catches that. */
const catchFailure = async (place: Place, failure: Failure): Promise<boolean> => {
  const catcher = place.state.catchers.find(({ errors }) => takesFailure(errors, failure));
  if (catcher === undefined) return false;
  const errorOutput = errorOutputOf(failure);
  await leaveState(place, {
    output: catcher.output,
    assign: catcher.assign,
    next: catcher.next,
    fallback: errorOutput,
    extras: { errorOutput },
  });
  dropChildren(place.run, place.thread);
  return true;
};

const giveUp = ({ run, thread, state }: Place, failure: Failure): void => {
  if (state.type === "Map" || state.type === "Parallel")
    append(run, thread, `${state.type}StateFailed`, undefined);
  // Children stay, stopped, for a redrive.
  stopThread(thread);
  if (thread.parentId === undefined) finishFailed(run, failure);
  else run.queue.push({ type: "child-failed", childId: thread.id, failure });
};

/** The current state has failed: retry, catch, or give the error to whatever is around. */
export const failState = async (run: Run, thread: LiveThread, failure: Failure): Promise<void> => {
  const place = { run, thread, state: stateOf(run, thread) };
  if (retry(place, failure)) return;
  try {
    if (await catchFailure(place, failure)) return;
  } catch (error) {
    giveUp(place, failureOf(run, thread, error));
    return;
  }
  giveUp(place, failure);
};

/** The failure that an exception of evaluating a field stands for; any other exception is a fault of this program. */
export const failureOf = (run: Run, thread: LiveThread, error: unknown): Failure => {
  if (error instanceof FieldError) return recordEvaluationFailure(run, thread, error);
  if (error instanceof DataLimitError) return error.failure;
  throw error;
};
