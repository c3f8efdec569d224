import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { runTask, type Task } from "./task.ts";
import { letGo, prepareProcess } from "./worker-process.ts";

/** What a worker is told: the plan first, then a task at a time. */
export type Order =
  | { readonly type: "plan"; readonly plan: RecoveryPlan }
  | { readonly type: "task"; readonly task: Task };

prepareProcess();

/** Time of the core, not of the wall: others may work on the machine. */
const spentMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

let plan: RecoveryPlan | undefined;

process.on("message", (order: Order) => {
  if (order.type === "plan") plan = order.plan;
  else if (plan !== undefined)
    void runTask(plan, order.task, { spentMs, letGo }).then((result) => process.send?.(result));
});
