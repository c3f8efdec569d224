import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { checkers } from "@lifeboat/lab/checks/check-run";
import { mutants } from "./mutants.ts";

const script = fileURLToPath(new URL("run-mutant.ts", import.meta.url));
const run = promisify(execFile);

/** Who noticed the mutant, asked of a process of its own: a replaced source must not reach any other test. */
const noticedBy = async (name: string): Promise<readonly string[]> => {
  const { stdout } = await run(process.execPath, [script, name]);
  return (JSON.parse(stdout.trim()) as { noticedBy: readonly string[] }).noticedBy;
};

describe("a deliberate breakage", () => {
  it.for(
    mutants.map((mutant) => [`${mutant.name}: ${mutant.scenario}, seed ${mutant.seed}`, mutant] as const),
  )("%s", async ([, { name, caughtBy }]) => {
    expect(await noticedBy(name)).toContain(caughtBy);
  });

  it("is noticed by checkers that there are", () => {
    const known = new Set([...Object.keys(checkers), "outcome"]);
    expect(mutants.filter(({ caughtBy }) => !known.has(caughtBy))).toEqual([]);
  });
});
