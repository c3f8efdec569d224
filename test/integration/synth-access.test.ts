import { createRandom } from "@lifeboat/cloud/kernel/random";
import type { AccessDocuments } from "@lifeboat/control-plane/access-documents";
import type { CallFault } from "@lifeboat/cloud/kernel/faults";
import { dryRun } from "@lifeboat/lab/scenarios/dry-run";
import { overrideTwoPersons } from "@lifeboat/lab/scenarios/override-two-persons";
import { rarePaths } from "@lifeboat/lab/scenarios/rare-paths";
import { regionLoss } from "@lifeboat/lab/scenarios/region-loss";
import { CALM_MS, type Scenario, type Stage } from "@lifeboat/lab/scenarios/scenario";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bundle } from "../../infra/synth/bundle.ts";
import type { Graph } from "../../infra/synth/graph.ts";
import {
  accessPlan,
  accessText,
  documentsOf,
  givenRole,
  OWN_ACCOUNT,
  ROLE,
  WORKLOAD_ACCOUNT,
} from "./access-plan.ts";
import { bundleAll, firstProblem, runOnGraph, type GraphRun } from "./graph-lab.ts";
import { checkActions, checkNames, checkPlaceholders, checkPolicySizes, checkTrust } from "./synth-checks.ts";
import { account, created, ofType, region, rolesOf, synthesizePlaces } from "./synth-graph.ts";
import { whyNotSynthesised } from "./synth-platform.ts";

/*
 * The stack of a workload in another account: synthesised, and run with the role that the account's owner creates from what
 * `lifeboat access` prints, and with nothing else.
 */

const scenarios: readonly Scenario[] = [regionLoss, dryRun, overrideTwoPersons, ...rarePaths];
const LONG_MS = 1_800_000;
/** As in synth-runs.test.ts, with a variable of its own: the time is the test's. */
const TAKEN_AWAY = process.env["LIFEBOAT_TAKE_AWAY_ACCESS"] === "all" ? Number.POSITIVE_INFINITY : 4;

const unavailable = await whyNotSynthesised();

let graphs: ReadonlyMap<string, Graph> = new Map();
let bundles: ReadonlyMap<string, Bundle> = new Map();
const runs = new Map<string, GraphRun>();
const documents = documentsOf(accessPlan());

const requestFor = (scenario: Scenario, given = documents) => ({
  scenario,
  graphs: [...graphs.values()],
  bundles,
  roles: [givenRole(given)],
  planText: accessText,
});

const sites = ["ireland", "paris"];
const graphOf = (place: string): Graph => {
  const graph = graphs.get(place);
  if (graph === undefined) throw new Error(`${place} was not synthesised`);
  return graph;
};

/** `*:spacelift.promote.euw3.*` and `spacelift.promote.euw3.e2` → `promote` */
const functionOf = (name: string): string => name.split(".")[1] ?? "";

interface Grant {
  readonly user: string;
  readonly action: string;
}

const grants = (): readonly Grant[] =>
  documents.permissions.flatMap(({ Statement }) =>
    Statement.flatMap(({ Action, Condition }) =>
      [Condition["StringLike"]?.["aws:userid"] ?? []]
        .flat()
        .flatMap((user) => Action.map((action) => ({ user, action }))),
    ),
  );

/** The documents without one action of one function, wherever it has it. */
const without = (name: string, action: string): AccessDocuments => ({
  ...documents,
  permissions: documents.permissions.map((document) => ({
    ...document,
    Statement: document.Statement.flatMap((statement) => {
      const users = [statement.Condition["StringLike"]?.["aws:userid"] ?? []].flat();
      const others = users.filter((user) => functionOf(user) !== name);
      if (!statement.Action.includes(action) || others.length === users.length) return [statement];
      const only = (Action: readonly string[], userIds: readonly string[]) =>
        Action.length === 0 || userIds.length === 0
          ? []
          : [
              {
                ...statement,
                Action,
                Condition: { ...statement.Condition, StringLike: { "aws:userid": userIds } },
              },
            ];
      return [
        ...only(
          statement.Action.filter((one) => one !== action),
          users,
        ),
        ...only([action], others),
      ];
    }),
  })),
});

const withExternalId = (externalId: string): AccessDocuments => ({
  ...documents,
  trust: {
    ...documents.trust,
    Statement: documents.trust.Statement.map((statement) => ({
      ...statement,
      Condition: { StringEquals: { "sts:ExternalId": externalId } },
    })),
  },
});

describe.skipIf(unavailable !== undefined)("the stack of a workload in another account", () => {
  beforeAll(async () => {
    graphs = await synthesizePlaces(accessText);
    bundles = await bundleAll([...graphs.values()]);
  }, 300_000);

  it("has a place of its own in that account for each site, with the function beside the database alone", () => {
    expect([...graphs.keys()]).toEqual(["ireland", "paris", "witness", "ireland-workload", "paris-workload"]);
    for (const site of sites) {
      const [own, theirs] = [graphOf(site), graphOf(`${site}-workload`)];
      expect([account(own), account(theirs)]).toEqual([OWN_ACCOUNT, WORKLOAD_ACCOUNT]);
      expect(region(theirs)).toBe(region(own));
      const functions = ofType(theirs, "aws:lambda/function:Function").map(({ inputs }) => inputs["name"]);
      expect(functions).toEqual(["lifeboat-spacelift-canary"]);
      expect(new Set(created(theirs).map(({ type }) => type))).toEqual(
        new Set([
          "aws:cloudwatch/logGroup:LogGroup",
          "aws:ec2/securityGroup:SecurityGroup",
          "aws:iam/role:Role",
          "aws:iam/rolePolicy:RolePolicy",
          "aws:lambda/function:Function",
          "aws:lambda/permission:Permission",
          "aws:s3/bucketObjectv2:BucketObjectv2",
          "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
          "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
          "random:index/randomBytes:RandomBytes",
        ]),
      );
      expect(ofType(own, "aws:lambda/function:Function").map(({ inputs }) => inputs["name"])).not.toContain(
        "lifeboat-spacelift-canary",
      );
      expect(own.lookups.filter(({ token }) => token.startsWith("aws:rds/"))).toEqual([]);
    }
  });

  it.each([...sites, "witness", ...sites.map((site) => `${site}-workload`)])(
    "keeps %s to the rules of every place",
    (place) => {
      const graph = graphOf(place);
      const roles = rolesOf(graph);
      expect([
        ...checkTrust(roles),
        ...checkActions(roles),
        ...checkPolicySizes(roles),
        ...checkNames(graph),
        ...checkPlaceholders(graph),
      ]).toEqual([]);
    },
  );

  it("grants a function of Lifeboat nothing in that account but the role, and to invoke the canary", () => {
    for (const site of sites) {
      const theirs = rolesOf(graphOf(site)).flatMap(({ name, statements }) =>
        statements
          .filter(({ Resource }) => Resource.some((arn) => arn.includes(WORKLOAD_ACCOUNT)))
          .map((statement) => ({ name, ...statement })),
      );
      const short = site === "paris" ? "euw3" : "euw1";
      const canary = `arn:aws:lambda:${region(graphOf(site))}:${WORKLOAD_ACCOUNT}:function:lifeboat-spacelift-canary`;
      for (const { name, Action, Resource, Condition } of theirs) {
        const [, purpose = ""] = /^lifeboat-spacelift-(.+)-euw\d$/.exec(name) ?? [];
        if (Action.includes("lambda:InvokeFunction")) {
          expect({ Action, Resource }).toEqual({ Action: ["lambda:InvokeFunction"], Resource: [canary] });
          continue;
        }
        expect({ Action, Resource, Condition }).toEqual({
          Action: ["sts:AssumeRole"],
          Resource: [ROLE],
          Condition: { StringLike: { "sts:RoleSessionName": `spacelift.${purpose}.${short}.*` } },
        });
      }
      const entrants = theirs.filter(({ Action }) => Action.includes("sts:AssumeRole"));
      const [trust] = documents.trust.Statement;
      expect(entrants.map(({ name }) => `arn:aws:iam::${OWN_ACCOUNT}:role/${name}`).toSorted()).toEqual(
        trust?.Principal.AWS.filter((arn) => arn.endsWith(short)).toSorted(),
      );
      // What is neither the ledger's nor a switch's is the workload's.
      const direct = rolesOf(graphOf(site)).flatMap(({ statements }) =>
        statements.flatMap(({ Action }) =>
          Action.filter((action) => /^(rds|ecs|autoscaling|kms|acm|iot|secretsmanager):/.test(action)),
        ),
      );
      expect(direct).toEqual([]);
    }
  });

  it("lets the canary be invoked by those who ask it, each by the name of its role", () => {
    for (const site of sites) {
      const short = site === "paris" ? "euw3" : "euw1";
      const invokers = ofType(graphOf(`${site}-workload`), "aws:lambda/permission:Permission").map(
        ({ inputs }) => inputs["principal"],
      );
      expect(invokers).toEqual(
        ["assess", "claim", "activate", "verify", "watch"].map(
          (name) => `arn:aws:iam::${OWN_ACCOUNT}:role/lifeboat-spacelift-${name}-${short}`,
        ),
      );
    }
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    "passes %s with the role that the account's owner creates",
    { timeout: LONG_MS },
    async (name, scenario) => {
      const run = await runOnGraph(requestFor(scenario));
      expect(run.problems).toEqual([]);
      runs.set(name, run);
    },
  );

  it("acts in that account by the role alone, under names that say who and for which recovery", () => {
    const { judged = [] } = runs.get(regionLoss.name) ?? {};
    const theirs = judged.filter(
      ({ resource, action }) => resource.includes(WORKLOAD_ACCOUNT) && !action.startsWith("logs:"),
    );
    const direct = theirs.filter(({ session }) => session === undefined).map(({ action }) => action);
    expect([...new Set(direct)].toSorted()).toEqual([
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:UnassignPrivateIpAddresses",
      "lambda:InvokeFunction",
      "rds-db:connect",
      "sts:AssumeRole",
    ]);
    const names = new Set(theirs.flatMap(({ session }) => session ?? []));
    expect(names).toContain("spacelift.promote.euw3.e2");
    expect(names).toContain("spacelift.check-stores.euw3.no-epoch");
    for (const name of names) expect(name).toMatch(/^spacelift\.[a-z-]+\.euw[13]\.(e\d+|no-epoch)$/);
  });

  it("grants nothing that no run needs", () => {
    expect([...runs.keys()]).toEqual(scenarios.map(({ name }) => name));
    const used = new Set(
      [...runs.values()].flatMap(({ judged }) =>
        judged.flatMap(({ session, action }) =>
          session === undefined ? [] : [`${functionOf(session)} ${action}`],
        ),
      ),
    );
    const idle = new Set(grants().map(({ user, action }) => `${functionOf(user)} ${action}`));
    expect([...idle].filter((grant) => !used.has(grant))).toEqual([]);
  });

  it("fails a run when an action is taken away from a function", { timeout: 6 * LONG_MS }, async () => {
    const uses = new Map<
      string,
      { readonly name: string; readonly action: string; readonly scenario: Scenario }
    >();
    for (const scenario of scenarios)
      for (const { session, action } of runs.get(scenario.name)?.judged ?? []) {
        if (session === undefined) continue;
        const name = functionOf(session);
        if (!uses.has(`${name} ${action}`)) uses.set(`${name} ${action}`, { name, action, scenario });
      }
    const random = createRandom("take-away").stream("access");
    const sample = [...uses.values()]
      .map((use) => ({ use, at: random.next() }))
      .toSorted((left, right) => left.at - right.at)
      .slice(0, TAKEN_AWAY)
      .map(({ use }) => use);
    expect(sample.length).toBeGreaterThan(3);
    const unnoticed: string[] = [];
    for (const { name, action, scenario } of sample) {
      const problem = await firstProblem(requestFor(scenario, without(name, action)));
      if (problem?.includes(`was refused ${action}`) !== true)
        unnoticed.push(`${name} without ${action}: ${problem ?? "nothing"} in ${scenario.name}`);
    }
    expect(unnoticed).toEqual([]);
  });

  it(
    "does not get in with another external id, and then promotes nothing",
    { timeout: LONG_MS },
    async () => {
      const request = requestFor(regionLoss, withExternalId("somebody-else"));
      expect(await firstProblem(request)).toMatch(
        /lifeboat-spacelift-[a-z-]+-euw\d was refused sts:AssumeRole on arn:aws:iam::222233334444:role\/lifeboat-spacelift/,
      );
      const run = await runOnGraph(requestFor(lostAndWaitedFor, withExternalId("somebody-else")));
      const { lab } = run.simulation;
      expect(lab.rds.global("spacelift").writer.region).toBe("eu-west-1");
      expect(lab.wire.filter(({ mutating, service }) => mutating && service === "rds")).toEqual([]);
      const said = lab.log.map(({ line }) => line).join("\n");
      expect(said).toMatch(/AssumeRole of .*: AccessDenied: check that the role exists/);
      expect(said).not.toContain("lifeboat-7d1f0c2b");
    },
  );

  it.each([
    ["before it is decided: the standby is not known to be ready, and it is decided again", 0, "refused"],
    ["after the claim: each step is called again, and then held for a person", 90_000, "recovered"],
  ])(
    "recovers when STS refuses for four minutes %s",
    { timeout: LONG_MS },
    async (_, afterMs, firstOutcome) => {
      const throttled = {
        type: "refuse",
        code: "Throttling",
        message: "Rate exceeded",
        status: 400,
      } as const;
      const run = await runOnGraph(requestFor(lostWhileStsDoes(throttled, afterMs, 4 * 60_000)));
      expect(run.problems).toEqual([]);
      const { recoveries, lab } = run.simulation;
      expect(recoveries[0]?.outcome).toBe(firstOutcome);
      const refused = lab.wire.filter(
        ({ service, outcome }) => service === "sts" && outcome.type === "error",
      );
      expect(refused.length).toBeGreaterThan(3);
    },
  );

  it.each<readonly [string, CallFault]>([
    ["throttles", { type: "refuse", code: "Throttling", message: "Rate exceeded", status: 400 }],
    ["refuses", { type: "refuse", code: "AccessDenied", message: "no", status: 403 }],
    ["answers nobody", { type: "lose-reply" }],
  ])("moves nothing and stops nothing while STS %s", { timeout: LONG_MS }, async (_, fault) => {
    const run = await runOnGraph(requestFor(healthyWithoutSts(fault)));
    expect(run.problems).toEqual([]);
    const { lab, recoveries } = run.simulation;
    expect(recoveries.map(({ outcome }) => outcome)).toEqual(["not-needed"]);
    expect(lab.wire.filter(({ service }) => service === "sts").length).toBeGreaterThan(0);
    expect(lab.rds.global("spacelift").writer.region).toBe("eu-west-1");
    const { clock } = lab.cloud.world;
    const lately = lab.workload.client.rows().filter(({ sentAtMs }) => sentAtMs > clock.nowMs() - 60_000);
    expect(lately.filter(({ outcome }) => outcome.type === "acknowledged").length).toBeGreaterThan(10);
    expect(lately.filter(({ outcome }) => outcome.type === "failed")).toEqual([]);
  });
});

/** From now on, and until it is taken back. */
const setSts = ({ lab }: Stage, fault: CallFault): void => {
  lab.cloud.world.faults.call = ({ service }) => (service === "sts" ? fault : undefined);
};

/** The region is lost, and STS does so for a time. */
const lostWhileStsDoes = (fault: CallFault, afterMs: number, forMs: number): Scenario => ({
  name: "lost-while-sts-refuses",
  summary: "the primary region is lost, and STS gives no credentials for a while",
  expected: "recovered",
  peopleOnCall: true,
  async run(stage) {
    const { lab, wait, markOutage } = stage;
    const { network, faults } = lab.cloud.world;
    await wait(CALM_MS);
    markOutage();
    network.lose("eu-west-1");
    await wait(afterMs);
    setSts(stage, fault);
    await wait(forMs);
    delete faults.call;
    await wait(20 * 60_000);
  },
});

/** Nothing is wrong but STS, for half an hour: longer than any credentials last. Then somebody asks for a failover. */
const healthyWithoutSts = (fault: CallFault): Scenario => ({
  name: "healthy-without-sts",
  summary: "STS gives no credentials for half an hour, and nothing else is wrong",
  expected: "not-needed",
  async run(stage) {
    const { wait, startFailover } = stage;
    await wait(CALM_MS);
    setSts(stage, fault);
    await wait(20 * 60_000);
    // Looks at the standby, which takes the role; nobody does that while all is well.
    await startFailover("paris", { workload: "spacelift" });
    await wait(10 * 60_000);
  },
});

/** The region is lost, and nobody is on call. */
const lostAndWaitedFor: Scenario = {
  name: "lost-and-waited-for",
  summary: "the primary region is lost, and nobody answers for twenty minutes",
  expected: "recovered",
  async run({ lab, wait, markOutage }) {
    await wait(CALM_MS);
    markOutage();
    lab.cloud.world.network.lose("eu-west-1");
    await wait(20 * 60_000);
  },
};
