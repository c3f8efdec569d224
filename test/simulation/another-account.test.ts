import type { Fault } from "@lifeboat/cloud/faults/fault";
import type { Lab } from "@lifeboat/lab/create-lab";
import { generateFaults } from "@lifeboat/lab/faults/generate-faults";
import { runFaults, type FaultRun } from "@lifeboat/lab/faults/run-faults";
import { strikeTypes, type StrikeType } from "@lifeboat/lab/faults/strike";
import { describe, expect, it } from "vitest";
import { accessText, WORKLOAD_ACCOUNT } from "../integration/access-plan.ts";
import { readValid } from "../unit/plan-example.ts";
import { runScenario } from "./run-scenario.ts";

/*
 * The example with its workload in another account:
 * 1. it recovers as it does in Lifeboat's own, by calls that AWS would take;
 * 2. STS may fail it at every single call, and nothing happens that must never;
 * 3. nor does it under any other schedule of faults.
 */

const { plan } = readValid(accessText);
const SEEDS = 10;
const runsAll = process.env["LIFEBOAT_EXHAUSTIVE"] === "all";
const lost: Fault = {
  kind: "site-loss",
  place: plan.sites.primary.region,
  plane: "both",
  atMs: 45_000,
  forMs: null,
};

interface Struck {
  readonly run: FaultRun;
  readonly calls: number;
}

/** Loses the region, and strikes the given of all calls that go to STS, from 1; 0 strikes none. */
const strikeSts = async (struck: number, type: StrikeType): Promise<Struck> => {
  let calls = 0;
  const onLab = ({ cloud }: Lab): void => {
    const { faults } = cloud.world;
    const others = faults.call;
    faults.call = (call) => (call.service === "sts" && ++calls === struck ? { type } : others?.(call));
  };
  const run = await runFaults({ plan, seed: 1, faults: [lost], onLab });
  return { run, calls };
};

describe("a workload in another account", () => {
  it.each(["region-loss", "dry-run", "second-region-loss"])(
    "passes %s",
    async (name) => {
      const { result, expected, lab } = await runScenario(name, { planText: accessText });
      expect(result.outcome).toBe(expected);
      const theirs = lab.wire.filter(({ service }) =>
        ["rds", "ecs", "auto-scaling", "kms", "iot"].includes(service),
      );
      const actors = new Set(theirs.map(({ origin }) => origin.session?.account ?? origin.principal));
      expect(actors).toEqual(new Set([WORKLOAD_ACCOUNT]));
      const own = lab.wire.filter(
        ({ service }) =>
          !["rds", "ecs", "auto-scaling", "kms", "iot", "s3", "acm", "secrets-manager"].includes(service),
      );
      expect(own.filter(({ origin }) => origin.session !== undefined)).toEqual([]);
    },
    120_000,
  );

  it("recovers the same whether calls are spelt for the wire or handed over as they are", async () => {
    const callsOf = async (spelt: boolean): Promise<readonly unknown[]> => {
      const labs: Lab[] = [];
      await runFaults({ plan, seed: 3, faults: [lost], spelt, onLab: (lab) => void labs.push(lab) });
      return (labs[0]?.wire ?? []).map(({ atMs, endedAtMs, origin, region, operation, outcome }) =>
        [atMs, endedAtMs, origin.principal, origin.session?.arn, region, operation, outcome.type].join(" "),
      );
    };
    const direct = await callsOf(false);
    expect(direct.some((call) => String(call).includes("spacelift.promote.euw3.e2"))).toBe(true);
    expect(await callsOf(true)).toEqual(direct);
  }, 120_000);
});

describe("STS", () => {
  it("may let each of its callers die, and lose each of its answers", async () => {
    const { calls, run } = await strikeSts(0, "lose-reply");
    expect(run.outcomes.at(-1)?.outcome).toBe("recovered");
    expect(calls).toBeGreaterThan(6);
    const bad: unknown[] = [];
    for (let call = 1; call <= calls; call++) {
      // One way each, in turn; all of them with LIFEBOAT_EXHAUSTIVE=all.
      const [inTurn = "lose-reply"] = strikeTypes.slice(call % strikeTypes.length);
      for (const type of runsAll ? strikeTypes : [inTurn]) {
        const { outcomes, violations } = (await strikeSts(call, type)).run;
        const last = outcomes.at(-1);
        if (violations.length > 0 || !["recovered", "held"].includes(last?.outcome ?? ""))
          bad.push({ call, type, outcomes, violations });
      }
    }
    expect(bad).toEqual([]);
  }, 600_000);

  it.each([1, 0.5])(
    "may throttle a share of %s of all calls for five minutes of an outage",
    async (chance) => {
      const throttled = plan.sites.standby.region;
      const faults: readonly Fault[] = [
        lost,
        { kind: "throttling", region: throttled, service: "sts", chance, atMs: 45_000, forMs: 300_000 },
      ];
      const { outcomes, violations } = await runFaults({ plan, seed: 1, faults });
      expect(violations).toEqual([]);
      expect(outcomes.at(-1)?.outcome).toBe("recovered");
    },
    120_000,
  );
});

describe("a schedule of faults", () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
    "breaks no invariant, and ends the same twice (seed %s)",
    async (seed) => {
      const faults = generateFaults(plan, seed);
      const first = await runFaults({ plan, seed, faults });
      expect(first.violations).toEqual([]);
      const digest = first.digest();
      expect((await runFaults({ plan, seed, faults })).digest()).toBe(digest);
    },
    120_000,
  );
});
