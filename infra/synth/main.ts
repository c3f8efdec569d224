import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@lifeboat/aws/system";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { readPlan } from "@lifeboat/plan/read-plan";
import { EXAMPLE_PLAN, installPlatform, root } from "./platform.ts";
import { synthesize } from "./synthesize.ts";

/*
 * `npm run synth`: the resource graph of every stage of a plan, as JSON in dist/synth. The plan is LIFEBOAT_PLAN's, or the
 * example's.
 */
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const elapsed = (sinceMs: number): string => `${((systemClock.nowMs() - sinceMs) / 1000).toFixed(1)} s`;

const synthesizePlan = async (file: string): Promise<boolean> => {
  const reading = readPlan(await readFile(join(root, file), "utf8"), { file });
  if (!reading.ok) {
    for (const { line, column, message } of reading.problems) print(`${file}:${line}:${column} ${message}`);
    return false;
  }
  const folder = join(root, "dist", "synth");
  await mkdir(folder, { recursive: true });
  const stages = buildManifest(reading.plan).places.map(({ place }) => `production-${place}`);
  let complete = true;
  for (const stage of stages) {
    const startedAtMs = systemClock.nowMs();
    const result = await synthesize(stage, file);
    if (!result.ok) {
      complete = false;
      print(`${stage}: not synthesised\n${result.errors.map((error) => `  ${error}`).join("\n")}`);
      continue;
    }
    const path = join("dist", "synth", `${reading.plan.workload}-${stage}.json`);
    await writeFile(join(root, path), `${JSON.stringify(result.graph, null, 2)}\n`);
    const created = result.graph.resources.filter(({ custom, existing }) => custom && !existing);
    print(`${stage}: ${created.length} resources in ${elapsed(startedAtMs)}, ${path}`);
  }
  return complete;
};

try {
  const startedAtMs = systemClock.nowMs();
  await installPlatform(print);
  const complete = await synthesizePlan(process.env["LIFEBOAT_PLAN"] ?? EXAMPLE_PLAN);
  print(`synthesised in ${elapsed(startedAtMs)}`);
  process.exitCode = complete ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
