import {
  advance,
  compile,
  start,
  type Execution,
  type HistoryEvent,
  type Json,
  type Machine,
  type Signal,
  type StartTask,
  type Transition,
} from "@lifeboat/asl/interpreter";

export const startMs = Date.parse("2026-11-01T00:00:00Z");

/** What a task does: signals at so many milliseconds after its start, or nothing for ever. */
export type Script = (
  task: StartTask,
  attempt: number,
) => readonly (Signal & { readonly afterMs?: number })[];

export const succeed =
  (output: Json, afterMs = 0): Script =>
  ({ taskId }) => [{ type: "task-succeeded", taskId, output, afterMs }];

export const fail =
  (error?: string, cause?: string): Script =>
  ({ taskId }) => [{ type: "task-failed", taskId, error, cause }];

export const hang: Script = () => [];

/** The attempts in order; the last one repeats. */
export const inTurn =
  (...scripts: readonly Script[]): Script =>
  (task, attempt) =>
    scripts[Math.min(attempt, scripts.length - 1)]?.(task, attempt) ?? [];

export interface Play {
  readonly input?: Json;
  readonly tasks?: Readonly<Record<string, Script>>;
  readonly seed?: number | string;
  readonly type?: "STANDARD" | "EXPRESS";
  /** Called before each signal; what it answers goes on instead (a copy that went through JSON, say). */
  readonly between?: (execution: Execution, step: number) => Execution;
}

export interface Played {
  readonly machine: Machine;
  readonly execution: Execution;
  readonly events: readonly HistoryEvent[];
  readonly transition: Transition;
  readonly started: readonly StartTask[];
  readonly cancelled: readonly string[];
  readonly nowMs: number;
}

export const machineOf = (states: object, more: object = {}): object => ({
  QueryLanguage: "JSONata",
  StartAt: Object.keys(states)[0],
  States: states,
  ...more,
});

interface Due {
  readonly atMs: number;
  readonly signal: Signal;
}

/** Goes on from a transition until the execution ends, or until nothing is left that could happen. */
export const playOn = async (
  machine: Machine,
  first: Transition,
  fromMs: number,
  { tasks = {}, between = (execution) => execution }: Play,
): Promise<Omit<Played, "machine">> => {
  let transition = first;
  let nowMs = fromMs;
  const events = [...transition.events];
  const started: StartTask[] = [];
  const cancelled: string[] = [];
  const attempts = new Map<string, number>();
  const due: Due[] = [];
  for (let step = 0; step < 200_000; step++) {
    for (const effect of transition.effects) {
      if (effect.type === "cancel-task") {
        cancelled.push(effect.taskId);
        continue;
      }
      started.push(effect);
      const attempt = attempts.get(effect.stateName) ?? 0;
      attempts.set(effect.stateName, attempt + 1);
      for (const { afterMs = 0, ...signal } of tasks[effect.stateName]?.(effect, attempt) ?? []) {
        due.push({ atMs: nowMs + afterMs, signal });
      }
    }
    if (transition.execution.status !== "RUNNING") break;
    due.sort((left, right) => left.atMs - right.atMs);
    const next = due[0];
    const wakeAtMs = transition.wakeAtMs ?? Infinity;
    let signal: Signal = { type: "wake" };
    if (next !== undefined && next.atMs <= wakeAtMs) {
      due.shift();
      nowMs = Math.max(nowMs, next.atMs);
      ({ signal } = next);
    } else if (wakeAtMs === Infinity) {
      break;
    } else {
      nowMs = Math.max(nowMs, wakeAtMs);
    }
    transition = await advance(machine, between(transition.execution, step), signal, nowMs);
    events.push(...transition.events);
  }
  return { execution: transition.execution, events, transition, started, cancelled, nowMs };
};

/** Starts a machine. */
export const begin = (
  machine: Machine,
  { input = {}, seed = 1, type = "STANDARD" }: Play,
): Promise<Transition> =>
  start({
    machine,
    executionArn: "arn:aws:states:eu-west-3:111111111111:execution:machine:one",
    executionName: "one",
    stateMachineArn: "arn:aws:states:eu-west-3:111111111111:stateMachine:machine",
    stateMachineName: "machine",
    roleArn: "arn:aws:iam::111111111111:role/machine",
    input,
    startedAtMs: startMs,
    seed,
    type,
  });

/** Runs a definition on virtual time, as far as it goes. */
export const play = async (definition: object, options: Play = {}): Promise<Played> => {
  const machine = compile(definition);
  return { machine, ...(await playOn(machine, await begin(machine, options), startMs, options)) };
};

export const typesOf = (events: readonly HistoryEvent[]): string[] => events.map(({ type }) => type);

/** A task whose state is named after what it does. */
export const task = (more: object = {}): object => ({
  Type: "Task",
  Resource: "arn:aws:lambda:eu-west-3:111111111111:function:act",
  End: true,
  ...more,
});
