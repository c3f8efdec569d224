import type {
  ChildExecution,
  Effect,
  Execution,
  ForkPhase,
  HistoryEvent,
  Phase,
  Thread,
  Transition,
  Visit,
} from "./execution.ts";
import type { Json, JsonObject } from "../values/json.ts";
import type { Machine, State } from "../definition/machine.ts";
import type { Chance } from "../values/random.ts";

/**
 * One transition in the making. The execution that came in is left as it is: threads are copied on the way in, and
 * values are never changed in place.
 */
export interface Run {
  readonly machine: Machine;
  readonly nowMs: number;
  readonly chance: Chance;
  readonly threads: Map<number, LiveThread>;
  readonly queue: Work[];
  readonly events: HistoryEvent[];
  readonly effects: Effect[];
  /** Objects that were made in this run and may still be filled. */
  readonly owned: WeakSet<object>;
  /** Set by TestState, whose context object differs; members stand in for those that would be made up. */
  readonly testContext?: JsonObject;
  readonly execution: Mutable<Omit<Execution, "threads" | "chanceState">>;
  /** Entered states in this transition: an EXPRESS machine may spin without an event limit. */
  entered: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export type LiveVisit = Mutable<Visit>;

export interface LiveThread {
  readonly id: number;
  readonly parentId?: number;
  readonly index: number;
  readonly processor: number;
  readonly child?: ChildExecution;
  variables: Readonly<Record<string, Json>>;
  lastEventId: number;
  visit: LiveVisit;
}

/** An error as Retry, Catch and the history see it. */
export interface Failure {
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** A heartbeat that did not come is reported as States.Timeout, and also caught as States.HeartbeatTimeout. */
  readonly isHeartbeat?: true;
}

/** What is left to do in this transition. */
export type Work =
  | { readonly type: "proceed"; readonly threadId: number }
  | { readonly type: "child-succeeded"; readonly childId: number }
  | { readonly type: "child-failed"; readonly childId: number; readonly failure: Failure };

export const openRun = (machine: Machine, execution: Execution, nowMs: number): Run => {
  const { threads, chanceState, ...rest } = execution;
  return {
    machine,
    nowMs,
    chance: { state: chanceState },
    threads: new Map(threads.map((thread) => [thread.id, { ...thread, visit: { ...thread.visit } }])),
    queue: [],
    events: [],
    effects: [],
    owned: new WeakSet(),
    execution: rest,
    entered: 0,
  };
};

const wakeTimes = ({ visit: { phase } }: LiveThread): readonly (number | undefined)[] => {
  if (phase.type === "waiting" || phase.type === "backing-off") return [phase.untilMs];
  if (phase.type === "task") return [phase.timeoutAtMs, phase.heartbeatAtMs];
  return [];
};

export const closeRun = (run: Run): Transition => {
  const { execution, threads } = run;
  let wakeAtMs: number | undefined;
  if (execution.status === "RUNNING") {
    // AWS's own limit of a year is enforced whenever a signal comes, but nobody has to be woken for it.
    const hasLimit = run.machine.timeoutSeconds !== undefined || execution.type === "EXPRESS";
    if (hasLimit) wakeAtMs = execution.timeoutAtMs;
    for (const thread of threads.values()) {
      for (const time of wakeTimes(thread)) {
        if (time !== undefined && time < (wakeAtMs ?? Infinity)) wakeAtMs = time;
      }
    }
  }
  return {
    execution: { ...execution, chanceState: run.chance.state, threads: [...threads.values()] as Thread[] },
    effects: run.effects,
    events: run.events,
    wakeAtMs,
    transitions: execution.transitions,
  };
};

export const setPhase = (thread: LiveThread, phase: Phase): void => {
  thread.visit.phase = phase;
};

export const stateOf = (run: Run, thread: LiveThread): State => {
  const state = run.machine.processors[thread.processor]?.states.get(thread.visit.state);
  if (state === undefined) {
    throw new Error(
      `the machine has no state '${thread.visit.state}': it is not the one that this execution began with`,
    );
  }
  return state;
};

/** The threads that a fork has started and not yet joined, in the order of their start. */
export const childrenOf = (run: Run, parent: LiveThread): LiveThread[] =>
  [...run.threads.values()].filter((thread) => thread.parentId === parent.id);

export const forkOf = (thread: LiveThread): ForkPhase | undefined =>
  thread.visit.phase.type === "fork" ? thread.visit.phase : undefined;
