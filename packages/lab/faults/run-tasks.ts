import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type { Order } from "./task-worker.ts";
import type { Task, TaskResult } from "./task.ts";
import { WORKER_FLAGS } from "./worker-process.ts";

export interface TasksOptions {
  readonly plan: RecoveryPlan;
  readonly tasks: readonly Task[];
  /** Processes; as many as there are cores where left out. */
  readonly workers?: number;
  readonly onResult?: (result: TaskResult) => void;
}

const WORKER = fileURLToPath(new URL("./task-worker.ts", import.meta.url));

/** Runs tasks on all cores. The results are in the tasks' order; `onResult` hears of each as it comes. */
export const runTasks = async ({
  plan,
  tasks,
  workers = availableParallelism(),
  onResult,
}: TasksOptions): Promise<readonly TaskResult[]> => {
  const results: TaskResult[] = [];
  let next = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = fork(WORKER, { execArgv: [...WORKER_FLAGS] });
      const order = (what: Order): void => void worker.send(what);
      let index = next;
      const goOn = (): void => {
        index = next++;
        const task = tasks[index];
        if (task === undefined) worker.disconnect();
        else order({ type: "task", task });
      };
      worker.on("message", (result: TaskResult) => {
        results[index] = result;
        onResult?.(result);
        goOn();
      });
      worker.on("error", reject);
      worker.on("exit", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`a worker ended with ${code} in seed ${tasks[index]?.seed ?? "none"}`));
      });
      order({ type: "plan", plan });
      goOn();
    });
  await Promise.all(Array.from({ length: Math.max(1, Math.min(workers, tasks.length)) }, work));
  return results;
};
