import { createRandom } from "@lifeboat/cloud/kernel/random";
import { dryRun } from "@lifeboat/lab/scenarios/dry-run";
import { overrideTwoPersons } from "@lifeboat/lab/scenarios/override-two-persons";
import { rarePaths } from "@lifeboat/lab/scenarios/rare-paths";
import { backEarly } from "@lifeboat/lab/scenarios/rare-paths/back-early";
import { backMeanwhile } from "@lifeboat/lab/scenarios/rare-paths/back-meanwhile";
import { finishedLater } from "@lifeboat/lab/scenarios/rare-paths/finished-later";
import { givenUp } from "@lifeboat/lab/scenarios/rare-paths/given-up";
import { notBegun } from "@lifeboat/lab/scenarios/rare-paths/not-begun";
import { planRemoved } from "@lifeboat/lab/scenarios/rare-paths/plan-removed";
import { raisedFloors } from "@lifeboat/lab/scenarios/rare-paths/raised-floors";
import { unheardAlarms } from "@lifeboat/lab/scenarios/rare-paths/unheard-alarms";
import { regionLoss } from "@lifeboat/lab/scenarios/region-loss";
import type { Scenario } from "@lifeboat/lab/scenarios/scenario";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bundle } from "../../infra/synth/bundle.ts";
import type { Graph } from "../../infra/synth/graph.ts";
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
import { whyNotSynthesised } from "./synth-platform.ts";

/*
 * The synthesised stack runs: from the resource graphs of all places, with the bundles that would be deployed, and with every
 * call judged by the roles of the graph. What is granted is needed, and what is needed is granted.
 */

/**
 * Granted, and asked for by no run, each with the reason. By purpose where it holds for the roles of all places, else by role:
 * what only some of them need is an exception of the others.
 */
const needless: Readonly<Record<string, string>> = {
  "watch-timer sqs:SendMessage":
    "the Scheduler keeps what it could not start; a simulated function can always be started",
  "probe-timer sqs:SendMessage": "as the watch's timer",
  "notify sqs:SendMessage": "as the watch's timer: what Lambda could not deliver for hours",
  "duty-out events:PutEvents":
    "the metrics that these alarms watch are Lambda's and SQS's own, which are not simulated",
  ...Object.fromEntries(
    ["logs:CreateLogStream", "logs:PutLogEvents", "sns:Publish"].map((action) => [
      `lifeboat-spacelift-notify-euc1 ${action}`,
      "as duty-out: the witness has no machines, and tells of these alarms alone",
    ]),
  ),
  "ask states:SendTaskSuccess":
    "for an answer that comes in the moment between two waits, while the machine counts; test/unit/operations-approvals",
  "confirm-store s3:ListBucket":
    "by it a plan that is gone reads as missing and not as forbidden, as for every step; no run removes a plan while a move is finished",
  "lifeboat-spacelift-tend-standby-euw1 s3:DeleteObject":
    "for a third recovery that begins before the switches of the second are at rest; test/unit/operations-switches",
};

/** Bytes of a bundle. */
const MOST_BYTES = 700_000;
/** The SDK's client of STS. */
const STS = "@aws-sdk/nested-clients";

/** The example as it is written, and with the other of its sites as the primary. */
type Built = "as-planned" | "other-way-round";

/** A scenario, and which way round the stack is built in which it runs. */
interface Trial {
  readonly scenario: Scenario;
  readonly built: Built;
}

const SITES = /primary: (\{.*\})\n( *)standby: (\{.*\})/;
if (!SITES.test(exampleText)) throw new Error("the example does not name its sites as it did");
const planTexts: Readonly<Record<Built, string>> = {
  "as-planned": exampleText,
  "other-way-round": exampleText.replace(SITES, "primary: $3\n$2standby: $1"),
};

/** What a primary alone, or a standby alone, does in these runs: so each site has to be it in one of them. */
const bothWays: readonly Scenario[] = [
  backEarly,
  backMeanwhile,
  raisedFloors,
  unheardAlarms,
  givenUp,
  finishedLater,
  planRemoved,
  notBegun,
];
const trials: readonly Trial[] = [
  ...[regionLoss, dryRun, overrideTwoPersons, ...rarePaths].map(
    (scenario) => ({ scenario, built: "as-planned" }) as const,
  ),
  ...bothWays.map((scenario) => ({ scenario, built: "other-way-round" }) as const),
];
const titleOf = ({ scenario, built }: Trial): string => `${scenario.name}, built ${built}`;

/**
 * What a run asked for is known to be refused without the grant, by how it was decided. That the run fails then is shown for
 * a few: every take-away is a run of its own. `LIFEBOAT_TAKE_AWAY` is how many, or `all`.
 */
const WANTED = process.env["LIFEBOAT_TAKE_AWAY"] ?? "6";
const TAKEN_AWAY = WANTED === "all" ? Number.POSITIVE_INFINITY : Number(WANTED);
const FEW = 10;
/** Of a few, none that is used later than this in its scenario, milliseconds of virtual time: the time is the test's. */
const EARLY_MS = 12 * 60_000;
const LONG_MS = 1_800_000;

const unavailable = await whyNotSynthesised();

let stacks: Readonly<Record<Built, readonly Graph[]>> = { "as-planned": [], "other-way-round": [] };
let bundles: ReadonlyMap<string, Bundle> = new Map();
const runs = new Map<string, GraphRun>();

const requestFor = ({ scenario, built }: Trial) => ({
  scenario,
  graphs: stacks[built],
  bundles,
  planText: planTexts[built],
});

const synthesizeAll = async (planText: string): Promise<readonly Graph[]> => [
  ...(await synthesizePlaces(planText)).values(),
];

/** `lifeboat-spacelift-watch-timer-euw3` → `watch-timer`: a role of each site, for one thing. */
const purposeOf = (role: string): string => role.replace(/^lifeboat-[^-]+-/, "").replace(/-[a-z]+\d$/, "");

interface Use {
  readonly role: string;
  readonly action: string;
  readonly trial: Trial;
  readonly afterMs: number;
}

/** What a run needed of roles' own policies: without them, all else being the same, it would have been refused. */
const usesIn = (trial: Trial): readonly Use[] => {
  const { judged } = runs.get(titleOf(trial)) ?? { judged: [] };
  const [first] = judged;
  return judged
    .filter(({ decision }) => decision.allowed && decision.by !== "resource")
    .map(({ role, action, atMs }) => ({ role, action, trial, afterMs: atMs - (first?.atMs ?? atMs) }));
};

/** The first use of every action, by whatever names it, in the shortest of the runs that use it. */
const usesBy = (keyOf: (use: Use) => string): ReadonlyMap<string, Use> => {
  const uses = new Map<string, Use>();
  for (const use of trials.flatMap(usesIn)) {
    const known = uses.get(keyOf(use));
    if (known === undefined || use.afterMs < known.afterMs) uses.set(keyOf(use), use);
  }
  return uses;
};
const byRole = ({ role, action }: Pick<Use, "role" | "action">): string => `${role} ${action}`;
const byPurpose = ({ role, action }: Pick<Use, "role" | "action">): string => `${purposeOf(role)} ${action}`;

/** Every action that a role of the stack is granted, once. */
const granted = (): readonly Pick<Use, "role" | "action">[] => [
  ...new Map(
    stacks["as-planned"]
      .flatMap(rolesOf)
      .flatMap(({ name, statements }) =>
        statements
          .filter(({ Effect }) => Effect === "Allow")
          .flatMap(({ Action }) => Action.map((action) => ({ role: name, action }))),
      )
      .map((grant) => [byRole(grant), grant] as const),
  ).values(),
];

/** What each role may and may not do, one line for an action on a resource. */
const allowances = (graphs: readonly Graph[]): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(
    graphs.flatMap(rolesOf).map(({ name, statements }) => {
      const lines = statements.flatMap(({ Effect, Action, Resource, Condition }) =>
        Action.flatMap((action) =>
          Resource.map((resource) => `${Effect} ${action} ${resource} ${JSON.stringify(Condition ?? {})}`),
        ),
      );
      return [name, new Set(lines)];
    }),
  );

describe.skipIf(unavailable !== undefined)("the synthesised stack, as it runs", () => {
  beforeAll(async () => {
    const [planned, mirrored] = await Promise.all(
      [planTexts["as-planned"], planTexts["other-way-round"]].map(synthesizeAll),
    );
    stacks = { "as-planned": planned ?? [], "other-way-round": mirrored ?? [] };
    bundles = await bundleAll(stacks["as-planned"]);
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
      "ConfirmStore",
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

  it.each(trials.map((trial) => [titleOf(trial), trial] as const))(
    "passes %s, under its own roles",
    { timeout: LONG_MS },
    async (title, trial) => {
      const run = await runOnGraph(requestFor(trial));
      expect(run.problems).toEqual([]);
      expect(run.judged.length).toBeGreaterThan(100);
      runs.set(title, run);
    },
  );

  it("gives a site's roles and functions the same, whichever site is built as the primary, but for where its switch rests", () => {
    const [planned, mirrored] = [allowances(stacks["as-planned"]), allowances(stacks["other-way-round"])];
    expect([...mirrored.keys()].toSorted()).toEqual([...planned.keys()].toSorted());
    const differenceOf = (role: string): readonly string[] => {
      const [one, other] = [planned, mirrored].map((roles) => roles.get(role) ?? new Set<string>());
      if (one === undefined || other === undefined) throw new Error(role);
      return [...[...one].filter((line) => !other.has(line)), ...[...other].filter((line) => !one.has(line))];
    };
    const differing = [...planned.keys()].filter((role) => differenceOf(role).length > 0);
    // The bundles of the one are those of the other.
    const buildsOf = (built: Built): ReadonlySet<string> =>
      new Set(stacks[built].flatMap(({ builds }) => builds.map((build) => JSON.stringify(build))));
    expect(buildsOf("other-way-round")).toEqual(buildsOf("as-planned"));
    const named = (end: string): string => `lifeboat-spacelift-${end}`;
    // The witness tells both sites, by rules of their own for each.
    const atWitness = ["alarms-primary-euc1", "alarms-standby-euc1", "duty-out-euc1"].map(named);
    const ofSwitches = ["tend-standby-euw1", "tend-standby-euw3", "watch-euw1", "watch-euw3"].map(named);
    expect(differing.toSorted()).toEqual([...atWitness, ...ofSwitches]);
    const lines = ofSwitches.flatMap(differenceOf);
    expect(lines.filter((line) => !/ arn:aws:s3:::spacelift-switch-eu-west-[13]/.test(line))).toEqual([]);
  });

  it("passes a dry run in roles that are denied everything but looking", { timeout: LONG_MS }, async () => {
    // What Lambda itself does in the role's name, and whom the function asks: a call of the canary's reads the database.
    const looking = ["*:Describe*", "*:Get*", "*:List*", "logs:*", "lambda:InvokeFunction", "xray:*"];
    const inMachine =
      /-(failover|begin|assess|check-|ask|count-|claim|fence|promote|activate|start-|verify|shift-|retire-|record-)/;
    const denied = withPolicies(stacks["as-planned"], (statements, role) =>
      inMachine.test(role)
        ? [...statements, { Effect: "Deny", NotAction: looking, Resource: ["*"] } as never]
        : statements,
    );
    const run = await runOnGraph({ scenario: dryRun, graphs: denied, bundles });
    expect(run.problems).toEqual([]);
    expect(run.simulation.recoveries).toHaveLength(1);
  });

  it("fails a recovery in such roles", { timeout: LONG_MS }, async () => {
    const denied = withPolicies(stacks["as-planned"], (statements, role) =>
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

  it("grants no role of any place what no run needs of that very role", () => {
    expect([...runs.keys()]).toEqual(trials.map(titleOf));
    const uses = usesBy(byRole);
    const idle = granted().filter((grant) => !uses.has(byRole(grant)));
    const isListed = (grant: (typeof idle)[number]): boolean =>
      byRole(grant) in needless || byPurpose(grant) in needless;
    expect(idle.filter((grant) => !isListed(grant)).map(byRole)).toEqual([]);
    // An exception holds for all that it names, or it is none.
    const idleOrNot = Map.groupBy(granted().filter(isListed), (grant) =>
      byRole(grant) in needless ? byRole(grant) : byPurpose(grant),
    );
    expect([...idleOrNot.keys()].toSorted()).toEqual(Object.keys(needless).toSorted());
    for (const grants of idleOrNot.values())
      expect(grants.filter((grant) => uses.has(byRole(grant))).map(byRole)).toEqual([]);
  });

  it("fails a run when any granted action is taken away", { timeout: 6 * LONG_MS }, async () => {
    const known = new Set(granted().map(byRole));
    const all = [...usesBy(byPurpose).values()].filter((use) => known.has(byRole(use)));
    const random = createRandom("take-away").stream("sample");
    const pool = TAKEN_AWAY > FEW ? all : all.filter(({ afterMs }) => afterMs < EARLY_MS);
    const sample = pool
      .map((use) => ({ use, at: random.next() }))
      .toSorted((left, right) => left.at - right.at)
      .slice(0, TAKEN_AWAY)
      .map(({ use }) => use);
    expect(sample.length).toBe(Math.min(TAKEN_AWAY, pool.length));
    const unnoticed: string[] = [];
    for (const { role, action, trial } of sample) {
      const graphs = withoutAction(stacks[trial.built], role, action);
      const problem = await firstProblem({ ...requestFor(trial), graphs });
      if (problem === undefined || !problem.includes(`${role} was refused ${action}`))
        unnoticed.push(`${role} without ${action}: ${problem ?? "nothing"} in ${titleOf(trial)}`);
    }
    expect(unnoticed).toEqual([]);
  });

  it("refuses a graph with a type of resource that it does not know", async () => {
    const [first] = stacks["as-planned"];
    if (first === undefined) throw new Error("nothing was synthesised");
    const [resource] = first.resources.filter(({ custom, existing }) => custom && !existing);
    if (resource === undefined) throw new Error("nothing is created");
    const strange = { ...first, resources: [{ ...resource, type: "aws:dynamodb/table:Table" }] };
    await expect(runOnGraph({ scenario: regionLoss, graphs: [strange], bundles })).rejects.toThrow(
      /does not know production-\w+: aws:dynamodb\/table:Table/,
    );
  });
});
