import {
  advance,
  compile,
  start,
  type HistoryEvent,
  type Signal,
  type StartTask,
  type Transition,
} from "@lifeboat/asl/interpreter";
import type { ExecutionCase, TaskScript } from "./cases.ts";

interface Outcome {
  readonly transition: Transition;
  readonly events: readonly HistoryEvent[];
}

/** Which attempt this is, for scripts that are a sequence over the whole execution. */
const attemptOf = (script: TaskScript, count: number): TaskScript =>
  script.kind === "sequence"
    ? attemptOf(script.attempts[Math.min(count, script.attempts.length - 1)] ?? { kind: "hang" }, count)
    : script;

const signalsOf = (script: TaskScript, task: StartTask): Signal[] => {
  const { taskId } = task;
  switch (script.kind) {
    case "echo":
      return [{ type: "task-succeeded", taskId, output: task.arguments }];
    case "return":
      return [{ type: "task-succeeded", taskId, output: script.value }];
    case "fail":
      return [{ type: "task-failed", taskId, error: script.error, cause: script.cause }];
    case "hang":
      return [];
    case "callback":
      return [
        ...(script.submitted === undefined
          ? []
          : [{ type: "task-submitted", taskId, output: script.submitted } as const]),
        ...signalsOf(script.then, task),
      ];
    case "sequence":
      throw new Error("a sequence has been resolved");
  }
};

/** The name that a recorded worker gave itself: an input of the case that only its history tells. */
const workerOf = ({ expected }: ExecutionCase): string | undefined => {
  const name = expected.events?.find(({ type }) => type === "ActivityStarted")?.["workerName"];
  return typeof name === "string" ? name : undefined;
};

/** Runs a case on a virtual clock that jumps to whatever comes next. */
export const runExecution = async (recorded: ExecutionCase): Promise<Outcome> => {
  const machine = compile(recorded.definition);
  let nowMs = Date.parse("2025-01-01T00:00:00Z");
  let transition = await start({
    machine,
    executionArn: "arn:aws:states:us-east-1:111111111111:execution:state-machine:execution",
    executionName: "execution",
    stateMachineArn: "arn:aws:states:us-east-1:111111111111:stateMachine:state-machine",
    stateMachineName: "state-machine",
    roleArn: "arn:aws:iam::111111111111:role/state-machine-role",
    input: recorded.input,
    startedAtMs: nowMs,
    seed: 1,
    type: recorded.type ?? "STANDARD",
  });
  const events = [...transition.events];
  const counts = new Map<string, number>();
  const pending: Signal[] = [];
  const workerName = workerOf(recorded);
  for (let step = 0; transition.execution.status === "RUNNING"; step++) {
    if (step > 10_000) throw new Error("the execution does not end");
    for (const effect of transition.effects) {
      if (effect.type !== "start-task") continue;
      const count = counts.get(effect.stateName) ?? 0;
      counts.set(effect.stateName, count + 1);
      const script = recorded.tasks?.[effect.stateName];
      if (script === undefined) throw new Error(`no script for the task ${effect.stateName}`);
      if (workerName !== undefined) pending.push({ type: "task-started", taskId: effect.taskId, workerName });
      pending.push(...signalsOf(attemptOf(script, count), effect));
    }
    const signal = pending.shift();
    if (signal === undefined) nowMs = Math.max(nowMs, transition.wakeAtMs ?? Infinity);
    if (!Number.isFinite(nowMs)) throw new Error("the execution waits for nothing");
    transition = await advance(machine, transition.execution, signal ?? { type: "wake" }, nowMs);
    events.push(...transition.events);
  }
  return { transition, events };
};
