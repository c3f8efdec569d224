import { readFileSync } from "node:fs";
import type { Lab } from "@lifeboat/lab/create-lab";
import { mutants } from "./mutants.ts";
import { replaceSources } from "./replace-sources.ts";

/** Runs one mutant of the table, by its name, in this process, and prints who noticed it. Exit code 1: nobody was asked. */
const mutant = mutants.find(({ name }) => name === process.argv[2]);
if (mutant === undefined) throw new Error(`no mutant ${JSON.stringify(process.argv[2])}`);
const edited = replaceSources(mutant.edits);

const [{ simulate }, { scenarioNamed }, { checkInvariants, gatherEvidence }, { readPlan }] =
  await Promise.all([
    import("@lifeboat/lab/simulate"),
    import("@lifeboat/lab/scenarios/catalogue"),
    import("@lifeboat/lab/checks/check-run"),
    import("@lifeboat/plan/read-plan"),
  ]);

const file = "examples/spacelift.plan.yaml";
const reading = readPlan(readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8"), { file });
const scenario = scenarioNamed(mutant.scenario);
if (!reading.ok || scenario === undefined) throw new Error(`no plan, or no scenario ${mutant.scenario}`);

let lab: Lab | undefined;
const outcome = await simulate({
  plan: reading.plan,
  document: reading.document,
  seed: mutant.seed,
  scenario: {
    ...scenario,
    run: (stage) => {
      ({ lab } = stage);
      return scenario.run(stage);
    },
  },
}).then(
  ({ result }) => result.outcome,
  // What a scenario waits for in vain is a sign as well.
  (error: unknown) => (error instanceof Error ? error.message : String(error)),
);
if (lab === undefined) throw new Error(`the scenario did not begin: ${outcome}`);
if (edited().length !== mutant.edits.length) throw new Error("not every edited file was loaded");
const violations = checkInvariants(gatherEvidence(lab)).map(({ invariant }) => invariant);
const noticedBy = [...new Set(violations), ...(outcome === scenario.expected ? [] : ["outcome"])];
process.stdout.write(`${JSON.stringify({ outcome, noticedBy })}\n`);
