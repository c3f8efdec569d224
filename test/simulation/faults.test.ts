import { describe, expect, it } from "vitest";
import { faultKinds } from "@lifeboat/cloud/faults/fault";
import { coverageTable, measureCoverage } from "@lifeboat/lab/faults/coverage";
import type { Lab } from "@lifeboat/lab/create-lab";
import { generateFaults } from "@lifeboat/lab/faults/generate-faults";
import { runFaults } from "@lifeboat/lab/faults/run-faults";
import { runTasks } from "@lifeboat/lab/faults/run-tasks";
import { shrink } from "@lifeboat/lab/faults/shrink";
import { exampleText, readValid } from "../unit/plan-example.ts";

const { plan } = readValid(exampleText);

/** More in CI: see CONTRIBUTING. */
const SEEDS = Number(process.env["LIFEBOAT_SEEDS"] ?? "200");
/** So many of them are run twice and compared: whether runs repeat shows in these as well as in more. */
const TWICE = 200;

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

describe(`${SEEDS} seeds of faults, the first ${TWICE} run twice`, () => {
  it("break no invariant, mostly end recovered, and try every fault in every phase", async () => {
    const tasks = Array.from({ length: SEEDS }, (_, index) => ({
      seed: index + 1,
      faults: generateFaults(plan, index + 1),
      times: index < TWICE ? (2 as const) : (1 as const),
    }));
    const results = await runTasks({ plan, tasks });
    const coreSeconds = results.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1000;
    const runs = tasks.reduce((sum, { times }) => sum + times, 0);
    const recovered = results.filter(({ outcomes }) =>
      outcomes.some(({ outcome }) => outcome === "recovered"),
    ).length;
    console.log(
      `${SEEDS} seeds, ${recovered} recovered, ${runs} runs, ${(runs / coreSeconds).toFixed(1)} runs (${(SEEDS / coreSeconds).toFixed(1)} seeds) per second and core`,
    );
    const coverage = measureCoverage(results);
    console.log(`seeds in which a fault struck in a phase\n${coverageTable(coverage)}`);
    const broken = results.filter(({ violations }) => violations.length > 0);
    expect(broken.map(({ seed, violations }) => ({ seed, violations }))).toEqual([]);
    expect(recovered).toBeGreaterThanOrEqual(SEEDS * 0.4);
    if (SEEDS >= 200) expect(coverage.holes).toEqual([]);
  }, 3_600_000);
});
