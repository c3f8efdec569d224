import { checkInvariants, gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { scenarioNamed } from "@lifeboat/lab/scenarios/catalogue";
import { closeCalls } from "@lifeboat/lab/scenarios/close-calls";
import type { Scenario } from "@lifeboat/lab/scenarios/scenario";
import { simulate, type Simulation, type TimelineEvent } from "@lifeboat/lab/simulate";
import { expect } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { wireModels } from "./wire-models.ts";

export interface RunOptions {
  readonly seed?: number;
  /** The example plan where left out. */
  readonly planText?: string;
  readonly onEvent?: (event: TimelineEvent) => void;
  /** Invariants that people break by hand in this run. */
  readonly broken?: readonly string[];
  /**
   * Whether calls are spelt for the wire, and checked there against AWS's models; see `SimulationOptions`. Left out: those of the
   * catalogue's scenarios are. All others make the same calls, some for hours.
   */
  readonly spelt?: boolean;
}

const closeCallNamed = (name: string): Scenario => {
  const scenario = closeCalls.find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return scenario;
};

/** Runs a scenario, or the one of the catalogue or of the close calls that has the name, and checks the run against the invariants. */
export const runScenario = async (
  wanted: string | Scenario,
  { seed = 1, planText = exampleText, onEvent, broken = [], spelt }: RunOptions = {},
): Promise<Simulation> => {
  const { plan } = readValid(planText);
  const catalogued = typeof wanted === "string" ? scenarioNamed(wanted) : undefined;
  const simulation = await simulate({
    plan,
    scenario: catalogued ?? (typeof wanted === "string" ? closeCallNamed(wanted) : wanted),
    seed,
    spelt: spelt ?? catalogued !== undefined,
    ...(wireModels === undefined ? {} : { conformance: wireModels }),
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  const violations = checkInvariants(gatherEvidence(simulation.lab));
  expect(violations.filter(({ invariant }) => !broken.includes(invariant))).toEqual([]);
  expect(simulation.lab.cloud.violations).toEqual([]);
  return simulation;
};

/** Runs what a test makes up. */
export const play = (
  run: Scenario["run"],
  { peopleOnCall, ...options }: RunOptions & Pick<Scenario, "peopleOnCall"> = {},
): Promise<Simulation> => {
  const played: Scenario = { name: "played", summary: "a test's own", expected: "recovered", run };
  return runScenario(peopleOnCall === undefined ? played : { ...played, peopleOnCall }, {
    seed: 5,
    ...options,
  });
};
