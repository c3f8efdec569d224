import { regionLoss } from "@lifeboat/lab/scenarios/region-loss";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bundle } from "../../infra/synth/bundle.ts";
import type { Graph } from "../../infra/synth/graph.ts";
import { installPlatform } from "../../infra/synth/platform.ts";
import { accessPlan, accessText, documentsOf, givenRole } from "./access-plan.ts";
import { bundleAll, runOnGraph } from "./graph-lab.ts";
import { synthesizePlaces } from "./synth-graph.ts";

const LONG_MS = 1_800_000;

const unavailable = await installPlatform((line) => console.info(line)).then(
  () => undefined,
  (error: unknown) => String(error),
);

let graphs: readonly Graph[] = [];
let bundles: ReadonlyMap<string, Bundle> = new Map();

describe.skipIf(unavailable !== undefined)("the synthesised stack of a workload in another account", () => {
  beforeAll(async () => {
    graphs = [...(await synthesizePlaces(accessText)).values()];
    bundles = await bundleAll(graphs);
  }, 300_000);

  it("recovers a lost region through the role of that account", { timeout: LONG_MS }, async () => {
    const roles = [givenRole(documentsOf(accessPlan()))];
    const run = await runOnGraph({ scenario: regionLoss, graphs, bundles, roles, planText: accessText });
    expect(run.problems).toEqual([]);
    console.log([...bundles].map(([n, b]) => `${n} ${b.bytes}`).join("\n"));
  });
});
