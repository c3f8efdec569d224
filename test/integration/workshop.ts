import { inject } from "vitest";
import type { Bundle } from "../../infra/synth/bundle.ts";
import type { FunctionBuild, SynthesisResult } from "../../infra/synth/graph.ts";

/** What a test file may order: the resources of a stage of a plan, or the bundle of a function. */
export type Order =
  | { readonly type: "graph"; readonly stage: string; readonly planText: string }
  | { readonly type: "bundle"; readonly build: FunctionBuild };

/** As `order` said, made for the first who ordered it. Throws with what went wrong. */
const ask = async (order: Order): Promise<unknown> => {
  const response = await fetch(inject("workshop"), { method: "POST", body: JSON.stringify(order) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
};

/** As `synthesize` answers for this stage and plan. */
export const orderGraph = async (stage: string, planText: string): Promise<SynthesisResult> =>
  (await ask({ type: "graph", stage, planText })) as SynthesisResult;

/** As `bundleFunction` answers; the file is there until all tests have run. */
export const orderBundle = async (build: FunctionBuild): Promise<Bundle> =>
  (await ask({ type: "bundle", build })) as Bundle;
