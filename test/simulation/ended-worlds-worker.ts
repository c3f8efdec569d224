import { turn } from "@lifeboat/cloud/kernel/clock";
import { generateFaults } from "@lifeboat/lab/faults/generate-faults";
import { runTask } from "@lifeboat/lab/faults/task";
import { prepareProcess } from "@lifeboat/lab/faults/worker-process";
import { exampleText, readValid } from "../unit/plan-example.ts";

// What the feedback of V8's inline caches refers to it keeps as well, until a call site has seen a few worlds.
const FIRST_SEEDS = 40;
const MEASURED_SEEDS = 15;

prepareProcess();
const { plan } = readValid(exampleText);
const collectYoung = (): void => {
  globalThis.gc?.({ type: "minor" });
};
const heapBytes = (): number => process.memoryUsage().heapUsed;

/** The part of what a run made that a collection of the young generation finds in use after it. */
const keptOf = async (seed: number): Promise<number> => {
  const beforeBytes = heapBytes();
  let madeBytes = 0;
  let keptBytes = 0;
  const letGo = async (): Promise<void> => {
    await turn();
    madeBytes = heapBytes() - beforeBytes;
    // What survives the second has become old.
    collectYoung();
    collectYoung();
    keptBytes = heapBytes() - beforeBytes;
  };
  await runTask(plan, { seed, faults: generateFaults(plan, seed), times: 1 }, { spentMs: () => 0, letGo });
  return keptBytes / madeBytes;
};

const kept: number[] = [];
for (let seed = 1; seed <= FIRST_SEEDS + MEASURED_SEEDS; seed++) {
  const part = await keptOf(seed);
  if (seed > FIRST_SEEDS) kept.push(part);
}
process.send?.(kept);
