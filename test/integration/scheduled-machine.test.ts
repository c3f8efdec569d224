import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import type { MachineEntry, ScheduleEntry } from "@lifeboat/control-plane/manifest";
import { schedulePermissions } from "@lifeboat/control-plane/role-permissions";
import { createLab } from "@lifeboat/lab/create-lab";
import { describe, expect, it } from "vitest";
import type { Graph } from "../../infra/synth/graph.ts";
import { synthesize } from "../../infra/synth/synthesize.ts";
import { exampleFile, exampleText, readValid } from "../unit/plan-example.ts";
import { checkActions, checkMachines, checkNames, checkTriggers, checkTrust } from "./synth-checks.ts";
import { ofType, rolesOf } from "./synth-graph.ts";
import { whyNotSynthesised } from "./synth-platform.ts";
import { orderGraph } from "./workshop.ts";

/* A machine that nobody has written yet, started by a schedule: one entry for each, and nothing else anywhere. */

const machine: MachineEntry = {
  name: "drill",
  definition: "test/integration/planted/drill.asl.json",
  functions: { Begin: "begin" },
};
const schedule: ScheduleEntry = {
  name: "drill",
  expression: "rate(5 minutes)",
  target: { machine: "drill" },
  input: { workload: "spacelift", dryRun: true },
};
const more = { machines: [machine], schedules: [schedule] };
const { plan } = readValid(exampleText);
const MACHINE = "arn:aws:states:eu-west-3:111122223333:stateMachine:lifeboat-spacelift-drill";

const unavailable = await whyNotSynthesised();

/** The sites' machines and schedules with an entry more in each list, as somebody would write it. */
const plantedFile = (): string => {
  const source = readFileSync(
    new URL("../../packages/control-plane/site-machines.ts", import.meta.url),
    "utf8",
  );
  const text = source
    .replace("= [failoverMachine];", `= [failoverMachine, ${JSON.stringify(machine)}];`)
    .replace("=> [\n  {", `=> [\n  ${JSON.stringify(schedule)},\n  {`);
  expect(text.match(/"drill"/g)).toHaveLength(3);
  const file = join(mkdtempSync(join(tmpdir(), "lifeboat-plant-")), "site-machines.ts");
  writeFileSync(file, text);
  return file;
};

describe("a scheduled machine, of one entry in the manifest", () => {
  it("is started on the laptop, with its input", async () => {
    const lab = await createLab({ plan, seed: 3, more });
    const { clock } = lab.cloud.world;
    await clock.run({ untilMs: clock.nowMs() + 6 * 60_000 });
    const runs = [...lab.cloud.sfn.executions.values()].filter(
      (run) => run.machine.name === "lifeboat-spacelift-drill",
    );
    // Both sites have it.
    expect(new Set(runs.map((run) => run.machine.region))).toEqual(new Set(["eu-west-1", "eu-west-3"]));
    expect(runs.length).toBeGreaterThanOrEqual(2);
    for (const run of runs) expect(JSON.parse(run.input)).toEqual(schedule.input);
  });

  it("is told of when it fails, as any other", () => {
    const heard = buildManifest(plan, more).places.map(
      ({ rules }) => rules.find(({ name }) => name === "executions")?.pattern["detail"],
    );
    expect(heard[1]).toMatchObject({ stateMachineArn: expect.arrayContaining([MACHINE]) as unknown });
  });

  it("is all that its schedule's role may start", () => {
    const manifest = buildManifest(plan, more);
    const place = manifest.places.find(({ region }) => region === "eu-west-3");
    if (place === undefined) throw new Error("the example has a site in Paris");
    expect(schedulePermissions({ manifest, place }, schedule)).toEqual([
      { actions: ["states:StartExecution"], resources: [MACHINE] },
      { actions: ["sqs:SendMessage"], resources: [expect.stringMatching(/dead-letters$/)] },
    ]);
  });
});

describe.skipIf(unavailable !== undefined)("a scheduled machine in the stack", () => {
  const graphs = (async (): Promise<{ plain: Graph; planted: Graph }> => {
    if (unavailable !== undefined) throw new Error(unavailable);
    const [plain, planted] = await Promise.all([
      orderGraph("production-paris", exampleText),
      synthesize("production-paris", exampleFile, plantedFile()),
    ]);
    if (!plain.ok) throw new Error(plain.errors.join("\n"));
    if (!planted.ok) throw new Error(planted.errors.join("\n"));
    return { plain: plain.graph, planted: planted.graph };
  })();
  graphs.catch(() => undefined);

  it("has a role, a log, a schedule and a role for that, and changes nothing of the others", async () => {
    const { plain, planted } = await graphs;
    const identity = ({ type, name }: Graph["resources"][number]): string => `${type} ${name}`;
    const known = new Set(plain.resources.map(identity));
    const added = planted.resources.filter((resource) => !known.has(identity(resource)));
    expect(added.map(({ type }) => type).toSorted((left, right) => left.localeCompare(right))).toEqual([
      "aws:cloudwatch/logGroup:LogGroup",
      "aws:iam/role:Role",
      "aws:iam/role:Role",
      "aws:iam/rolePolicy:RolePolicy",
      "aws:iam/rolePolicy:RolePolicy",
      "aws:scheduler/schedule:Schedule",
      "aws:sfn/stateMachine:StateMachine",
    ]);
    const changed = plain.resources.filter((resource) => {
      const now = planted.resources.find((other) => identity(other) === identity(resource));
      return JSON.stringify(now) !== JSON.stringify(resource);
    });
    // The rule that hears of executions names one machine more.
    expect(changed.filter(({ custom, existing }) => custom && !existing).map(({ name }) => name)).toEqual([
      "ExecutionsRule",
    ]);
  });

  it("keeps the rules of every other part: names, trust, actions, triggers, machines", async () => {
    const { planted } = await graphs;
    const roles = rolesOf(planted);
    expect([
      ...checkNames(planted),
      ...checkTrust(roles),
      ...checkActions(roles),
      ...checkTriggers(planted),
      ...checkMachines(planted),
    ]).toEqual([]);
  });

  it("is started by the Scheduler with its input, late rather than never, and ends as a dead letter if not", async () => {
    const { planted } = await graphs;
    const created = ofType(planted, "aws:scheduler/schedule:Schedule").find(
      ({ name }) => name === "DrillSchedule",
    );
    expect(created?.inputs["target"]).toMatchObject({
      arn: MACHINE,
      input: JSON.stringify(schedule.input),
      retryPolicy: { maximumEventAgeInSeconds: 3600 },
      deadLetterConfig: { arn: expect.stringContaining("lifeboat-spacelift-dead-letters") as unknown },
    });
    const role = rolesOf(planted).find(({ name }) => name === "lifeboat-spacelift-drill-timer-euw3");
    expect(role?.trust[0]).toMatchObject({
      Principal: { Service: "scheduler.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } },
    });
    expect(role?.statements.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [["states:StartExecution"], [MACHINE]],
      [["sqs:SendMessage"], [expect.stringMatching(/dead-letters$/)]],
    ]);
  });
});
