import { DefinitionError } from "@lifeboat/asl/interpreter";
import { validate } from "@lifeboat/asl/validate";
import { afterAll, describe, expect, it } from "vitest";
import { casesFolder, readCases, type Case } from "./cases.ts";
import { judge } from "./judge.ts";
import { listed } from "./listed.ts";

type Verdict = "passed" | "listed" | "failed";

const cases = readCases();

/** A difference, or the interpreter's refusal to run the case. */
const differenceOf = async (recorded: Case): Promise<string | undefined> => {
  try {
    const found = await judge(recorded);
    return found === undefined ? undefined : `${found.level}: ${found.what}`;
  } catch (error) {
    if (error instanceof DefinitionError) return `refused: ${error.message}`;
    throw error;
  }
};

const report = (verdicts: ReadonlyMap<string, readonly [string, Verdict]>): string => {
  const categories = new Map<string, Record<Verdict, number>>();
  for (const [category, verdict] of verdicts.values()) {
    const counts = categories.get(category) ?? { passed: 0, listed: 0, failed: 0 };
    counts[verdict] += 1;
    categories.set(category, counts);
  }
  const all = { passed: 0, listed: 0, failed: 0 };
  const line = (name: string, { passed, listed: known, failed }: Record<Verdict, number>): string =>
    `${name.padEnd(20)}${String(passed).padStart(8)}${String(known).padStart(8)}${String(failed).padStart(8)}`;
  const lines = [...categories]
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([name, counts]) => {
      for (const verdict of ["passed", "listed", "failed"] as const) all[verdict] += counts[verdict];
      return line(name, counts);
    });
  return [`${"States Language".padEnd(20)}  passed  listed  failed`, ...lines, line("all", all)].join("\n");
};

const run = cases ?? [];
const verdicts = new Map<string, readonly [string, Verdict]>();

if (cases === undefined) {
  console.log(`conformance of the States Language skipped: there is no folder ${casesFolder}`);
}

afterAll(() => console.log(report(verdicts)));

describe.skipIf(cases === undefined)("the interpreter does what AWS Step Functions did", () => {
  it.each(run.map((recorded) => [recorded.id, recorded] as const))("%s", async (id, recorded) => {
    const reason = listed[id];
    verdicts.set(id, [recorded.category, "failed"]);
    const found = await differenceOf(recorded);
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found, "a listed case passes: take it off the list").toBeDefined();
    verdicts.set(id, [recorded.category, reason === undefined ? "passed" : "listed"]);
  });

  it("ran every case of the folder", () => {
    expect(run.length).toBeGreaterThan(0);
    expect(verdicts.size).toBe(run.length);
  });

  it("lists only cases that exist", () => {
    const ids = new Set(run.map(({ id }) => id));
    expect(Object.keys(listed).filter((id) => !ids.has(id))).toEqual([]);
  });

  it("passes at least 95 % of the cases in scope", () => {
    const inScope = run.filter(({ id }) => listed[id]?.startsWith("out of scope") !== true);
    const passed = inScope.filter(({ id }) => verdicts.get(id)?.[1] === "passed");
    expect(passed.length / inScope.length).toBeGreaterThanOrEqual(0.95);
  });

  it("accepts the definition of every execution, as AWS did", () => {
    const refused = run
      .filter((recorded) => recorded.kind === "execution")
      .map(({ id, definition, type = "STANDARD" }) => ({
        id,
        problems: validate(JSON.stringify(definition), { type }).filter(({ kind }) => kind === "invalid"),
      }))
      .filter(({ problems }) => problems.length > 0);
    expect(refused).toEqual([]);
  });
});
