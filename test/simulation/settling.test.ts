import { describe, expect, it } from "vitest";
import { INTERNET } from "@lifeboat/cloud/kernel/network";
import { enteredAtMs, lastEntered } from "@lifeboat/lab/checks/read-execution";
import type { Lab } from "@lifeboat/lab/create-lab";
import { ORIGIN_MS, runFaults, type FaultRun } from "@lifeboat/lab/faults/run-faults";
import { QUIET_MS } from "@lifeboat/lab/faults/settle";
import { START_MS } from "@lifeboat/lab/create-lab";
import { forSite } from "@lifeboat/recovery/plan";
import { exampleText, readValid } from "../unit/plan-example.ts";

/*
 * When a run of faults is over.
 * 1. Not before the world has been settled for a while.
 * 2. Whatever breaks meanwhile begins it anew.
 * 3. Workers that stand still, and that nobody starts, are no settled world, whatever users see.
 * 4. An operation of AWS that never ends ends no recovery: it is held for a person, who is told what timed out; retried once, it is
 *    held again, and left at that. The run is over when the machine has looked for answers by itself and is back in its hold, and not
 *    before.
 */
const { plan } = readValid(exampleText);
const { primary } = plan.sites;

/** Shortly before a run that nothing disturbs is over. */
const LATE_MS = QUIET_MS - 60_000;

/** A run without faults, in which something happens so long after their end. */
const runWith = (afterMs: number, happens: (lab: Lab) => void): Promise<FaultRun> =>
  runFaults({
    plan,
    seed: 1,
    faults: [],
    onLab: (lab) => lab.cloud.world.clock.at(ORIGIN_MS + afterMs, () => happens(lab)),
  });

/** How long the run went on after its last fault, or what came in its place. */
const sinceMs = ({ virtualMs }: FaultRun, afterMs: number): number =>
  virtualMs - (ORIGIN_MS - START_MS) - afterMs;

describe("a run whose faults are over", () => {
  it("1. goes on for a quiet while", async () => {
    const run = await runFaults({ plan, seed: 1, faults: [] });
    expect(run.violations).toEqual([]);
    expect(sinceMs(run, 0)).toBeGreaterThanOrEqual(QUIET_MS);
    expect(sinceMs(run, 0)).toBeLessThan(QUIET_MS + 120_000);
  });

  it("2. counts it anew when users are not served for a moment", async () => {
    const run = await runWith(LATE_MS, ({ cloud }) => {
      const { clock, network } = cloud.world;
      network.cut(INTERNET, primary.region);
      clock.after(15_000, () => network.mend(INTERNET, primary.region));
    });
    expect(run.violations).toEqual([]);
    expect(sinceMs(run, LATE_MS + 15_000)).toBeGreaterThanOrEqual(QUIET_MS);
  });

  it("3. is not settled while workers of the active site stand still", async () => {
    const [worker] = plan.workers;
    if (worker === undefined) throw new Error("the plan has no workers");
    const run = await runWith(LATE_MS, ({ cloud }) => {
      void cloud.call({
        service: "auto-scaling",
        operation: "SetDesiredCapacity",
        region: primary.region,
        input: { AutoScalingGroupName: forSite(worker.groups, primary.name), DesiredCapacity: 0 },
        origin: { place: INTERNET, principal: "operator" },
        timeoutMs: 30_000,
      });
    });
    expect(run.violations.map(({ invariant }) => invariant)).toContain("liveness");
    expect(run.violations.find(({ invariant }) => invariant === "liveness")?.message).toMatch(
      /not settled: workers\/\S+ of ireland is to have 0/,
    );
  });
});

describe("a recovery that waits for an operation of AWS that never ends", () => {
  const region = plan.sites.standby.region;
  it.each([
    ["failover", /the failover of "spacelift" to eu-west-3 did not end within 1800 s/],
    ["task-start", /the start of service "[\w-]+" in eu-west-3 did not end within 900 s/],
    ["instance-launch", /the start of the workers "[\w-]+" in eu-west-3 did not end within 900 s/],
  ] as const)("4. is held with the reason: %s", async (operation, reason) => {
    const never = { kind: "stuck-operation", region, operation, stallsMs: null, ends: "completes" } as const;
    let lab: Lab | undefined;
    const run = await runFaults({
      plan,
      seed: 1,
      faults: [
        { kind: "site-loss", place: primary.region, plane: "both", atMs: 45_000, forMs: null },
        { ...never, atMs: 0, forMs: 900_000 },
      ],
      onLab: (given) => {
        lab = given;
      },
    });
    expect(run.violations).toEqual([]);
    expect(run.outcomes.map(({ outcome }) => outcome)).toEqual(["holding"]);
    expect(run.outcomes[0]?.reason).toMatch(reason);
    const [execution] = lab?.cloud.sfn.executions.values() ?? [];
    if (execution === undefined) throw new Error("nothing was executed");
    const lastOf = (state: string): number => enteredAtMs(execution, state).at(-1) ?? Number.NaN;
    expect(lastOf("CountHoldAnswers")).toBeGreaterThan(lastOf("BeginHold"));
    expect(lastEntered(execution)).toBe("Hold");
  });
});
