import { checkInvariants, gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { scenarioNamed } from "@lifeboat/lab/scenarios/catalogue";
import { closeCalls } from "@lifeboat/lab/scenarios/close-calls";
import { simulate, type Simulation, type TimelineEvent } from "@lifeboat/lab/simulate";
import { expect } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { wireModels } from "./wire-models.ts";

/** Runs a scenario of the catalogue, or a close call, of the example plan, with the wire checked against AWS's models and the run against the invariants. */
export const runScenario = async (
  name: string,
  seed = 1,
  onEvent?: (event: TimelineEvent) => void,
  planText = exampleText,
): Promise<Simulation> => {
  const scenario = scenarioNamed(name) ?? closeCalls.find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const { plan } = readValid(planText);
  const simulation = await simulate({
    plan,
    scenario,
    seed,
    ...(wireModels === undefined ? {} : { conformance: wireModels }),
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  expect(checkInvariants(gatherEvidence(simulation.lab))).toEqual([]);
  expect(simulation.lab.cloud.violations).toEqual([]);
  return simulation;
};
