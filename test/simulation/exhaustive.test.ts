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
 * outage ends as not needed, and the next one follows.
 *
 * Most of the calls are one look that is repeated for minutes, until a promotion is over or tasks run. `LIFEBOAT_EXHAUSTIVE=20`
 * strikes every call but those: of each call (who calls what, where) the first ten and the last two, and of the others every
 * twentieth. `LIFEBOAT_EXHAUSTIVE=all` strikes them all. Without it, of each call only the first.
 */

const { plan } = readValid(exampleText);
const SEED = 1;
const wanted = process.env["LIFEBOAT_EXHAUSTIVE"];
const OFTEN = { first: 10, last: 2 };
const RARELY = { first: 1, last: 0 };

const faults: readonly Fault[] = [
  { kind: "site-loss", place: plan.sites.primary.region, plane: "both", atMs: 45_000, forMs: null },
];

const listCalls = async (): Promise<readonly string[]> => {
  const listing: Task = { seed: SEED, faults, strike: { call: 0, type: "lose-reply" }, times: 1 };
  const [result] = await runTasks({ plan, tasks: [listing] });
  return result?.calls ?? [];
};

/** The numbers, from 1, of the calls to be struck. */
const chosen = (calls: readonly string[]): readonly number[] => {
  const numbers = calls.map((_, index) => index + 1);
  if (wanted === "all") return numbers;
  const { first, last } = wanted === undefined ? RARELY : OFTEN;
  const every = Number(wanted ?? Number.POSITIVE_INFINITY);
  const places = Map.groupBy(numbers, (call) => calls[call - 1]);
  return numbers.filter((call) => {
    const same = places.get(calls[call - 1]) ?? [];
    const place = same.indexOf(call);
    return place < first || place >= same.length - last || place % every === 0;
  });
};

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
    const calls = await listCalls();
    expect(calls.length).toBeGreaterThan(100);
    const tasks = chosen(calls).flatMap((call) =>
      strikeTypes.map((type): Task => ({ seed: SEED, faults, strike: { call, type }, times: 1 })),
    );
    const results = await runTasks({ plan, tasks });
    const bad = results.filter((result) => !endedWell(result));
    const recovered = results.filter(({ outcomes }) => outcomes.at(-1)?.outcome === "recovered").length;
    console.log(
      `${calls.length} calls of the recovery, ${new Set(calls).size} different ones, ${strikeTypes.length} ways each: ${tasks.length} of ${calls.length * strikeTypes.length} run, ${recovered} recovered, ${results.length - recovered} held`,
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
