import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { runTask, type Task } from "./task.ts";

/** What a worker is told: the plan first, then a task at a time. */
export type Order =
  | { readonly type: "plan"; readonly plan: RecoveryPlan }
  | { readonly type: "task"; readonly task: Task };

// A trace for each error of each lost packet costs more than the packet.
Error.stackTraceLimit = 0;
process.env = {
  // The process's own asks the operating system at each reading, and Powertools reads a dozen variables for each invocation.
  ...process.env,
  // Powertools then makes no console for each container; its lines go elsewhere, and are the same.
  POWERTOOLS_DEV: "true",
  POWERTOOLS_METRICS_DISABLED: "false",
};

/** Time of the core, not of the wall: others may work on the machine. */
const spentMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

let plan: RecoveryPlan | undefined;

process.on("message", (order: Order) => {
  if (order.type === "plan") plan = order.plan;
  else if (plan !== undefined)
    void runTask(plan, order.task, spentMs).then((result) => process.send?.(result));
});
