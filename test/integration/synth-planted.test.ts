import { describe, expect, it } from "vitest";
import type { Graph, GraphResource } from "../../infra/synth/graph.ts";
import {
  checkActions,
  checkMachines,
  checkNames,
  checkPlaceholders,
  checkPolicySizes,
  checkTriggers,
  checkTrust,
} from "./synth-checks.ts";
import { rolesOf } from "./synth-graph.ts";
import { whyNotSynthesised } from "./synth-platform.ts";

/* The rules over the graph, each shown a graph that breaks it. */

const ACCOUNT = "111122223333";
const functionArn = `arn:aws:lambda:eu-west-3:${ACCOUNT}:function:begin`;

const resource = (type: string, name: string, inputs: Record<string, unknown>): GraphResource => ({
  type,
  name,
  inputs,
  region: "eu-west-3",
  custom: true,
  existing: false,
  parent: "",
  dependsOn: [],
});

const graph = (...resources: readonly GraphResource[]): Graph => ({
  stage: "test-paris",
  app: {
    name: "lifeboat-test",
    protect: false,
    removal: "retain",
    providers: { aws: { region: "eu-west-3", allowedAccountIds: [ACCOUNT] } },
  },
  outputs: {},
  resources,
  builds: [],
  lookups: [],
});

const role = (
  name: string,
  principal: unknown,
  ...statements: readonly object[]
): readonly GraphResource[] => [
  resource("aws:iam/role:Role", name, {
    name,
    assumeRolePolicy: JSON.stringify({
      Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }],
    }),
  }),
  resource("aws:iam/rolePolicy:RolePolicy", `${name}-policy`, {
    role: name,
    policy: JSON.stringify({ Statement: statements }),
  }),
];

const service = { Service: "lambda.amazonaws.com" };
const allow = (Action: string, Resource: string) => ({ Effect: "Allow", Action, Resource });
const lambdaFunction = resource("aws:lambda/function:Function", "Begin", { name: "begin" });

const machine = (called: string) =>
  resource("aws:sfn/stateMachine:StateMachine", "Failover", {
    name: "failover",
    roleArn: `arn:aws:iam::${ACCOUNT}:role/failover`,
    definition: JSON.stringify({ States: { A: { Arguments: { FunctionName: called } } } }),
  });

const schedule = (arn: string, deadLetterConfig: object | undefined = { arn: "queue" }) =>
  resource("aws:scheduler/schedule:Schedule", "Watch", {
    name: "watch",
    target: { arn, roleArn: `arn:aws:iam::${ACCOUNT}:role/timer`, deadLetterConfig },
  });

describe("a role", () => {
  it.each([
    ["the account's root", { AWS: `arn:aws:iam::${ACCOUNT}:root` }],
    ["everybody", { AWS: "*" }],
    ["a service and somebody else", { ...service, AWS: "*" }],
    ["any service", { Service: "*" }],
  ])("that %s can take is found", (_, principal) => {
    expect(checkTrust(rolesOf(graph(...role("a", principal))))).toHaveLength(1);
    expect(checkTrust(rolesOf(graph(...role("a", service))))).toEqual([]);
  });

  it.each([
    ["s3:*", "arn:aws:s3:::b/k", "a may s3:*"],
    ["s3:Get*", "arn:aws:s3:::b/k", "a may s3:Get*"],
    ["s3:GetObject", "*", "a may s3:GetObject on everything"],
    [
      "s3:GetObject",
      "arn:aws:s3:::b/*",
      "a may s3:GetObject on arn:aws:s3:::b/*, and nobody has said why it is open",
    ],
    [
      "rds-db:connect",
      "arn:aws:rds-db:eu-west-3:111122223333:dbuser:*/lifeboat",
      "a may rds-db:connect on arn:aws:rds-db:eu-west-3:111122223333:dbuser:*/lifeboat, and nobody has said why it is open",
    ],
  ])("that may %s on %s is found", (action, on, said) => {
    expect(checkActions(rolesOf(graph(...role("a", service, allow(action, on)))))).toEqual([said]);
  });

  it("may have * for an action that knows no resource, and for a denial", () => {
    const statements = [allow("rds:DescribeEvents", "*"), { ...allow("s3:*", "*"), Effect: "Deny" }];
    expect(checkActions(rolesOf(graph(...role("a", service, ...statements))))).toEqual([]);
  });

  it("with a policy that IAM refuses is found, and one with none", () => {
    const long = allow("s3:GetObject", `arn:aws:s3:::${"b".repeat(10_240)}`);
    expect(checkPolicySizes(rolesOf(graph(...role("a", service, long))))).toHaveLength(1);
    expect(checkPolicySizes(rolesOf(graph(...role("a", service).slice(0, 1))))).toEqual(["a has no policy"]);
  });
});

describe("a name", () => {
  it("that is too long, or not given, is found", () => {
    const functions = ["f".repeat(64), "f".repeat(65), undefined].map((name, index) =>
      resource("aws:lambda/function:Function", `F${index}`, { name }),
    );
    expect(checkNames(graph(...functions))).toEqual([
      expect.stringContaining("has 65 characters"),
      expect.stringContaining("F2 has no name"),
    ]);
  });

  it("of a type whose limit nobody has looked up is found", () => {
    const table = resource("aws:dynamodb/table:Table", "T", { name: "t" });
    expect(checkNames(graph(table))).toEqual([
      expect.stringMatching(/^nobody has looked up what aws:dynamodb\/table:Table T may be called: /),
    ]);
  });

  it("that is still a placeholder is found", () => {
    const planted = resource("aws:lambda/function:Function", "F", {
      // oxlint-disable-next-line no-template-curly-in-string -- the placeholder is the point
      environment: { variables: { HOST: "${WriterHost:x}" } },
    });
    expect(checkPlaceholders(graph(planted))).toHaveLength(1);
  });
});

describe("a machine", () => {
  const invoke = (pattern: string) =>
    role("failover", { Service: "states.amazonaws.com" }, allow("lambda:InvokeFunction", pattern));

  it("that calls versions of its functions, and may call nothing else, is in order", () => {
    const sound = graph(lambdaFunction, machine(`${functionArn}:3`), ...invoke(`${functionArn}:*`));
    expect(checkMachines(sound)).toEqual([]);
  });

  it.each([
    [
      "calls a function that is not there",
      [],
      `${functionArn}:3`,
      `${functionArn}:*`,
      "is no function of this stack",
    ],
    ["calls whatever is newest", [lambdaFunction], functionArn, `${functionArn}*`, "is no published version"],
    [
      "may not call its function",
      [lambdaFunction],
      `${functionArn}:3`,
      `${functionArn}2:*`,
      "may not invoke",
    ],
    ["may call another function", [lambdaFunction], `${functionArn}:3`, `${functionArn}2:*`, "does not call"],
  ])("that %s is found", (_, functions, called, pattern, said) => {
    expect(checkMachines(graph(...functions, machine(called), ...invoke(pattern)))).toContainEqual(
      expect.stringContaining(said),
    );
  });
});

describe("a trigger", () => {
  const timer = (...statements: readonly object[]) =>
    role("timer", { Service: "scheduler.amazonaws.com" }, ...statements);
  const sound = [allow("lambda:InvokeFunction", functionArn), allow("sqs:SendMessage", "queue")];

  it("that may start its function, and keeps what it cannot deliver, is in order", () => {
    expect(checkTriggers(graph(lambdaFunction, schedule(functionArn), ...timer(...sound)))).toEqual([]);
  });

  it("that may not start its function, or starts another stack's, or loses what it cannot deliver, is found", () => {
    expect(checkTriggers(graph(lambdaFunction, schedule(functionArn), ...timer(...sound.slice(1))))).toEqual([
      expect.stringContaining("may not invoke"),
    ]);
    expect(checkTriggers(graph(schedule(functionArn), ...timer(...sound)))).toEqual([
      expect.stringContaining("not in this stack"),
    ]);
    expect(
      checkTriggers(graph(lambdaFunction, schedule(functionArn), ...timer(...sound.slice(0, 1)))),
    ).toEqual([expect.stringContaining("loses")]);
  });

  it("whose rule has no target, or whose target gives EventBridge no permission, is found", () => {
    const rule = resource("aws:cloudwatch/eventRule:EventRule", "R", { name: "r" });
    const target = resource("aws:cloudwatch/eventTarget:EventTarget", "T", {
      rule: "r",
      arn: functionArn,
      deadLetterConfig: { arn: "queue" },
    });
    expect(checkTriggers(graph(rule))).toEqual(["the rule r has no target"]);
    expect(checkTriggers(graph(rule, target, lambdaFunction))).toEqual([
      expect.stringContaining("may not invoke"),
    ]);
  });
});

describe("a machine on which SST's platform cannot be installed", () => {
  const fails = (): Promise<never> => Promise.reject(new Error("no way to the registry"));

  it("skips these tests with the reason, and fails them in CI", async () => {
    expect(await whyNotSynthesised(fails, false)).toContain("no way to the registry");
    await expect(whyNotSynthesised(fails, true)).rejects.toThrow(/the stack is not proven: .*no way to the/);
    expect(await whyNotSynthesised(() => Promise.resolve(), true)).toBeUndefined();
  });
});
