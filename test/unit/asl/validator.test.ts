import * as rds from "@aws-sdk/client-rds";
import { catalogueFromClient, stepFunctionsMemberName } from "@lifeboat/asl/validation/check-sdk";
import { builtInNames } from "@lifeboat/asl/validation/check-expressions";
import { validate, type Problem } from "@lifeboat/asl/validate";
import { describe, expect, it } from "vitest";
import { boundedLoops, defects } from "./defects.ts";
import { disagreements } from "./disagreements.ts";
import { linterNames, linters } from "./linters.ts";
import { machineOf, task } from "./play.ts";
import { soundJsonata, soundJsonPath } from "./sound-machines.ts";

const sdkCatalogue = { rds: catalogueFromClient(rds) };
const textOf = (definition: object): string => JSON.stringify(definition, null, 2);
const check = (definition: object, options: Parameters<typeof validate>[1] = {}): readonly Problem[] =>
  validate(textOf(definition), { sdkCatalogue, ...options });
const brief = (problems: readonly Problem[]): string[] => problems.map(({ rule, path }) => `${rule} ${path}`);

describe("the validator", () => {
  const sound: readonly (readonly [string, object])[] = [
    ["a sound machine in JSONata", soundJsonata],
    ["a sound machine in JSONPath", soundJsonPath],
    ...Object.entries(boundedLoops).map(
      ([bound, machine]) => [`a Wait loop bounded ${bound}`, machine] as const,
    ),
  ];

  it.each(sound)("has nothing to say about %s, nor have the public linters", async (_, machine) => {
    expect(check(machine)).toEqual([]);
    const said = await Promise.all(linterNames.map((name) => linters[name](machine)));
    expect(said.flat()).toEqual([]);
  });

  it.each(defects.map((defect) => [defect.name, defect] as const))("names: %s", (_, defect) => {
    expect(brief(check(defect.definition))).toContain(`${defect.rule} ${defect.path}`);
  });

  it.each(defects.map((defect) => [defect.name, defect] as const))(
    "agrees with both public linters, or has a reason listed: %s",
    async (name, { definition }) => {
      const silent: string[] = [];
      for (const linter of linterNames) {
        if ((await linters[linter](definition)).length === 0) silent.push(linter);
      }
      expect(silent).toEqual(linterNames.filter((linter) => disagreements[name]?.[linter] !== undefined));
    },
  );

  it("lists disagreements only about defects that exist", () => {
    const names = new Set(defects.map(({ name }) => name));
    expect(Object.keys(disagreements).filter((name) => !names.has(name))).toEqual([]);
  });
});

describe("a problem", () => {
  it("is shown at the character of the expression that it is about", () => {
    const text =
      '{\n  "QueryLanguage": "JSONata",\n  "StartAt": "A",\n  "States": {\n    "A": { "Type": "Pass", "Output": "{% 1 + $nope %}", "End": true }\n  }\n}';
    const [problem] = validate(text);
    expect(problem).toMatchObject({ path: "/States/A/Output", line: 5 });
    expect(text.split("\n")[4]?.slice((problem?.column ?? 0) - 1)).toMatch(/^\$nope/);
  });

  it("about text that is no JSON says where it stops being JSON", () => {
    expect(validate('{\n  "StartAt": "A",\n  oops')).toEqual([
      {
        path: "/",
        line: 3,
        column: 3,
        rule: "json",
        kind: "invalid",
        message: "not JSON: expected a member's name in double quotes, found 'oops'",
      },
    ]);
  });

  it("is a member that stands twice, of which JSON keeps only the last", () => {
    const text = textOf(soundJsonata).replace('"Comment":', '"StartAt": "Init", "Comment":');
    expect(brief(validate(text))).toEqual(["duplicate-key /StartAt"]);
  });

  it("tells apart what AWS refuses from what it lets fail", () => {
    const kinds = check({
      ...machineOf({ A: { Type: "Pass", Output: "{% $nope %}", Foo: 1, End: true } }),
    }).map(({ rule, kind }) => [rule, kind]);
    expect(kinds).toEqual([
      ["undefined-variable", "unsound"],
      ["unknown-field", "invalid"],
    ]);
  });

  it("for an EXPRESS machine is what only STANDARD has", () => {
    const machine = machineOf({
      A: task({ Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", TimeoutSeconds: 5 }),
    });
    expect(brief(check(machine))).toEqual([]);
    expect(brief(check(machine, { type: "EXPRESS" }))).toEqual(["express /States/A/Resource"]);
  });
});

describe("error names", () => {
  const claim = (more: object) =>
    machineOf({
      Claim: task({
        Resource: "arn:aws:states:::lambda:invoke",
        Arguments: { FunctionName: "${ClaimFunction}" },
        TimeoutSeconds: 5,
        ...more,
      }),
      Stop: { Type: "Fail", Error: "Stopped" },
    });
  const errorsOf = { ClaimFunction: ["ClaimLost", "LedgerUnreachable"] };

  it("that a machine handles and no function throws are named", () => {
    const machine = claim({
      Catch: [
        { ErrorEquals: ["ClaimLots"], Next: "Stop" },
        { ErrorEquals: ["States.ALL"], Next: "Stop" },
      ],
    });
    expect(brief(check(machine, { errorsOf }))).toEqual(["unthrown-error /States/Claim/Catch/0/ErrorEquals"]);
  });

  it("that a function throws and no state handles are named", () => {
    const machine = claim({ Catch: [{ ErrorEquals: ["ClaimLost"], Next: "Stop" }] });
    const problems = check(machine, { errorsOf });
    expect(brief(problems)).toEqual(["unhandled-error /States/Claim"]);
    expect(problems[0]?.message).toContain("LedgerUnreachable");
  });

  it("are handled by the Map or Parallel around, too, and thrown by what is inside it", () => {
    const inner = claim({});
    const { StartAt, States } = inner as { StartAt: string; States: { Claim: object } };
    const around = machineOf({
      Each: {
        Type: "Map",
        ItemProcessor: { StartAt, States: { Claim: States.Claim } },
        Catch: [
          { ErrorEquals: ["ClaimLost", "LedgerUnreachable"], Next: "Stop" },
          { ErrorEquals: ["Elsewhere"], Next: "Stop" },
        ],
        End: true,
      },
      Stop: { Type: "Fail", Error: "Stopped" },
    });
    expect(brief(check(around, { errorsOf }))).toEqual(["unthrown-error /States/Each/Catch/1/ErrorEquals"]);
  });

  it("of Step Functions and of AWS's services are nobody's to throw", () => {
    const names = ["States.Timeout", "Lambda.TooManyRequestsException", "Rds.DbClusterNotFoundException"];
    const machine = claim({
      Retry: [{ ErrorEquals: names }],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Stop" }],
    });
    expect(check(machine, { errorsOf })).toEqual([]);
  });
});

describe("the SDK's parameters", () => {
  it.each([
    ["DBClusterIdentifier", "DbClusterIdentifier"],
    ["KMSKeyId", "KmsKeyId"],
    ["EnableIAMDatabaseAuthentication", "EnableIamDatabaseAuthentication"],
    ["clusterName", "ClusterName"],
    ["Bucket", "Bucket"],
  ])("Step Functions writes %s as %s", (member, expected) => {
    expect(stepFunctionsMemberName(member)).toBe(expected);
  });

  it("are checked for their form where the service's operations are not known", () => {
    const machine = machineOf({
      A: task({
        Resource: "arn:aws:states:::aws-sdk:docdb:describeDBClusters",
        Arguments: { DBClusterIdentifier: "x" },
        TimeoutSeconds: 5,
      }),
    });
    expect(brief(check(machine))).toEqual(["sdk-parameter /States/A/Arguments/DBClusterIdentifier"]);
  });
});

describe("the list of JSONata's functions", () => {
  it("is that of the package, without $eval", async () => {
    const { default: jsonata } = await import("jsonata");
    const missing: string[] = [];
    for (const name of builtInNames) {
      if ((await jsonata(`$exists($${name})`).evaluate(null)) !== true) missing.push(name);
    }
    expect(missing).toEqual([]);
    expect(builtInNames.has("eval")).toBe(false);
  });
});
