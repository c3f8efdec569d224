import { describe, expect, it } from "vitest";
import type { Fault } from "@lifeboat/cloud/faults/fault";
import { runTasks } from "@lifeboat/lab/faults/run-tasks";
import { strikeTypes, type Strike } from "@lifeboat/lab/faults/strike";
import type { Task, TaskResult } from "@lifeboat/lab/faults/task";
import { exampleText, readValid } from "../unit/plan-example.ts";

/*
 * region-loss, and a move that is given up half-way and finished later, once for each call that is made and each way in which a call
 * can go wrong:
 * 1. the calling function is killed before the call leaves;
 * 2. it is killed once the service has done its work;
 * 3. the service does its work, and the reply is lost.
 * Each recovery ends recovered, or held with a reason, and no invariant is broken; a first attempt that a lost reply kept from
 * seeing the outage ends as not needed, and the next one follows. Each move is finished.
 *
 * Most of the calls are one look that is repeated for minutes, until a promotion is over or tasks run. `LIFEBOAT_EXHAUSTIVE=20`
 * strikes every call of a recovery but those: of each call (who calls what, where) the first ten and the last two, and of the others
 * every twentieth; of a move that is finished the first two and the last one, for its steps are the recovery's.
 * `LIFEBOAT_EXHAUSTIVE=all` strikes them all. Without it, of each call only the first.
 */

const { plan } = readValid(exampleText);
const { primary, standby } = plan.sites;
const wanted = process.env["LIFEBOAT_EXHAUSTIVE"];

interface Struck {
  readonly run: Pick<Task, "seed" | "faults" | "givesUp">;
  readonly ofLater: boolean;
  /** How many of the same calls are struck where all of them are not: from the first on, and back from the last. */
  readonly often: { readonly first: number; readonly last: number };
  readonly endsWell: (result: TaskResult) => boolean;
}

const lost: Fault = { kind: "site-loss", place: primary.region, plane: "both", atMs: 45_000, forMs: null };
/** Long enough for a hold, and over when people have read of it. */
const outOfOrder: Fault = {
  kind: "throttling",
  region: standby.region,
  service: "ecs",
  chance: 1,
  entering: "StartServices",
  atMs: 0,
  forMs: 40_000,
};

const recovery: Struck = {
  run: { seed: 1, faults: [lost] },
  ofLater: false,
  often: { first: 10, last: 2 },
  // An execution that learned too little to go on may end before the one that counts: safe, reasoned, and followed by it.
  endsWell: ({ outcomes }) => {
    const last = outcomes.at(-1)?.outcome;
    return (
      (last === "recovered" || last === "held") &&
      outcomes.slice(0, -1).every(({ outcome }) => outcome === "not-needed")
    );
  },
};

const finish: Struck = {
  run: { seed: 1, faults: [lost, outOfOrder], givesUp: true },
  ofLater: true,
  often: { first: 2, last: 1 },
  // Two people start it with this seed: one is refused.
  endsWell: ({ outcomes: [first, ...others] }) =>
    first?.outcome === "held" &&
    others.filter(({ outcome }) => outcome === "recovered").length === 1 &&
    others.every(({ outcome }) => outcome === "recovered" || outcome === "refused"),
};

const listCalls = async ({ run, ofLater }: Struck): Promise<readonly string[]> => {
  const strike: Strike = { call: 0, type: "lose-reply", ofLater };
  const [result] = await runTasks({ plan, tasks: [{ ...run, strike, times: 1 }] });
  return result?.calls ?? [];
};

/** The numbers, from 1, of the calls to be struck. */
const chosen = (calls: readonly string[], often: Struck["often"]): readonly number[] => {
  const numbers = calls.map((_, index) => index + 1);
  if (wanted === "all") return numbers;
  const { first, last } = wanted === undefined ? { first: 1, last: 0 } : often;
  const every = Number(wanted ?? Number.POSITIVE_INFINITY);
  const places = Map.groupBy(numbers, (call) => calls[call - 1]);
  return numbers.filter((call) => {
    const same = places.get(calls[call - 1]) ?? [];
    const place = same.indexOf(call);
    return place < first || place >= same.length - last || place % every === 0;
  });
};

describe.each([
  ["a recovery", recovery],
  ["a move that is finished later", finish],
])("every call of %s", (what, struckRun) => {
  it("may be its function's last, and may lose its reply", async () => {
    const { run, ofLater, often, endsWell } = struckRun;
    const calls = await listCalls(struckRun);
    expect(calls.length).toBeGreaterThan(100);
    const tasks = chosen(calls, often).flatMap((call) =>
      strikeTypes.map((type): Task => ({ ...run, strike: { call, type, ofLater }, times: 1 })),
    );
    const results = await runTasks({ plan, tasks });
    const bad = results.filter(
      (result) =>
        result.violations.length > 0 ||
        !endsWell(result) ||
        result.outcomes.some(({ reason }) => reason === ""),
    );
    const recovered = results.filter(({ outcomes }) =>
      outcomes.some(({ outcome }) => outcome === "recovered"),
    ).length;
    console.log(
      `${calls.length} calls of ${what}, ${new Set(calls).size} different ones, ${strikeTypes.length} ways each: ${tasks.length} of ${calls.length * strikeTypes.length} run, ${recovered} recovered, ${results.length - recovered} held`,
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
