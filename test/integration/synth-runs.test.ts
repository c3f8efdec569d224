import { createRandom } from "@lifeboat/cloud/kernel/random";
import { dryRun } from "@lifeboat/lab/scenarios/dry-run";
import { overrideTwoPersons } from "@lifeboat/lab/scenarios/override-two-persons";
import { rarePaths } from "@lifeboat/lab/scenarios/rare-paths";
import { regionLoss } from "@lifeboat/lab/scenarios/region-loss";
import type { Scenario } from "@lifeboat/lab/scenarios/scenario";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bundle } from "../../infra/synth/bundle.ts";
import type { Graph } from "../../infra/synth/graph.ts";
import { installPlatform } from "../../infra/synth/platform.ts";
import { exampleText } from "../unit/plan-example.ts";
import {
  bundleAll,
  firstProblem,
  runOnGraph,
  withoutAction,
  withPolicies,
  type GraphRun,
} from "./graph-lab.ts";
import { rolesOf, synthesizePlaces } from "./synth-graph.ts";

/*
 * The synthesised stack runs: from the resource graphs of all places, with the bundles that would be deployed, and with every
 * call judged by the roles of the graph. What is granted is needed, and what is needed is granted.
 */

/** Granted, and asked for by no run, each with the reason. */
const needless: Readonly<Record<string, string>> = {
  "watch-timer sqs:SendMessage":
    "the Scheduler keeps what it could not start; a simulated function can always be started",
  "probe-timer sqs:SendMessage": "as the watch's timer",
  "notify sqs:SendMessage": "as the watch's timer: what Lambda could not deliver for hours",
  "duty-out events:PutEvents":
    "the metrics that these alarms watch are Lambda's and SQS's own, which are not simulated",
  "ask states:SendTaskSuccess":
    "for an answer that comes in the moment between two waits, while the machine counts; test/unit/operations-approvals",
  "claim lambda:InvokeFunction":
    "for a site that comes back in the seconds between an assessment and its claim: no run hits them since answers are assessed again",
};

/** Bytes of a bundle. */
const MOST_BYTES = 700_000;
/** The SDK's client of STS. */
const STS = "@aws-sdk/nested-clients";

const scenarios: readonly Scenario[] = [regionLoss, dryRun, overrideTwoPersons, ...rarePaths];

/** Every take-away is a run of its own: a few of them here, all of them with LIFEBOAT_TAKE_AWAY=all. */
const TAKEN_AWAY = process.env["LIFEBOAT_TAKE_AWAY"] === "all" ? Number.POSITIVE_INFINITY : 6;
/** Of those few, none that is used later than this in its scenario, milliseconds of virtual time: the time is the test's. */
const EARLY_MS = 12 * 60_000;
const LONG_MS = 1_800_000;

const unavailable = await installPlatform((line) => console.info(line)).then(
  () => undefined,
  (error: unknown) => String(error),
);
if (unavailable !== undefined)
  console.warn(`The stack is not run: SST's platform cannot be installed here (${unavailable})`);

let graphs: readonly Graph[] = [];
let bundles: ReadonlyMap<string, Bundle> = new Map();
const runs = new Map<string, GraphRun>();

/** `lifeboat-spacelift-watch-timer-euw3` → `watch-timer`: a role of each site, for one thing. */
const purposeOf = (role: string): string => role.replace(/^lifeboat-[^-]+-/, "").replace(/-[a-z]+\d$/, "");

interface Use {
  readonly role: string;
  readonly action: string;
  readonly scenario: Scenario;
  readonly afterMs: number;
}

/** The first use of every action by every role, in the shortest of the scenarios that use it. */
const usesOf = (): ReadonlyMap<string, Use> => {
  const uses = new Map<string, Use>();
  for (const scenario of scenarios) {
    const { judged } = runs.get(scenario.name) ?? { judged: [] };
    const [first] = judged;
    for (const { role, action, atMs } of judged) {
      const key = `${purposeOf(role)} ${action}`;
      const afterMs = atMs - (first?.atMs ?? atMs);
      const known = uses.get(key);
      if (known === undefined || afterMs < known.afterMs) uses.set(key, { role, action, scenario, afterMs });
    }
  }
  return uses;
};

const granted = (): readonly string[] => [
  ...new Set(
    graphs
      .flatMap(rolesOf)
      .flatMap(({ name, statements }) =>
        statements
          .filter(({ Effect }) => Effect === "Allow")
          .flatMap(({ Action }) => Action.map((action) => `${purposeOf(name)} ${action}`)),
      ),
  ),
];

describe.skipIf(unavailable !== undefined)("the synthesised stack, as it runs", () => {
  beforeAll(async () => {
    graphs = [...(await synthesizePlaces(exampleText)).values()];
    bundles = await bundleAll(graphs);
  }, 300_000);

  it("is bundled small, with everything that a function needs when it starts", () => {
    expect(bundles.size).toBeGreaterThan(10);
    const heavy = [...bundles].filter(([, { bytes }]) => bytes > MOST_BYTES);
    expect(heavy.map(([name, { bytes, packages }]) => ({ name, bytes, packages }))).toEqual([]);
    expect([...bundles].flatMap(([name, { missing }]) => missing.map((path) => `${name}: ${path}`))).toEqual(
      [],
    );
  });

  it("brings no client of AWS that a function never calls", () => {
    const clientsOf = (name: string): readonly string[] =>
      Object.keys(bundles.get(name)?.packages ?? {}).filter((path) => path.startsWith("@aws-sdk/client-"));
    expect(clientsOf("ShiftTraffic").toSorted()).toEqual([
      "@aws-sdk/client-eventbridge",
      "@aws-sdk/client-s3",
    ]);
    expect(clientsOf("Canary")).toEqual([]);
    expect(clientsOf("Fence").toSorted()).toEqual(["@aws-sdk/client-eventbridge", "@aws-sdk/client-s3"]);
    const entering = [...bundles].filter(([, { packages }]) => STS in packages).map(([name]) => name);
    expect(entering.toSorted()).toEqual([
      "CheckCompute",
      "CheckStores",
      "CheckTraffic",
      "Promote",
      "RecordOutcome",
      "RetirePrimary",
      "StartService",
      "StartWorkers",
      "TendServices",
      "TendStandby",
    ]);
    const iot = [...bundles.keys()].filter((name) => clientsOf(name).includes("@aws-sdk/client-iot"));
    expect(iot).toEqual(["CheckTraffic"]);
    // What may stop services is not what runs all day.
    expect(clientsOf("Watch").toSorted()).toEqual(
      ["cloudwatch", "lambda", "s3", "sfn", "sqs"].map((client) => `@aws-sdk/client-${client}`),
    );
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    "passes %s under its own roles",
    { timeout: LONG_MS },
    async (name, scenario) => {
      const run = await runOnGraph({ scenario, graphs, bundles });
      expect(run.problems).toEqual([]);
      expect(run.judged.length).toBeGreaterThan(100);
      runs.set(name, run);
    },
  );

  it("passes a dry run in roles that are denied everything but looking", { timeout: LONG_MS }, async () => {
    // What Lambda itself does in the role's name, and whom the function asks: a call of the canary's reads the database.
    const looking = ["*:Describe*", "*:Get*", "*:List*", "logs:*", "lambda:InvokeFunction", "xray:*"];
    const inMachine =
      /-(failover|begin|assess|check-|ask|count-|claim|fence|promote|activate|start-|verify|shift-|retire-|record-)/;
    const denied = withPolicies(graphs, (statements, role) =>
      inMachine.test(role)
        ? [...statements, { Effect: "Deny", NotAction: looking, Resource: ["*"] } as never]
        : statements,
    );
    const run = await runOnGraph({ scenario: dryRun, graphs: denied, bundles });
    expect(run.problems).toEqual([]);
    expect(run.simulation.recoveries).toHaveLength(1);
  });

  it("fails a recovery in such roles", { timeout: LONG_MS }, async () => {
    const denied = withPolicies(graphs, (statements, role) =>
      role.includes("-promote-")
        ? [
            ...statements,
            {
              Effect: "Deny",
              NotAction: ["*:Describe*", "*:Get*", "logs:*", "events:*"],
              Resource: ["*"],
            } as never,
          ]
        : statements,
    );
    expect(await firstProblem({ scenario: regionLoss, graphs: denied, bundles })).toMatch(
      /promote-euw3 was refused rds:FailoverGlobalCluster/,
    );
  });

  it("grants nothing that no run needs", () => {
    expect([...runs.keys()]).toEqual(scenarios.map(({ name }) => name));
    const uses = usesOf();
    const idle = granted().filter((use) => !uses.has(use));
    expect(idle.toSorted()).toEqual(Object.keys(needless).toSorted());
  });

  it("fails a run when any granted action is taken away", { timeout: 6 * LONG_MS }, async () => {
    const all = [...usesOf().values()].filter(({ role, action }) =>
      granted().includes(`${purposeOf(role)} ${action}`),
    );
    const random = createRandom("take-away").stream("sample");
    const pool =
      TAKEN_AWAY === Number.POSITIVE_INFINITY ? all : all.filter(({ afterMs }) => afterMs < EARLY_MS);
    const sample = pool
      .map((use) => ({ use, at: random.next() }))
      .toSorted((left, right) => left.at - right.at)
      .slice(0, TAKEN_AWAY)
      .map(({ use }) => use);
    expect(sample.length).toBe(Math.min(TAKEN_AWAY, pool.length));
    const unnoticed: string[] = [];
    for (const { role, action, scenario } of sample) {
      const without = withoutAction(graphs, role, action);
      const problem = await firstProblem({ scenario, graphs: without, bundles });
      if (problem === undefined || !problem.includes(`${role} was refused ${action}`))
        unnoticed.push(`${role} without ${action}: ${problem ?? "nothing"} in ${scenario.name}`);
    }
    expect(unnoticed).toEqual([]);
  });

  it("refuses a graph with a type of resource that it does not know", async () => {
    const [first] = graphs;
    if (first === undefined) throw new Error("nothing was synthesised");
    const [resource] = first.resources.filter(({ custom, existing }) => custom && !existing);
    if (resource === undefined) throw new Error("nothing is created");
    const strange = { ...first, resources: [{ ...resource, type: "aws:dynamodb/table:Table" }] };
    await expect(runOnGraph({ scenario: regionLoss, graphs: [strange], bundles })).rejects.toThrow(
      /does not know production-\w+: aws:dynamodb\/table:Table/,
    );
  });
});
