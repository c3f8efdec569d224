import { readFileSync } from "node:fs";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import type { Manifest, PlaceManifest } from "@lifeboat/control-plane/manifest";
import { placeOfStage } from "@lifeboat/control-plane/stage";
import { readPlan } from "@lifeboat/plan/read-plan";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";

/** What a stage deploys, and what it needs to know for that. */
export interface ChosenStage {
  readonly plan: RecoveryPlan;
  readonly manifest: Manifest;
  readonly place: PlaceManifest;
  /** The stage without its place: `production`. */
  readonly environment: string;
}

/** Where the plan is when LIFEBOAT_PLAN does not say: what `lifeboat init` writes. */
const DEFAULT_PLAN = "recovery.plan.yaml";

/**
 * Reads the plan (LIFEBOAT_PLAN, from the folder of sst.config.ts) and finds the place that the stage names. Throws with
 * every problem of the plan, for whoever deploys.
 */
export const chooseStage = (stage: string): ChosenStage => {
  const file = process.env["LIFEBOAT_PLAN"] ?? DEFAULT_PLAN;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(
      `cannot read the recovery plan ${file}; name it in LIFEBOAT_PLAN, or write one with "npx lifeboat init"`,
      { cause: error },
    );
  }
  const reading = readPlan(text, { file });
  if (!reading.ok) {
    const problems = reading.problems.map(
      ({ line, column, path, message }) => `  ${file}:${line}:${column} ${path} ${message}`,
    );
    throw new Error(`${file} is no valid plan:\n${problems.join("\n")}`);
  }
  const { plan } = reading;
  const [primary, standby] = [plan.sites.primary, plan.sites.standby];
  if (primary.region === standby.region) {
    // Functions, rules and alarms are named per region; two sites of one would overwrite each other.
    throw new Error(
      `${file}: both sites lie in ${standby.region}; the stack deploys sites of different regions`,
    );
  }
  const manifest = buildManifest(plan);
  return { plan, manifest, ...placeOfStage(manifest, stage) };
};
