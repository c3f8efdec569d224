import { readFileSync } from "node:fs";
import type { Lab } from "@lifeboat/lab/create-lab";
import { MOST_SEEDS, mutants, type Caught } from "./mutants.ts";
import { replaceSources } from "./replace-sources.ts";

/*
 * Runs one mutant of the table, by its name, in this process: first with the seed at which it was caught last, then with
 * seeds from 1 on, until the checker that has to notice it does. Prints what came of it. A replaced source must reach
 * nothing else, so a mutant is a process of its own.
 */
const mutant = mutants.find(({ name }) => name === process.argv[2]);
if (mutant === undefined) throw new Error(`no mutant ${JSON.stringify(process.argv[2])}`);
const edited = replaceSources(mutant.edits);
Error.stackTraceLimit = 0;

const [
  { simulate },
  { scenarios },
  { closeCalls },
  { rarePaths },
  { checkInvariants, gatherEvidence },
  { readPlan },
  faults,
  { generateClaimFaults },
  { generateFinishFaults },
  task,
] = await Promise.all([
  import("@lifeboat/lab/simulate"),
  import("@lifeboat/lab/scenarios/catalogue"),
  import("@lifeboat/lab/scenarios/close-calls"),
  import("@lifeboat/lab/scenarios/rare-paths"),
  import("@lifeboat/lab/checks/check-run"),
  import("@lifeboat/plan/read-plan"),
  import("@lifeboat/lab/faults/generate-faults"),
  import("@lifeboat/lab/faults/generate-claim-faults"),
  import("@lifeboat/lab/faults/generate-finish-faults"),
  import("@lifeboat/lab/faults/task"),
]);

const file = "examples/spacelift.plan.yaml";
const reading = readPlan(readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8"), { file });
if (!reading.ok) throw new Error(`no plan in ${file}`);
const { plan } = reading;

/** Schedules of faults, by the name under which a mutant is looked for in them. */
const generators = new Map([
  ["faults", faults.generateFaults],
  ["faults around the claim", generateClaimFaults],
  ["faults around a move that is left half-way", generateFinishFaults],
]);

/** Who notices the mutant in a schedule of faults. */
const inFaults = async (generate: typeof generateClaimFaults, seed: number): Promise<readonly string[]> => {
  const givesUp = generate === generateFinishFaults;
  const schedule = { seed, faults: generate(plan, seed), givesUp, times: 1 } as const;
  const { violations } = await task.runTask(plan, schedule);
  return violations.map(({ invariant }) => invariant);
};

/** Who notices it in a scenario; `outcome`, beside the checkers: it does not end as it says that it does. */
const inScenario = async (name: string, seed: number): Promise<readonly string[]> => {
  const scenario = [...scenarios, ...closeCalls, ...rarePaths].find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  let lab: Lab | undefined;
  const watched = {
    ...scenario,
    run: (stage: Parameters<typeof scenario.run>[0]) => {
      ({ lab } = stage);
      return scenario.run(stage);
    },
  };
  const outcome = await simulate({ plan, seed, scenario: watched, spelt: false }).then(
    ({ result }) => result.outcome,
    // What a scenario waits for in vain is a sign as well.
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (lab === undefined) throw new Error(`the scenario did not begin: ${outcome}`);
  const violations = checkInvariants(gatherEvidence(lab)).map(({ invariant }) => invariant);
  return [...violations, ...(outcome === scenario.expected ? [] : ["outcome"])];
};

const { within, seed: last, caughtBy } = mutant;
const most = Number(process.argv[3] ?? MOST_SEEDS);
const seeds = [
  last,
  ...Array.from({ length: most }, (_, index) => index + 1).filter((seed) => seed !== last),
];
let caught: Caught = { seed: null, noticedBy: [], tried: 0 };
for (const [index, seed] of seeds.entries()) {
  const generate = generators.get(within);
  const noticed = await (generate === undefined ? inScenario(within, seed) : inFaults(generate, seed));
  if (edited().length !== mutant.edits.length) throw new Error("not every edited file was loaded");
  const noticedBy = [...new Set(noticed)];
  const isCaught = noticedBy.includes(caughtBy);
  caught = { seed: isCaught ? seed : null, noticedBy, tried: index + 1 };
  if (isCaught) break;
  if (process.argv[4] === "loud" && noticedBy.length > 0)
    process.stderr.write(`seed ${seed}: ${noticedBy.join(", ")}\n`);
}
process.stdout.write(`${JSON.stringify(caught)}\n`);
