import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { interleavedWrites } from "@lifeboat/cloud/client/judge";
import { simulate, type Simulation } from "@lifeboat/lab/simulate";
import { scenarioNamed } from "@lifeboat/lab/scenarios/catalogue";
import { phaseNames } from "@lifeboat/recovery/phases";
import { beforeAll, describe, expect, it } from "vitest";
import { exampleText, readValid, withValue } from "../unit/plan-example.ts";
import { expectRecovered } from "./expect-recovered.ts";
import { runScenario } from "./run-scenario.ts";

const expectCleanWire = ({ lab }: Simulation): void => {
  expect(lab.cloud.violations).toEqual([]);
};

const claimOf = ({ lab }: Simulation) =>
  JSON.parse(
    lab.cloud.s3.read(lab.plan.ledger.witnessBucket, `${lab.plan.workload}/claim`) ?? "null",
  ) as Record<string, unknown>;

describe("the loss of the primary region", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await runScenario("region-loss");
  });

  it("ends recovered within the objectives", () => {
    expect(simulation.recoveries).toHaveLength(1);
    expectRecovered(simulation, simulation.result);
  });

  it("goes through the phases in their order", () => {
    const names = simulation.result.phases.map(({ name }) => name);
    expect(names).toEqual(phaseNames.filter((name) => name !== "approve"));
    const starts = simulation.result.phases.map(({ startedAtMs }) => startedAtMs);
    expect([...starts].sort((left, right) => left - right)).toEqual(starts);
  });

  it("says in the ledger who is active, in which epoch, and that nothing protects it yet", () => {
    expect(claimOf(simulation)).toMatchObject({
      epoch: 2,
      activeSite: "paris",
      holder: null,
      request: null,
      protection: "degraded",
      phase: "idle",
    });
  });

  it("writes one record, which says what the state machine said", () => {
    const { lab, result } = simulation;
    const name = result.execution.slice(result.execution.lastIndexOf(":") + 1);
    const record = JSON.parse(
      lab.cloud.s3.read("spacelift-lifeboat-eu-west-3", `spacelift/records/${name}.json`) ?? "null",
    ) as Record<string, unknown>;
    expect(record).toMatchObject({
      outcome: "recovered",
      from: "ireland",
      to: "paris",
      epoch: 2,
      fencing: "lease-run-out",
    });
  });

  it("waits for the lease of the lost site before anything is promoted", () => {
    const { lab, result } = simulation;
    const renewal = lab.wire.findLast(
      (call) =>
        call.operation === "PutObject" &&
        call.origin.place === "eu-west-1" &&
        call.outcome.type === "answered",
    );
    const promotion = lab.wire.find((call) => call.operation === "FailoverGlobalCluster");
    const { durationMs } = lab.plan.ledger.lease;
    expect(promotion?.origin.execution).toBe(result.execution);
    expect((promotion?.atMs ?? 0) - (renewal?.endedAtMs ?? Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(
      durationMs,
    );
  });

  it("measures once how long it took and what was lost, under the names that the dashboard asks for", () => {
    const { lab, result } = simulation;
    const measured = lab.log
      .filter(({ functionName, line }) => functionName.endsWith("-record-outcome") && line.includes("_aws"))
      .map(({ line }) => JSON.parse(line) as Record<string, unknown>);
    expect(measured).toHaveLength(1);
    expect(measured[0]).toMatchObject({
      _aws: {
        CloudWatchMetrics: [{ Namespace: "Lifeboat", Dimensions: [["service", "Outcome", "Workload"]] }],
      },
      service: "record-outcome",
      Outcome: "recovered",
      Workload: "spacelift",
      RecoveryLoss: result.rpoMs?.max,
    });
    expect(measured[0]?.["RecoveryDuration"]).toBeGreaterThan(60_000);
  });

  it("has one writer at any time, by the users' receipts", () => {
    expect(interleavedWrites(simulation.lab.workload.client.rows())).toEqual([]);
  });

  it("calls nothing in the lost region, no record change and no IAM between claim and traffic shift", () => {
    const { lab, result } = simulation;
    const claim = result.phases.find(({ name }) => name === "claim")?.endedAtMs ?? 0;
    const shift = result.phases.find(({ name }) => name === "shift-traffic")?.endedAtMs ?? 0;
    const calls = lab.wire.filter(
      (call) => call.origin.execution === result.execution && call.atMs >= claim && call.atMs <= shift,
    );
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter((call) => call.region === "eu-west-1")).toEqual([]);
    expect(
      calls.filter((call) => call.operation === "ChangeResourceRecordSets" || call.service === "iam"),
    ).toEqual([]);
  });

  it("tells people once", () => {
    const subjects = simulation.lab.cloud.sns.messages.map(({ subject }) => subject);
    expect(subjects).toEqual(["spacelift: recovered, ireland to paris"]);
  });

  it("keeps to AWS's own models on the wire", () => expectCleanWire(simulation));

  describe("a second time", () => {
    const digest = ({ lab, result }: Simulation, ...more: readonly unknown[]): string => {
      const histories = [...lab.cloud.sfn.executions.values()].map(({ history }) => history);
      const everything = [result, lab.log, lab.workload.client.rows(), histories, ...more];
      return createHash("sha256").update(JSON.stringify(everything)).digest("hex");
    };
    const withWire = (run: Simulation): string => digest(run, run.lab.wire);

    it("repeats itself to the byte with the same seed, and not with another", async () => {
      expect(withWire(await runScenario("region-loss"))).toBe(withWire(simulation));
      expect(withWire(await runScenario("region-loss", { seed: 2 }))).not.toBe(withWire(simulation));
    });

    it("ends the same where calls are not spelt for the wire, which lack their lengths and checksums alone", async () => {
      const handedOver = await runScenario("region-loss", { spelt: false });
      expect(digest(handedOver)).toBe(digest(simulation));
      expect(handedOver.lab.wire).toHaveLength(simulation.lab.wire.length);
    });
  });
});

describe("the loss of the primary region, by other seeds", () => {
  it.each([2, 3, 5, 8, 13])("ends recovered within the objectives with seed %i", async (seed) => {
    const simulation = await runScenario("region-loss", { seed });
    expectRecovered(simulation, simulation.result);
    expectCleanWire(simulation);
  });
});

describe("a dry run", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await runScenario("dry-run");
  });

  it("makes no mutating call, seen on the wire", () => {
    const { lab, result } = simulation;
    const calls = lab.wire.filter((call) => call.origin.execution === result.execution);
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.filter((call) => call.mutating)).toEqual([]);
    expect(result.mutatingCalls).toBe(0);
  });

  it("says that nothing is to be recovered from, and what a failover would do", () => {
    expect(simulation.result.outcome).toBe("not-needed");
    const [execution] = simulation.lab.cloud.sfn.executions.values();
    expect(execution?.state.output).toMatchObject({
      dryRun: true,
      to: "paris",
      wouldMove: ["server", "worker-broker"],
    });
  });

  it("leaves the ledger as it was", () => {
    expect(claimOf(simulation)).toMatchObject({ revision: 1, epoch: 1, request: null });
  });

  it("keeps to AWS's own models on the wire", () => expectCleanWire(simulation));
});

describe("the loss of the second region after the first recovery", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await runScenario("second-region-loss");
  });

  it("ends recovered both times, each in an epoch of its own", () => {
    expect(simulation.recoveries.map(({ epoch }) => epoch)).toEqual([2, 3]);
    for (const recovery of simulation.recoveries) expectRecovered(simulation, recovery);
    expect(claimOf(simulation)).toMatchObject({ activeSite: "ireland", epoch: 3 });
  });

  it("kept the old volume's snapshot before the workload counted as protected", () => {
    const kept = simulation.lab.rds.snapshots("eu-west-1").filter(({ type }) => type === "manual");
    expect(kept.map(({ identifier }) => identifier)).toEqual([
      expect.stringMatching(/^lifeboat-unplanned-global-failover-/),
    ]);
  });

  it("recorded AWS's word on the fencing and on the old volume, and told people", () => {
    const { cloud } = simulation.lab;
    const text = cloud.s3.read("spacelift-lifeboat-eu-west-1", "spacelift/protection/e2.json") ?? "null";
    expect(JSON.parse(text)).toMatchObject({
      site: "ireland",
      epoch: 2,
      notes: [expect.stringMatching(/writes/), expect.stringMatching(/the old volume is kept as lifeboat-/)],
    });
    const subjects = cloud.sns.messages.map(({ subject }) => subject);
    expect(
      subjects.filter((subject) => subject?.startsWith("spacelift: protected again by ireland")),
    ).toHaveLength(1);
  });

  it("has one writer at any time, by the users' receipts", () => {
    expect(interleavedWrites(simulation.lab.workload.client.rows())).toEqual([]);
  });

  it("keeps to AWS's own models on the wire", () => expectCleanWire(simulation));
});

describe("a plan that does not pay for fast health checks", () => {
  it.each(["region-loss", "second-region-loss"])("keeps the objectives in %s", async (name) => {
    const scenario = scenarioNamed(name);
    if (scenario === undefined) throw new Error(`no scenario ${name}`);
    const { plan } = readValid(withValue(["observe", "fastHealthChecks"], false));
    const simulation = await simulate({ plan, seed: 1, scenario });
    for (const recovery of simulation.recoveries) expectRecovered(simulation, recovery);
  });
});

describe("the plan that lifeboat init writes, which wants a person's approval", () => {
  it("recovers once somebody on call has approved, and counts the wait as theirs", async () => {
    const text = readFileSync(new URL("../../packages/cli/starting.plan.yaml", import.meta.url), "utf8");
    const { plan } = readValid(text);
    const scenario = scenarioNamed("region-loss");
    if (scenario === undefined) throw new Error("no scenario region-loss");
    const { result } = await simulate({ plan, seed: 1, scenario });
    expect(result.outcome).toBe("recovered");
    expect(result.phases.map(({ name }) => name)).toContain("approve");
    expect(result.humanWaitMs).toBeGreaterThan(0);
  });
});

describe("an execution whose input makes no sense", () => {
  it.each([
    ["without a workload", {}, /^input.workload: expected the name of a workload/],
    ["for a workload that nobody has published", { workload: "nobody" }, /^no plan of "nobody" is published/],
    ["with a key that does not exist", { workload: "spacelift", dryrun: true }, /dryrun/],
  ])("%s fails with one message, and nothing is changed", async (_, input, message) => {
    const { plan } = readValid(exampleText);
    const simulation = await simulate({
      plan,
      seed: 1,
      scenario: {
        name: "bad-input",
        summary: "a person types something else",
        expected: "failed",
        async run({ wait, startFailover }) {
          await startFailover("paris", input);
          await wait(30_000);
        },
      },
    });
    const [execution] = simulation.lab.cloud.sfn.executions.values();
    expect(execution?.state).toMatchObject({
      status: "FAILED",
      cause: expect.stringMatching(message) as string,
    });
    expect(["InputInvalid", "PlanMissing"]).toContain(execution?.state.error);
    expect(simulation.result.mutatingCalls).toBe(0);
  });
});

describe("alarms that come several times, late and out of order", () => {
  it("start one execution", async () => {
    const simulation = await runScenario("duplicate-alarms");
    const copies = simulation.lab.cloud.lambda.invocations.filter(({ functionName }) =>
      functionName.endsWith("-on-alarm"),
    );
    expect(copies.length).toBeGreaterThan(5);
    expect(simulation.recoveries).toHaveLength(1);
    expectRecovered(simulation, simulation.result);
    expectCleanWire(simulation);
  });
});
