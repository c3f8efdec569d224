import type { Random } from "../../kernel/random.ts";
import type { ExecutionRecord } from "./execution-record.ts";
import type { Effect, Signal } from "./interpreter-port.ts";
import { awaitNested, makeCall, readResource, type StartTask, type TaskSurroundings } from "./run-task.ts";
import type { TaskOutcome } from "./task-outcome.ts";
import type { TaskTokens } from "./task-tokens.ts";

export interface EffectsOptions {
  readonly around: TaskSurroundings;
  readonly tokens: TaskTokens;
  readonly random: Random;
  readonly whenUp: (region: string, action: () => void) => void;
  readonly signal: (record: ExecutionRecord, signal: Signal) => void;
  readonly stop: (arn: string) => void;
}

export interface Effects {
  perform(record: ExecutionRecord, effect: Effect): void;
  /** Stops what the execution's open tasks started and wait for. */
  abandon(record: ExecutionRecord): void;
}

/** Carries out what the interpreter asks for: calls, callbacks, nested executions, cancellation. */
export const createEffects = ({ around, tokens, random, whenUp, signal, stop }: EffectsOptions): Effects => {
  const nested = new Map<string, string>();
  const { clock } = around.world;
  const nameOf = (record: ExecutionRecord, taskId: string): string => `${record.arn}#${taskId}`;

  const fail = (
    record: ExecutionRecord,
    taskId: string,
    { error, cause }: Extract<TaskOutcome, { type: "failed" }>,
  ): void => {
    tokens.close(record, taskId);
    signal(record, { type: "task-failed", taskId, error, cause });
  };

  const follow = async (
    record: ExecutionRecord,
    task: StartTask,
    arn: string,
    suffix: string,
  ): Promise<void> => {
    const { taskId } = task;
    nested.set(nameOf(record, taskId), arn);
    const outcome = await awaitNested(around, arn, suffix);
    nested.delete(nameOf(record, taskId));
    if (outcome.type === "failed") fail(record, taskId, outcome);
    else signal(record, { type: "task-succeeded", taskId, output: outcome.output });
  };

  const run = async (record: ExecutionRecord, task: StartTask): Promise<void> => {
    const { taskId, resource, token } = task;
    if (token !== undefined) tokens.issue(token, record, taskId);
    const outcome = await makeCall(around, record, task);
    whenUp(record.machine.region, () => {
      if (outcome.type === "failed") {
        fail(record, taskId, outcome);
        return;
      }
      const { pattern, suffix } = readResource(resource) ?? { pattern: "request-response", suffix: "" };
      if (pattern === "request-response") {
        signal(record, { type: "task-succeeded", taskId, output: outcome.output });
        return;
      }
      signal(record, { type: "task-submitted", taskId, output: outcome.output });
      if (pattern === "sync") {
        const arn = (outcome.output as { readonly ExecutionArn: string }).ExecutionArn;
        void follow(record, task, arn, suffix);
      }
    });
  };

  return {
    perform(record, effect) {
      if (effect.type === "cancel-task") {
        tokens.close(record, effect.taskId);
        const arn = nested.get(nameOf(record, effect.taskId));
        if (arn !== undefined) stop(arn);
        return;
      }
      // Scheduling a task takes the service a moment.
      clock.after(random.integer(3, 15), () => whenUp(record.machine.region, () => void run(record, effect)));
    },
    abandon(record) {
      tokens.closeAll(record);
      for (const [name, arn] of nested) if (name.startsWith(`${record.arn}#`)) stop(arn);
    },
  };
};
