import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Fault } from "@lifeboat/cloud/faults/fault";
import { runFaults } from "@lifeboat/lab/faults/run-faults";
import { exampleText, readValid } from "../unit/plan-example.ts";

/** A schedule that once failed, shrunk to what it took. */
interface Regression {
  readonly what: string;
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Where more is expected than that no invariant is broken. */
  readonly outcomes?: readonly string[];
}

const { plan } = readValid(exampleText);
const folder = new URL("./regressions/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("schedules that once failed", () => {
  it("are there", () => expect(files).not.toEqual([]));

  it.each(files)("%s", async (name) => {
    const { seed, faults, outcomes } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Regression;
    const run = await runFaults({ plan, seed, faults });
    expect(run.violations).toEqual([]);
    if (outcomes !== undefined) expect(run.outcomes.map(({ outcome }) => outcome)).toEqual(outcomes);
  });
});
