import type { Fault } from "@lifeboat/cloud/faults/fault";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { runFaults, type FaultRun } from "./run-faults.ts";
import { strikeCall, type Strike, type Striking } from "./strike.ts";

/** A run to be made, as data: workers get it as a message. */
export interface Task {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly givesUp?: boolean;
  readonly strike?: Strike;
  /** How often it is run; all runs of a task have to be the same, byte for byte. */
  readonly times: 1 | 2;
}

/** A run as data. */
interface RunResult extends Omit<FaultRun, "digest"> {
  /** Undefined where the run is compared with none. */
  readonly digest: string | undefined;
}

/** What became of a task. */
export interface TaskResult extends RunResult {
  readonly task: Task;
  /** Calls of the recovery, where the task's strike asks for the list alone. */
  readonly calls: readonly string[];
  /** The call that was struck; only with a strike. */
  readonly struck: string | undefined;
  /** Time that all its runs took, milliseconds of a core. */
  readonly tookMs: number;
}

/** What a process offers to the tasks that it runs. */
export interface TaskMachine {
  /** Time of the core that was spent so far, milliseconds. */
  readonly spentMs: () => number;
  /** Called when a world has ended. */
  readonly letGo: () => Promise<void>;
}

/** Nothing is measured, and ended worlds go when the collector comes by. */
const UNMEASURED: TaskMachine = { spentMs: () => 0, letGo: () => Promise.resolve() };

/** Runs a task. What the simulation throws is a violation too: it must survive its own faults. */
export const runTask = async (
  plan: RecoveryPlan,
  task: Task,
  { spentMs, letGo } = UNMEASURED,
): Promise<TaskResult> => {
  const before = spentMs();
  const { seed, faults, givesUp, strike, times } = task;
  let striking: Striking | undefined;
  const once = async (): Promise<RunResult> => {
    try {
      const run = await runFaults({
        plan,
        seed,
        faults,
        givesUp,
        onLab: (lab) => {
          if (strike !== undefined) striking = strikeCall(lab, strike);
        },
      });
      // At once: until then the run keeps its world.
      return { ...run, digest: times === 2 ? run.digest() : undefined };
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const violations = [{ invariant: "simulation", message, atMs: 0 }];
      const nothing = { outcomes: [], coverage: [], digest: undefined, apiCalls: 0, virtualMs: 0 };
      return { seed, faults, violations, ...nothing };
    }
  };
  const first = await once();
  await letGo();
  const second = times === 2 ? await once() : first;
  if (times === 2) await letGo();
  const differs = {
    invariant: "determinism",
    message: `two runs of one seed differ: ${first.digest} and ${second.digest}`,
    atMs: 0,
  };
  return {
    ...first,
    violations: first.digest === second.digest ? first.violations : [...first.violations, differs],
    task,
    calls: strike?.call === 0 ? (striking?.calls() ?? []) : [],
    struck: striking?.struck(),
    tookMs: spentMs() - before,
  };
};
