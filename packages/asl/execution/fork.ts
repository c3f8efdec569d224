import type { ChildExecution, ForkPhase } from "./execution.ts";
import { abortThread, recordAborted, removeThread } from "./finish.ts";
import { failState, failureOf } from "./fail-state.ts";
import { append } from "./history.ts";
import type { Json } from "../values/json.ts";
import { leaveState } from "./leave-state.ts";
import type { MapState, ParallelState } from "../definition/machine.ts";
import { drawUuid } from "../values/random.ts";
import { childrenOf, forkOf, setPhase, stateOf, type Failure, type LiveThread, type Run } from "./run.ts";
import { spawnThread } from "./threads.ts";

/** Iterations of an inline Map that run at once, at most, whatever MaxConcurrency says. */
export const INLINE_CONCURRENCY = 40;
/** Child executions of a distributed Map that run at once, at most. */
export const DISTRIBUTED_CONCURRENCY = 10_000;

const forkState = (run: Run, parent: LiveThread): ParallelState | MapState => {
  const state = stateOf(run, parent);
  if (state.type !== "Parallel" && state.type !== "Map") throw new Error(`'${state.name}' has no branches`);
  return state;
};

const childExecution = (run: Run, fork: ForkPhase, input: Json): ChildExecution => {
  const name = drawUuid(run.chance);
  // arn:…:mapRun:machine/label:run → arn:…:execution:machine/label:name
  const prefix = (fork.mapRunArn ?? "").replace(":mapRun:", ":execution:").replace(/:[^:]*$/, "");
  return { arn: `${prefix}:${name}`, name, input, startedAtMs: run.nowMs };
};

/** Starts as many branches or iterations as may run. `afterEventId`: what they come after. */
export const launchChildren = (run: Run, parent: LiveThread, afterEventId: number): void => {
  const state = forkState(run, parent);
  for (;;) {
    const fork = forkOf(parent);
    if (fork === undefined || fork.next >= fork.inputs.length) return;
    const running = fork.next - fork.succeeded - fork.failures;
    if (fork.maxConcurrency > 0 && running >= fork.maxConcurrency) return;
    const index = fork.next;
    const input = fork.inputs[index] ?? null;
    setPhase(parent, { ...fork, next: index + 1 });
    const isIteration = fork.kind === "map";
    spawnThread(run, {
      parent,
      index,
      processor: state.type === "Map" ? state.processor : (state.branches[index] ?? -1),
      // A child execution of a distributed Map does not see the variables around it.
      variables: fork.kind === "distributed" ? {} : parent.variables,
      lastEventId: isIteration
        ? append(
            run,
            parent,
            "MapIterationStarted",
            { name: state.name, index },
            { previousEventId: afterEventId, aside: true },
          )
        : afterEventId,
      child: fork.kind === "distributed" ? childExecution(run, fork, input) : parent.child,
      input,
    });
  }
};

/** Ends the fork if nothing of it is left to do. */
export const joinIfDone = async (run: Run, parent: LiveThread): Promise<void> => {
  const fork = forkOf(parent);
  if (fork === undefined || fork.succeeded + fork.failures < fork.inputs.length) return;
  const state = forkState(run, parent);
  for (const failed of childrenOf(run, parent)) removeThread(run, failed);
  const runStartedEventId = parent.lastEventId;
  if (fork.kind === "distributed") append(run, parent, "MapRunSucceeded", undefined);
  if (state.type === "Map") append(run, parent, "MapStateSucceeded", undefined, { aside: true });
  // Recorded six times, without a reason that one could see: a distributed Map that is the first state is left after
  // MapRunSucceeded, any other after MapRunStarted.
  if (fork.kind === "distributed" && parent.visit.beforeEventId > 0) parent.lastEventId = runStartedEventId;
  // Of a distributed Map with tolerated failures, only the outputs of those that succeeded are there.
  const result = fork.inputs.flatMap((_, index) => {
    const output = fork.results[index];
    return output === undefined ? [] : [output];
  });
  try {
    await leaveState(
      { run, thread: parent, state },
      { output: state.output, assign: state.assign, next: state.next, fallback: result, extras: { result } },
    );
  } catch (error) {
    await failState(run, parent, failureOf(run, parent, error));
  }
};

/** The parent of a child whose end still matters to it. */
const waitingParent = (run: Run, child: LiveThread): LiveThread | undefined => {
  const parent = child.parentId === undefined ? undefined : run.threads.get(child.parentId);
  const fork = parent === undefined ? undefined : forkOf(parent);
  return fork === undefined || fork.isStopped === true ? undefined : parent;
};

const withResult = (run: Run, fork: ForkPhase, index: number, output: Json): ForkPhase => {
  const results: Record<string, Json> = run.owned.has(fork.results) ? fork.results : { ...fork.results };
  run.owned.add(results);
  results[index] = output;
  return { ...fork, results, succeeded: fork.succeeded + 1 };
};

export const childSucceeded = async (run: Run, child: LiveThread): Promise<void> => {
  const parent = waitingParent(run, child);
  const fork = parent === undefined ? undefined : forkOf(parent);
  if (parent === undefined || fork === undefined || child.visit.phase.type !== "finished") return;
  setPhase(parent, withResult(run, fork, child.index, child.visit.phase.output));
  removeThread(run, child);
  if (fork.kind === "map") {
    parent.lastEventId = append(
      run,
      child,
      "MapIterationSucceeded",
      { name: parent.visit.state, index: child.index },
      { aside: true },
    );
  } else if (fork.kind === "parallel") {
    parent.lastEventId = child.lastEventId;
  }
  launchChildren(run, parent, child.lastEventId);
  await joinIfDone(run, parent);
};

/** Stops what is left of a fork that has failed. */
const abortChildren = (run: Run, parent: LiveThread, failed: LiveThread, isMap: boolean): void => {
  for (const child of childrenOf(run, parent)) {
    if (child === failed || child.visit.phase.type === "finished") continue;
    // One that has failed at the same moment counts as aborted (recorded).
    if (child.visit.phase.type === "stopped") recordAborted(run, child);
    else abortThread(run, child);
    if (isMap) {
      append(
        run,
        child,
        "MapIterationAborted",
        { name: parent.visit.state, index: child.index },
        { aside: true },
      );
    }
  }
};

export const childFailed = async (run: Run, child: LiveThread, failure: Failure): Promise<void> => {
  const parent = waitingParent(run, child);
  const fork = parent === undefined ? undefined : forkOf(parent);
  if (parent === undefined || fork === undefined) return;
  if (fork.kind === "distributed") {
    await childExecutionFailed(run, parent, child, fork);
    return;
  }
  if (fork.kind === "map") {
    append(
      run,
      child,
      "MapIterationFailed",
      { name: parent.visit.state, index: child.index },
      { aside: true },
    );
  }
  recordAborted(run, child);
  abortChildren(run, parent, child, fork.kind === "map");
  parent.lastEventId = child.lastEventId;
  await failState(run, parent, failure);
};

/** The words that TestState gave for it (recorded). */
export const toleranceExceeded: Failure = {
  error: "States.ExceedToleratedFailureThreshold",
  cause: "The specified tolerated failure threshold was exceeded",
};

const childExecutionFailed = async (
  run: Run,
  parent: LiveThread,
  child: LiveThread,
  fork: ForkPhase,
): Promise<void> => {
  const failures = fork.failures + 1;
  setPhase(parent, { ...fork, failures });
  if (failures <= fork.failuresAllowed) {
    // It stays, stopped: should the Map Run fail after all, a redrive runs it again.
    launchChildren(run, parent, parent.lastEventId);
    await joinIfDone(run, parent);
    return;
  }
  abortChildren(run, parent, child, false);
  append(run, parent, "MapRunFailed", { error: toleranceExceeded.error, cause: toleranceExceeded.cause });
  await failState(run, parent, toleranceExceeded);
};
