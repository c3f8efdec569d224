import { describe, expect, it } from "vitest";
import { runProgram } from "../../infra/synth/platform.ts";
import { synthesize } from "../../infra/synth/synthesize.ts";
import { exampleFile } from "../unit/plan-example.ts";
import {
  checkActions,
  checkNames,
  checkPlaceholders,
  checkPolicySizes,
  checkTriggers,
  checkTrust,
  openArns,
  unboundedActions,
} from "./synth-checks.ts";
import { graphOf, manifest, places, plan, sites, unavailable } from "./synth-example.ts";
import { account, allows, hearersOf, ofType, region, rolesOf, statementsOf } from "./synth-graph.ts";
import { LONG_PARIS, longAccessGraphs, longAccessPlaces, longGraphs } from "./synth-longest.ts";

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
