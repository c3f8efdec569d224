import type { ChildExecution } from "./execution.ts";
import { finishSucceeded } from "./finish.ts";
import { append, assignedDetails, inputDetails, outputDetails } from "./history.ts";
import type { Json } from "../values/json.ts";
import { stateOf, type LiveThread, type Run } from "./run.ts";

/** Puts a thread into a state. What the state does, it does when the queue comes to it. */
export const enterState = (run: Run, thread: LiveThread, name: string, input: Json): void => {
  const beforeEventId = thread.lastEventId;
  run.execution.transitions += 1;
  run.entered += 1;
  thread.visit = {
    state: name,
    input,
    enteredAtMs: run.nowMs,
    enteredEventId: beforeEventId,
    beforeEventId,
    retries: [],
    retryCount: 0,
    phase: { type: "ready" },
  };
  const { type, retriers } = stateOf(run, thread);
  thread.visit.retries = retriers.map(() => 0);
  thread.visit.enteredEventId = append(run, thread, `${type}StateEntered`, { ...inputDetails(input), name });
  run.queue.push({ type: "proceed", threadId: thread.id });
};

export interface Spawn {
  readonly parent?: LiveThread;
  readonly index: number;
  readonly processor: number;
  readonly variables: Readonly<Record<string, Json>>;
  readonly lastEventId: number;
  readonly child?: ChildExecution | undefined;
  readonly input: Json;
}

/** Starts a thread at its processor's first state. */
export const spawnThread = (run: Run, spawn: Spawn): LiveThread => {
  const { parent, index, processor, variables, lastEventId, child, input } = spawn;
  const startAt = run.machine.processors[processor]?.startAt;
  if (startAt === undefined) throw new Error(`the machine has no processor ${processor}`);
  const thread: LiveThread = {
    id: run.execution.nextThreadId++,
    ...(parent === undefined ? {} : { parentId: parent.id }),
    index,
    processor,
    ...(child === undefined ? {} : { child }),
    variables,
    lastEventId,
    // Replaced on the next line.
    visit: {
      state: startAt,
      input,
      enteredAtMs: run.nowMs,
      enteredEventId: lastEventId,
      beforeEventId: lastEventId,
      retries: [],
      retryCount: 0,
      phase: { type: "ready" },
    },
  };
  run.threads.set(thread.id, thread);
  enterState(run, thread, startAt, input);
  return thread;
};

export interface Exit {
  readonly output: Json;
  readonly assigned: Readonly<Record<string, Json>> | undefined;
  /** `undefined` ends the thread. */
  readonly next: string | undefined;
}

/** Leaves the current state for the next one, or ends the thread with the state's output. */
export const exitState = (run: Run, thread: LiveThread, { output, assigned, next }: Exit): void => {
  const state = stateOf(run, thread);
  append(run, thread, `${state.type}StateExited`, {
    name: state.name,
    ...outputDetails(output),
    ...assignedDetails(assigned),
  });
  if (assigned !== undefined) thread.variables = { ...thread.variables, ...assigned };
  if (next !== undefined) {
    enterState(run, thread, next, output);
  } else if (thread.parentId === undefined) {
    finishSucceeded(run, output);
  } else {
    thread.visit.phase = { type: "finished", output };
    run.queue.push({ type: "child-succeeded", childId: thread.id });
  }
};
