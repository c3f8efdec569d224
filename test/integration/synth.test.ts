import { validate } from "@lifeboat/asl/validate";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { workloadPlace } from "@lifeboat/control-plane/stage";
import { describe, expect, it } from "vitest";
import type { Graph, GraphResource } from "../../infra/synth/graph.ts";
import { runProgram } from "../../infra/synth/platform.ts";
import { synthesize } from "../../infra/synth/synthesize.ts";
import { linterNames, linters } from "../unit/asl/linters.ts";
import { withResources } from "../unit/plan-of-many.ts";
import { exampleFile, exampleText, readValid, withEdit, withValue } from "../unit/plan-example.ts";
import {
  checkActions,
  checkMachines,
  checkNames,
  checkPlaceholders,
  checkPolicySizes,
  checkTriggers,
  checkTrust,
  openArns,
  unboundedActions,
} from "./synth-checks.ts";
import { inAnotherAccount, ROLE } from "./access-plan.ts";
import { describeBuckets } from "./synth-buckets.ts";
import {
  account,
  allows,
  created,
  hearersOf,
  ofType,
  region,
  rolesOf,
  statementsOf,
  synthesizePlaces,
} from "./synth-graph.ts";
import { whyNotSynthesised } from "./synth-platform.ts";

const unavailable = await whyNotSynthesised();

/** The most that a plan may call its workload and its sites. */
const [LONG_IRELAND, LONG_PARIS] = ["ireland-of-twenty-ch", "paris-of-twenty-char"];
const longest = withEdit((plan) => {
  plan.setIn(["workload"], `w${"x".repeat(30)}`);
  plan.setIn(["traffic", 0, "records"], plan.createNode({ hostedZoneId: "Z123" }));
  const endpoints = { ireland: "ireland.example.com", paris: "paris.example.com" };
  plan.setIn(["traffic", 1, "endpoints"], plan.createNode(endpoints));
})
  .replaceAll("ireland", LONG_IRELAND)
  .replaceAll("paris", LONG_PARIS);
/** The same with its workload in another account, whose stages have longer names and functions of their own. */
const longestAccess = inAnotherAccount(longest);
const changed = withValue(["services", 0, "activeCount"], 7);
const fifty = withResources(exampleText, 50);

const start = performance.now();
const none: ReadonlyMap<string, Graph> = new Map();
const graphs = unavailable === undefined ? await synthesizePlaces(exampleText) : none;
const longGraphs =
  unavailable === undefined ? await synthesizePlaces(longest, [LONG_PARIS, "witness"]) : none;
const longAccessPlaces = [LONG_PARIS, ...[LONG_IRELAND, LONG_PARIS].map(workloadPlace)];
const longAccessGraphs =
  unavailable === undefined ? await synthesizePlaces(longestAccess, longAccessPlaces) : none;
const changedGraphs = unavailable === undefined ? await synthesizePlaces(changed, ["paris"]) : none;
const fiftyGraphs = unavailable === undefined ? await synthesizePlaces(fifty, ["paris"]) : none;
if (unavailable === undefined)
  console.info(`ten stages were synthesised in ${((performance.now() - start) / 1000).toFixed(1)} s`);

const graphOf = (place: string, from = graphs): Graph => {
  const graph = from.get(place);
  if (graph === undefined) throw new Error(`${place} was not synthesised`);
  return graph;
};
const places = ["ireland", "paris", "witness"];
const sites = ["ireland", "paris"];
const plan = readValid(exampleText).plan;
const manifest = buildManifest(plan);

describe.skipIf(unavailable !== undefined)("the stack of every place", () => {
  it.each(places)("of %s creates what the manifest lists, and nothing more", (place) => {
    const graph = graphOf(place);
    const listed = manifest.places.find((entry) => entry.place === place);
    if (listed === undefined) throw new Error(place);
    const count = (type: string): number => ofType(graph, type).length;
    expect({
      functions: count("aws:lambda/function:Function"),
      machines: count("aws:sfn/stateMachine:StateMachine"),
      schedules: count("aws:scheduler/schedule:Schedule"),
      rules: count("aws:cloudwatch/eventRule:EventRule"),
      alarms: count("aws:cloudwatch/metricAlarm:MetricAlarm"),
      compositeAlarms: count("aws:cloudwatch/compositeAlarm:CompositeAlarm"),
      dashboards: count("aws:cloudwatch/dashboard:Dashboard"),
      records: count("aws:route53/record:Record"),
      buckets: count("aws:s3/bucket:Bucket"),
      topics: count("aws:sns/topic:Topic"),
      buses: count("aws:cloudwatch/eventBus:EventBus"),
      healthChecks: count("aws:route53/healthCheck:HealthCheck"),
    }).toEqual({
      functions: listed.functions.length,
      machines: listed.machines.length,
      schedules: listed.schedules.length,
      rules: listed.rules.length,
      alarms: listed.alarms.length + listed.dutyAlarms.length,
      compositeAlarms: listed.compositeAlarms.length,
      dashboards: listed.dashboards.length,
      records: listed.records.length,
      buckets: listed.buckets.length,
      topics: listed.topics.length,
      buses: listed.buses.length,
      healthChecks: listed.healthChecks.length,
    });
  });

  it.each(places)("of %s lies in its own region and its own account", (place) => {
    const graph = graphOf(place);
    expect(region(graph)).toBe(manifest.places.find((entry) => entry.place === place)?.region);
    expect(account(graph)).toBe(plan.account);
    expect(graph.resources.filter((resource) => resource.region !== region(graph))).toEqual([]);
    expect(graph.resources.filter(({ type }) => type.startsWith("pulumi:providers:"))).toEqual([]);
  });

  it.each(places)("of %s trusts nobody but the service that each role is for", (place) => {
    const roles = rolesOf(graphOf(place));
    expect(roles.length).toBeGreaterThan(2);
    expect(checkTrust(roles)).toEqual([]);
  });

  it.each(places)(
    "of %s allows no wildcard action, and everything only where an action knows no resource",
    (place) => {
      expect(checkActions(rolesOf(graphOf(place)))).toEqual([]);
    },
  );

  it("has a use for every exception that is listed", () => {
    const used = places
      .flatMap((place) => rolesOf(graphOf(place)))
      .flatMap(({ statements }) => statements)
      .filter(({ Resource, Effect }) => Effect === "Allow" && Resource.includes("*"))
      .flatMap(({ Action }) => Action);
    expect(Object.keys(unboundedActions).filter((action) => !used.includes(action))).toEqual([]);
    const arns = places
      .flatMap((place) => rolesOf(graphOf(place)))
      .flatMap(({ statements }) => statements.flatMap(({ Resource }) => Resource));
    expect(openArns.filter(([pattern]) => !arns.some((arn) => pattern.test(arn)))).toEqual([]);
  });

  it.each(places)("of %s keeps every policy below IAM's limit", (place) => {
    expect(checkPolicySizes(rolesOf(graphOf(place)))).toEqual([]);
  });

  it.each(places)("of %s keeps its names below AWS's limits", (place) => {
    expect(checkNames(graphOf(place))).toEqual([]);
  });

  it("keeps names and policies below the limits for the longest name of a workload", () => {
    expect([...longGraphs.keys()]).toEqual([LONG_PARIS, "witness"]);
    expect([...longAccessGraphs.keys()].toSorted()).toEqual(longAccessPlaces.toSorted());
    for (const graph of [...longGraphs.values(), ...longAccessGraphs.values()]) {
      expect(JSON.stringify(graph.resources)).toContain(`w${"x".repeat(30)}`);
      expect(checkNames(graph)).toEqual([]);
      expect(checkPolicySizes(rolesOf(graph))).toEqual([]);
    }
  });

  it.each(places)("of %s has no placeholder left", (place) => {
    expect(checkPlaceholders(graphOf(place))).toEqual([]);
  });

  it.each(places)("of %s reaches the target of every schedule and rule", (place) => {
    expect(ofType(graphOf(place), "aws:scheduler/schedule:Schedule").length).toBeGreaterThan(0);
    expect(checkTriggers(graphOf(place))).toEqual([]);
  });

  it.each(places)("of %s keeps every log for a month, and gives every function its own", (place) => {
    const graph = graphOf(place);
    const groups = ofType(graph, "aws:cloudwatch/logGroup:LogGroup");
    expect(groups.filter(({ inputs }) => ![30, 31].includes(Number(inputs["retentionInDays"])))).toEqual([]);
    const kept = new Set(groups.map(({ inputs }) => inputs["name"]));
    const logs = ofType(graph, "aws:lambda/function:Function").map(
      ({ inputs }) => (inputs["loggingConfig"] as { logGroup: string }).logGroup,
    );
    expect(new Set(logs).size).toBe(logs.length);
    expect(logs.filter((log) => !kept.has(log))).toEqual([]);
  });

  it.each(places)(
    "of %s runs its functions on Node 24, on arm64, with their concurrency reserved",
    (place) => {
      for (const { name, inputs } of ofType(graphOf(place), "aws:lambda/function:Function")) {
        expect({ name, ...inputs }).toMatchObject({
          name: inputs["name"],
          runtime: "nodejs24.x",
          architectures: ["arm64"],
          publish: true,
          reservedConcurrentExecutions: expect.any(Number) as number,
        });
      }
    },
  );

  it.each(places)("of %s encrypts its messages, with no key that costs anything", (place) => {
    const graph = graphOf(place);
    const topics = ofType(graph, "aws:sns/topic:Topic");
    expect(topics.map(({ inputs }) => inputs["kmsMasterKeyId"])).toEqual(["alias/aws/sns"]);
    expect(ofType(graph, "aws:kms/key:Key")).toEqual([]);
    for (const queue of ofType(graph, "aws:sqs/queue:Queue"))
      expect(queue.inputs["sqsManagedSseEnabled"]).toBe(true);
  });

  it.each(places)(
    "of %s lets nobody publish by the topic's policy, and nobody without TLS at all",
    (place) => {
      const policies = ofType(graphOf(place), "aws:sns/topicPolicy:TopicPolicy");
      expect(policies.flatMap(({ inputs }) => statementsOf(inputs["policy"]))).toEqual([
        expect.objectContaining({
          Effect: "Deny",
          Principal: "*",
          Action: ["sns:Publish"],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      ]);
    },
  );

  it.each(places)("of %s tells people when its watch falls silent, here and from another place", (place) => {
    const graph = graphOf(place);
    const silent = ofType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm").find(
      ({ inputs }) => inputs["metricName"] === "Invocations",
    );
    expect(silent?.inputs).toMatchObject({
      treatMissingData: "breaching",
      comparisonOperator: "LessThanThreshold",
    });
    // AWS's own key lets no AWS service publish: an action of the alarm would fail in silence.
    expect(silent?.inputs["alarmActions"] ?? []).toEqual([]);
    expect(hearersOf(graph, String(silent?.inputs["name"]), "ALARM").toSorted()).toEqual([
      expect.stringMatching(/^arn:aws:events:.*:event-bus\/default$/),
      expect.stringMatching(/:function:lifeboat-spacelift-notify$/),
    ]);
    const scheduled = ofType(graph, "aws:scheduler/schedule:Schedule").map(({ inputs }) =>
      (inputs["target"] as { arn: string }).arn.split(":").at(-1),
    );
    const dimensions = silent?.inputs["dimensions"] as Record<string, string> | undefined;
    expect(scheduled).toContain(dimensions?.["FunctionName"]);
  });

  it("sums up at the witness what the witness sees, over alarms that are there", () => {
    const graph = graphOf("witness");
    const alarms = ofType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm");
    const [composite] = ofType(graph, "aws:cloudwatch/compositeAlarm:CompositeAlarm");
    expect(composite?.inputs["alarmRule"]).toBe('ALARM("spacelift-unreachable-from-witness")');
    expect(alarms.map(({ inputs }) => inputs["name"])).toContain("spacelift-unreachable-from-witness");
    expect(composite?.dependsOn.length).toBeGreaterThanOrEqual(alarms.length);
    const [dashboard] = ofType(graph, "aws:cloudwatch/dashboard:Dashboard");
    expect(JSON.parse(String(dashboard?.inputs["dashboardBody"]))).toEqual(
      manifest.places.find(({ kind }) => kind === "witness")?.dashboards[0]?.body,
    );
  });

  it.each(places)("of %s reports every failed run, and no run that went well where many do", (place) => {
    const listed = manifest.places.find((entry) => entry.place === place)?.functions ?? [];
    const quiet = listed
      .filter((entry) => entry.quiet === true)
      .map(({ name }) => `lifeboat-spacelift-${name}`);
    expect(quiet.length).toBeGreaterThan(0);
    for (const { inputs } of ofType(graphOf(place), "aws:lambda/function:Function")) {
      const logging = inputs["loggingConfig"];
      if (quiet.includes(String(inputs["name"])))
        expect(logging).toMatchObject({ logFormat: "JSON", systemLogLevel: "WARN" });
      else expect(logging).not.toHaveProperty("systemLogLevel");
    }
  });

  it.each(sites)("of %s has a bus for its events, which every function that tells may reach", (place) => {
    const graph = graphOf(place);
    const [bus] = ofType(graph, "aws:cloudwatch/eventBus:EventBus");
    expect(bus?.inputs["name"]).toBe("lifeboat-spacelift");
    const telling = ofType(graph, "aws:lambda/function:Function").filter(({ inputs }) =>
      JSON.stringify(inputs["environment"] ?? {}).includes("EVENT_BUS"),
    );
    expect(telling.length).toBeGreaterThan(10);
    const arn = `arn:aws:events:${region(graph)}:${account(graph)}:event-bus/lifeboat-spacelift`;
    for (const { inputs } of telling) {
      const role = rolesOf(graph).find((candidate) => candidate.arn === inputs["role"]);
      expect(role && allows(role, "events:PutEvents", arn)).toBe(true);
    }
  });

  it("tells of every alarm about Lifeboat itself", () => {
    for (const { place, dutyAlarms } of manifest.places) {
      expect(dutyAlarms.length).toBeGreaterThan(0);
      for (const { name } of dutyAlarms)
        expect(hearersOf(graphOf(place), name, "OK").some((arn) => arn.endsWith("-notify"))).toBe(true);
    }
  });

  it.each(places)("of %s decides nothing by Route 53's metrics, which only us-east-1 has", (place) => {
    const graph = graphOf(place);
    const alarms = ofType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm");
    expect(alarms.length).toBeGreaterThan(0);
    expect(alarms.filter(({ inputs }) => inputs["namespace"] === "AWS/Route53")).toEqual([]);
    const checks = ofType(graph, "aws:route53/healthCheck:HealthCheck");
    expect(checks.filter(({ inputs }) => inputs["type"] === "CLOUDWATCH_METRIC")).toEqual([]);
    expect(region(graph)).not.toBe("us-east-1");
  });
});

describe.skipIf(unavailable !== undefined)("the page that people open", () => {
  const forAnybody = (place: string) =>
    ofType(graphOf(place), "aws:lambda/permission:Permission").filter(
      ({ inputs }) => inputs["principal"] === "*",
    );

  it.each(sites)("of %s is the one address of a function, and needs no signature of its callers", (place) => {
    const urls = ofType(graphOf(place), "aws:lambda/functionUrl:FunctionUrl");
    expect(urls.map(({ inputs }) => [inputs["functionName"], inputs["authorizationType"]])).toEqual([
      ["lifeboat-spacelift-approval-page", "NONE"],
    ]);
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html: both, since October 2025.
  it.each(sites)("of %s may be called by anybody by its address, and by nobody else's leave", (place) => {
    expect(forAnybody(place).map(({ inputs }) => inputs)).toEqual([
      {
        action: "lambda:InvokeFunction",
        function: "lifeboat-spacelift-approval-page",
        invokedViaFunctionUrl: true,
        principal: "*",
      },
      {
        action: "lambda:InvokeFunctionUrl",
        function: "lifeboat-spacelift-approval-page",
        functionUrlAuthType: "NONE",
        principal: "*",
      },
    ]);
  });

  it.each(sites)("of %s is known to the function that tells people", (place) => {
    const ask = ofType(graphOf(place), "aws:lambda/function:Function").find(
      ({ inputs }) => inputs["name"] === "lifeboat-spacelift-ask",
    );
    const environment = ask?.inputs["environment"] as { variables: Record<string, string> } | undefined;
    expect(environment?.variables["APPROVAL_PAGE_URL"]).toMatch(
      /^https:\/\/[a-z0-9]+\.lambda-url\.eu-west-\d\.on\.aws\/$/,
    );
  });

  it("is not at the witness", () => {
    expect(ofType(graphOf("witness"), "aws:lambda/functionUrl:FunctionUrl")).toEqual([]);
    expect(forAnybody("witness")).toEqual([]);
  });
});

describe.skipIf(unavailable !== undefined)("the buckets of the stack", () => {
  describeBuckets(graphOf);
});

describe.skipIf(unavailable !== undefined)("the records of the stack", () => {
  it("are none where the plan gives no zone", () => {
    expect(places.flatMap((place) => ofType(graphOf(place), "aws:route53/record:Record"))).toEqual([]);
  });

  it("are failover pairs at the witness, of which the primary's follows the calculated check", () => {
    expect(ofType(graphOf(LONG_PARIS, longGraphs), "aws:route53/record:Record")).toEqual([]);
    const graph = graphOf("witness", longGraphs);
    const serves = ofType(graph, "aws:route53/healthCheck:HealthCheck").find(({ name }) =>
      name.endsWith("PrimaryServes"),
    );
    const records = ofType(graph, "aws:route53/record:Record").map(({ inputs }) => inputs);
    expect(records.map(({ name }) => String(name)).toSorted()).toEqual([
      "mqtt.spacelift.example.com",
      "mqtt.spacelift.example.com",
      "spacelift.example.com",
      "spacelift.example.com",
    ]);
    for (const record of records) {
      const isPrimary = record["setIdentifier"] === LONG_IRELAND;
      expect(record).toMatchObject({
        zoneId: "Z123",
        type: "CNAME",
        ttl: 60,
        failoverRoutingPolicies: [{ type: isPrimary ? "PRIMARY" : "SECONDARY" }],
      });
      expect(record["healthCheckId"]).toBe(isPrimary ? `${serves?.name}-id` : undefined);
    }
  });
});

describe.skipIf(unavailable !== undefined)("the machines of the stack", () => {
  it.each(sites)("of %s call functions that exist, in versions, and may call no others", (place) => {
    expect(ofType(graphOf(place), "aws:sfn/stateMachine:StateMachine").length).toBeGreaterThan(0);
    expect(checkMachines(graphOf(place))).toEqual([]);
  });

  it.each(sites)("of %s keep the code that an execution began with: theirs and their functions'", (place) => {
    const graph = graphOf(place);
    // Old versions stay: the provider publishes a new one and deletes none, as long as the function is there.
    for (const { inputs } of ofType(graph, "aws:lambda/function:Function")) {
      expect(inputs["publish"]).toBe(true);
      expect(inputs["skipDestroy"] ?? false).toBe(false);
    }
    for (const { inputs } of ofType(graph, "aws:sfn/stateMachine:StateMachine")) {
      expect(inputs["publish"]).toBe(true);
      const arns = String(inputs["definition"]).match(/arn:aws:lambda:[^"]+/g) ?? [];
      expect(arns.length).toBeGreaterThan(10);
      expect(arns.filter((arn) => !/:function:[^:]+:\d+$/.test(arn))).toEqual([]);
    }
  });

  it.each(sites)("of %s log and trace", (place) => {
    for (const { inputs } of ofType(graphOf(place), "aws:sfn/stateMachine:StateMachine")) {
      expect(inputs["loggingConfiguration"]).toMatchObject({ level: "ALL", includeExecutionData: false });
      expect(inputs["tracingConfiguration"]).toEqual({ enabled: true });
    }
  });

  it.each(sites)("of %s pass our validator as they are deployed", (place) => {
    for (const { inputs } of ofType(graphOf(place), "aws:sfn/stateMachine:StateMachine"))
      expect(validate(String(inputs["definition"]))).toEqual([]);
  });

  it.each(linterNames)("pass %s as they are deployed", async (linter) => {
    for (const { inputs } of ofType(graphOf("paris"), "aws:sfn/stateMachine:StateMachine"))
      expect(await linters[linter](JSON.parse(String(inputs["definition"])) as object)).toEqual([]);
  });
});

/** The current plan, and the same by its hash. */
const isPlan = (name: string): boolean => name === "PublishedPlan" || /^Plan[0-9a-f]{12}$/.test(name);

describe.skipIf(unavailable !== undefined)("a deployment while another region is gone", () => {
  it.each(places)("of %s asks nothing of another region", (place) => {
    const graph = graphOf(place);
    const elsewhere = graph.lookups.filter(({ inputs }) => {
      const asked = (inputs as Record<string, unknown>)["region"];
      return asked !== undefined && asked !== region(graph);
    });
    expect(graph.lookups.length).toBeGreaterThan(0);
    expect(elsewhere).toEqual([]);
  });

  it.each([
    ["paris", "eu-west-1"],
    ["ireland", "eu-west-3"],
  ])("of %s names %s only where a name is enough", (place, other) => {
    const naming = created(graphOf(place)).filter(({ inputs }) => JSON.stringify(inputs).includes(other));
    const kindOf = ({ type, name }: (typeof naming)[number]): string =>
      isPlan(name) ? "PublishedPlan" : type === "aws:lambda/function:Function" ? name : type;
    expect([...new Set(naming.map(kindOf))].toSorted()).toEqual([
      // Knows the name of the other site's writer, for which it may stand in.
      "CanaryFunction",
      "PublishedPlan",
      "aws:cloudwatch/eventTarget:EventTarget",
      "aws:iam/rolePolicy:RolePolicy",
    ]);
  });
});

describe.skipIf(unavailable !== undefined)("a changed plan", () => {
  /** What is created in a place of a variant of the example and not just so in the example's, by its name. */
  const differing = (place: string, from: ReadonlyMap<string, Graph>): readonly string[] => {
    const keyOf = ({ type, name, parent }: GraphResource): string => `${type} ${name} ${parent}`;
    const before = new Map(created(graphOf(place)).map((one) => [keyOf(one), JSON.stringify(one)] as const));
    const after = created(graphOf(place, from));
    // The current plan and the same by its hash, whose name is new: nothing else comes or goes.
    expect(after.length).toBe(before.size);
    return after
      .filter((one) => before.get(keyOf(one)) !== JSON.stringify(one))
      .map(({ name }) => (isPlan(name) ? "PublishedPlan" : name));
  };

  it("changes the published plan, and nothing else where it asks for nothing else", () => {
    expect(differing("paris", changedGraphs)).toEqual(["PublishedPlan", "PublishedPlan"]);
  });

  it("changes what roles may do besides where it names more resources, and creates none", () => {
    const names = differing("paris", fiftyGraphs);
    expect(names.filter((name) => name === "PublishedPlan")).toHaveLength(2);
    const others = names.filter((name) => name !== "PublishedPlan");
    expect(others.length).toBeGreaterThan(3);
    expect(others.filter((name) => !name.endsWith("ExecutionPolicy"))).toEqual([]);
    expect(checkPolicySizes(rolesOf(graphOf("paris", fiftyGraphs)))).toEqual([]);
    expect(checkActions(rolesOf(graphOf("paris", fiftyGraphs)))).toEqual([]);
  });

  it("of two hundred resources is refused before anything is created, with advice", async () => {
    const many = synthesizePlaces(withResources(exampleText, 200), ["paris"]);
    await expect(many).rejects.toThrow(/IAM allows 10240: .*split it into plans of several workloads/);
  });

  it("of another workload is another app, and shares no role, function, machine or rule", () => {
    for (const place of longGraphs.keys()) {
      const [here, there] = [graphOf(place === LONG_PARIS ? "paris" : place), graphOf(place, longGraphs)];
      expect(here.app.name).not.toBe(there.app.name);
      // Buckets and the signals' alarms are called as the plan says; both plans say the same here.
      const named = (graph: Graph): readonly string[] =>
        created(graph)
          .filter(({ type }) => !/s3|metricAlarm/.test(type))
          .map(({ type, inputs }) => `${type} ${typeof inputs["name"] === "string" ? inputs["name"] : ""}`)
          .filter((name) => !/ $| own$/.test(name));
      expect(named(here).filter((name) => named(there).includes(name))).toEqual([]);
      expect(named(here).length).toBeGreaterThan(5);
    }
  });

  it("of another workload speaks of nothing that is the example's: no name of its stack, no key of its ledger", () => {
    const speaking = (graph: Graph): readonly string[] =>
      created(graph)
        .filter(({ inputs }) =>
          // The role in the other account is the plan's own word.
          /lifeboat-spacelift\b|spacelift-lifeboat-[a-z0-9-]+\/spacelift\//.test(
            JSON.stringify(inputs).replaceAll(ROLE, ""),
          ),
        )
        .map(({ type, name }) => `${type} ${name}`);
    for (const graph of [...longGraphs.values(), ...longAccessGraphs.values()])
      expect(speaking(graph)).toEqual([]);
    for (const place of places) expect(speaking(graphOf(place)).length).toBeGreaterThan(20);
  });
});

describe.skipIf(unavailable !== undefined)("the types of the stack", () => {
  it("hold against SST's and Pulumi's own", async () => {
    expect(await runProgram(process.execPath, ["infra/synth/check-types.ts"])).toBe(0);
  });
});

describe.skipIf(unavailable !== undefined)("a stage that cannot be deployed", () => {
  it("names no place of the plan, and is told which there are", async () => {
    const result = await synthesize("production", exampleFile);
    expect(result).toEqual({
      ok: false,
      errors: [expect.stringContaining("production-ireland, production-paris, production-witness")],
    });
  });

  it("has no plan, and is told how to get one", async () => {
    const result = await synthesize("production-paris", "nowhere.plan.yaml");
    expect(result).toEqual({ ok: false, errors: [expect.stringContaining("lifeboat init")] });
  });
});
