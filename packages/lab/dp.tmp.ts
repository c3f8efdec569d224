import { generateFaults } from "@lifeboat/lab/faults/generate-faults";
import { runTasks } from "@lifeboat/lab/faults/run-tasks";
import { runFaults } from "@lifeboat/lab/faults/run-faults";
import { exampleText, readValid } from "/tmp/w/h3/test/unit/plan-example.ts";
const { plan } = readValid(exampleText);
const seeds: number[] = [];
for (let s = 1; s <= 1000; s++) if (generateFaults(plan, s).some((f: any) => f.kind === "site-loss" && f.plane === "data" && f.place === plan.sites.primary.region && f.forMs === null)) seeds.push(s);
console.log(seeds.join(" "));
const part = Number(process.argv[2]), of = Number(process.argv[3]);
for (const seed of seeds.filter((_, i) => i % of === part)) {
  const r = await runFaults({ plan, seed, faults: generateFaults(plan, seed) } as never);
  console.log(seed, r.outcomes.map((o: any) => o.outcome).join(","), r.violations.length ? JSON.stringify(r.violations) : "", r.outcomes.at(-1)?.reason?.slice(0, 120));
}
