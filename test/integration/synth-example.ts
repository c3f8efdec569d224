import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import type { Graph } from "../../infra/synth/graph.ts";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { synthesizePlaces } from "./synth-graph.ts";
import { whyNotSynthesised } from "./synth-platform.ts";

/** Why nothing can be synthesised here; nothing where it can. */
export const unavailable = await whyNotSynthesised();

/** The graphs of a plan's places, by their names; none where nothing can be synthesised. */
export const synthesized = async (
  planText: string,
  only?: readonly string[],
): Promise<ReadonlyMap<string, Graph>> =>
  unavailable === undefined ? synthesizePlaces(planText, only) : new Map();

const graphs = await synthesized(exampleText);

/** The graph of a place of the example, or of what was synthesised of another plan. */
export const graphOf = (place: string, from = graphs): Graph => {
  const graph = from.get(place);
  if (graph === undefined) throw new Error(`${place} was not synthesised`);
  return graph;
};

export const places = ["ireland", "paris", "witness"];
export const sites = ["ireland", "paris"];
export const plan = readValid(exampleText).plan;
export const manifest = buildManifest(plan);
