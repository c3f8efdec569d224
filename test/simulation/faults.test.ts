import { beforeAll, describe, expect, it } from "vitest";
import { faultKinds } from "@lifeboat/cloud/faults/fault";
import { coverageTable, measureCoverage } from "@lifeboat/lab/faults/coverage";
import type { Lab } from "@lifeboat/lab/create-lab";
import { generateFaults } from "@lifeboat/lab/faults/generate-faults";
import { runFaults } from "@lifeboat/lab/faults/run-faults";
import { runTasks } from "@lifeboat/lab/faults/run-tasks";
import { shrink } from "@lifeboat/lab/faults/shrink";
import type { TaskResult } from "@lifeboat/lab/faults/task";
import { exampleText, readValid } from "../unit/plan-example.ts";

const { plan } = readValid(exampleText);

/** More in CI: see CONTRIBUTING. */
const SEEDS = Number(process.env["LIFEBOAT_SEEDS"] ?? "200");
/** So many more are run twice and compared: whether runs repeat shows in these as well as in all. */
const COMPARED = Math.min(200, SEEDS);

/** How many seeds and runs a core made in a second, and what went wrong in them. */
const sumUp = (results: readonly TaskResult[]) => {
  const coreSeconds = results.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1000;
  const runs = results.reduce((sum, { task }) => sum + task.times, 0);
  return {
    seedsPerSecond: (results.length / coreSeconds).toFixed(1),
    runsPerSecond: (runs / coreSeconds).toFixed(1),
    broken: results
      .filter(({ violations }) => violations.length > 0)
      .map(({ seed, violations }) => ({ seed, violations })),
  };
};

describe("a schedule of faults", () => {
  it("is the same for the same seed, is JSON, and has every kind of fault within a few dozen seeds", () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const faults = generateFaults(plan, seed);
      expect(JSON.parse(JSON.stringify(faults))).toEqual(generateFaults(plan, seed));
      for (const { kind } of faults) kinds.add(kind);
    }
    expect([...kinds].sort()).toEqual([...faultKinds].sort());
  });

  it("ends the same, call for call, whether calls are spelt for the wire or handed over as they are", async () => {
    // Without throttling: how long the SDK waits before it tries again is not ours to repeat.
    const { region } = plan.sites.primary;
    const faults = [{ kind: "site-loss", place: region, plane: "both", atMs: 45_000, forMs: null }] as const;
    const callsOf = async (spelt: boolean): Promise<readonly unknown[]> => {
      let lab: Lab | undefined;
      const onLab = (given: Lab): void => {
        lab = given;
      };
      const { outcomes } = await runFaults({ plan, seed: 3, faults, spelt, onLab });
      const calls = (lab?.wire ?? []).map(({ atMs, endedAtMs, origin, region, operation, outcome }) =>
        [atMs, endedAtMs, origin.principal, region, operation, outcome.type].join(" "),
      );
      return [outcomes, ...calls];
    };
    const direct = await callsOf(false);
    expect(direct.length).toBeGreaterThan(1000);
    expect(await callsOf(true)).toEqual(direct);
  });
});

describe("shrinking", () => {
  it("leaves the faults that a failure needs, and nothing else", async () => {
    const bystander = { kind: "cold-starts", region: plan.witness.region, atMs: 0, forMs: 30_000 } as const;
    // Nobody can serve users while their traffic reaches neither site.
    const needed = [plan.sites.primary.region, plan.sites.standby.region].map(
      (place) => ({ kind: "site-loss", place, plane: "both", atMs: 30_000, forMs: null }) as const,
    );
    const [first, second] = needed;
    if (first === undefined || second === undefined) throw new Error("two sites");
    expect(await shrink(plan, 1, [bystander, first, bystander, second])).toEqual(needed);
  });
});

describe(`${SEEDS} seeds of faults, and ${COMPARED} more that are run twice`, () => {
  const results: TaskResult[] = [];
  const once = (): readonly TaskResult[] => results.slice(0, SEEDS);
  const twice = (): readonly TaskResult[] => results.slice(SEEDS);

  beforeAll(async () => {
    const tasks = Array.from({ length: SEEDS + COMPARED }, (_, index) => ({
      seed: index + 1,
      faults: generateFaults(plan, index + 1),
      times: index < SEEDS ? (1 as const) : (2 as const),
    }));
    results.push(...(await runTasks({ plan, tasks })));
  }, 3_600_000);

  it("break no invariant, mostly end recovered, and try every fault in every phase", () => {
    const { broken, seedsPerSecond } = sumUp(once());
    const recovered = once().filter(({ outcomes }) =>
      outcomes.some(({ outcome }) => outcome === "recovered"),
    ).length;
    console.log(`${SEEDS} seeds, ${recovered} recovered, ${seedsPerSecond} seeds per second and core`);
    const coverage = measureCoverage(once());
    console.log(`seeds in which a fault struck in a phase\n${coverageTable(coverage)}`);
    expect(broken).toEqual([]);
    expect(recovered).toBeGreaterThanOrEqual(SEEDS * 0.4);
    if (SEEDS >= 200) expect(coverage.holes).toEqual([]);
  });

  it("go the same way a second time", () => {
    const { broken, seedsPerSecond, runsPerSecond } = sumUp(twice());
    console.log(
      `${COMPARED} seeds run twice and compared, ${runsPerSecond} runs (${seedsPerSecond} seeds) per second and core`,
    );
    expect(twice()).toHaveLength(COMPARED);
    expect(broken).toEqual([]);
  });
});
