import { describe, expect, it } from "vitest";
import type { Fault } from "@lifeboat/cloud/faults/fault";
import { runTasks } from "@lifeboat/lab/faults/run-tasks";
import { strikeTypes } from "@lifeboat/lab/faults/strike";
import type { Task, TaskResult } from "@lifeboat/lab/faults/task";
import { exampleText, readValid } from "../unit/plan-example.ts";

/*
 * region-loss, once for each call that the recovery makes and each way in which a call can go wrong:
 * 1. the calling function is killed before the call leaves;
 * 2. it is killed once the service has done its work;
 * 3. the service does its work, and the reply is lost.
 * Each ends recovered, or held with a reason, and no invariant is broken; a first attempt that a lost reply kept from seeing the
 * outage ends as not needed, and the next one follows. `LIFEBOAT_EXHAUSTIVE=all` runs them all, and
 * `LIFEBOAT_EXHAUSTIVE=20` a sample, the same each time: the first calls, where the request and the claim are, and then every
 * twentieth. Without it the sample is smaller.
 */

const { plan, document } = readValid(exampleText);
const SEED = 1;
const FIRST_CALLS = 12;
const wanted = process.env["LIFEBOAT_EXHAUSTIVE"] ?? "61";
const runsAll = wanted === "all";
const SAMPLE_EVERY = Number(wanted);

const faults: readonly Fault[] = [
  { kind: "site-loss", place: plan.sites.primary.region, plane: "both", atMs: 45_000, forMs: null },
];

const countCalls = async (): Promise<number> => {
  const counting: Task = { seed: SEED, faults, strike: { call: 0, type: "lose-reply" }, times: 1 };
  const [result] = await runTasks({ document, tasks: [counting] });
  return result?.calls ?? 0;
};

const isSampled = (call: number): boolean => runsAll || call <= FIRST_CALLS || call % SAMPLE_EVERY === 0;

/** An execution that learned too little to go on may end before the one that counts: safe, reasoned, and followed by it. */
const endedWell = ({ outcomes, violations }: TaskResult): boolean => {
  const last = outcomes.at(-1)?.outcome;
  return (
    violations.length === 0 &&
    (last === "recovered" || last === "held") &&
    outcomes.every(({ reason }) => reason !== "") &&
    outcomes.slice(0, -1).every(({ outcome }) => outcome === "not-needed")
  );
};

describe("every call of a recovery", () => {
  it("may be its function's last, and may lose its reply", async () => {
    const calls = await countCalls();
    expect(calls).toBeGreaterThan(100);
    const tasks = Array.from({ length: calls }, (_, index) => index + 1)
      .filter(isSampled)
      .flatMap((call) =>
        strikeTypes.map((type): Task => ({ seed: SEED, faults, strike: { call, type }, times: 1 })),
      );
    const results = await runTasks({ document, tasks });
    const bad = results.filter((result) => !endedWell(result));
    const recovered = results.filter(({ outcomes }) => outcomes.at(-1)?.outcome === "recovered").length;
    console.log(
      `${calls} calls of the recovery, ${strikeTypes.length} ways each: ${tasks.length} of ${calls * strikeTypes.length} run, ${recovered} recovered, ${results.length - recovered} held`,
    );
    expect(results.every(({ struck }) => struck !== undefined)).toBe(true);
    expect(
      bad.map(({ task, struck, outcomes, violations }) => ({
        strike: task.strike,
        struck,
        outcomes,
        violations,
      })),
    ).toEqual([]);
  }, 3_600_000);
});
