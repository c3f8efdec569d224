import type { Fault } from "@lifeboat/cloud/faults/fault";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { runTask } from "./task.ts";

/**
 * Takes faults out of a schedule as long as one of the invariants that it broke goes on being broken. What is left is
 * enough, and nothing of it can be left out.
 */
export const shrink = async (
  plan: RecoveryPlan,
  seed: number,
  faults: readonly Fault[],
): Promise<readonly Fault[]> => {
  const broken = async (schedule: readonly Fault[]): Promise<ReadonlySet<string>> => {
    const { violations } = await runTask(plan, { seed, faults: schedule, times: 1 });
    return new Set(violations.map(({ invariant }) => invariant));
  };
  const wanted = await broken(faults);
  let rest = faults;
  for (let index = 0; index < rest.length;) {
    const fewer = rest.toSpliced(index, 1);
    const still = await broken(fewer);
    if ([...still].some((invariant) => wanted.has(invariant))) rest = fewer;
    else index += 1;
  }
  return rest;
};
