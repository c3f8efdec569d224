import { validate } from "@lifeboat/asl/validate";
import { describe, expect, it } from "vitest";
import { linterNames, linters } from "../unit/asl/linters.ts";
import { describeBuckets } from "./synth-buckets.ts";
import { checkMachines } from "./synth-checks.ts";
import { graphOf, places, sites, unavailable } from "./synth-example.ts";
import { ofType } from "./synth-graph.ts";
import { LONG_IRELAND, LONG_PARIS, longGraphs } from "./synth-longest.ts";

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
