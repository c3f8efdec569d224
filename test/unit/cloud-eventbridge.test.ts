import { PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { InvalidPattern, matchesPattern } from "@lifeboat/cloud/services/eventbridge/event-pattern";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACCOUNT, createAccount, IRELAND, PARIS, START_MS, type Account } from "./cloud-account.ts";

const MINUTE_MS = 60_000;

describe("an event pattern", () => {
  const event = {
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    region: IRELAND,
    resources: ["arn:aws:cloudwatch:eu-west-1:1:alarm:writer-down"],
    detail: {
      alarmName: "spacelift-writer-down",
      state: { value: "ALARM", reasonData: null },
      count: 5,
      ip: "10.0.0.123",
      tags: ["prod", "database"],
      nodes: [
        { id: "a", role: "writer" },
        { id: "b", role: "reader" },
      ],
      flag: true,
      "": "empty",
    },
  };
  const matched: readonly (readonly [string, object])[] = [
    ["an exact value", { source: ["aws.cloudwatch"] }],
    ["one of several values", { source: ["aws.rds", "aws.cloudwatch"] }],
    ["several fields at once", { source: ["aws.cloudwatch"], detail: { state: { value: ["ALARM"] } } }],
    ["null", { detail: { state: { reasonData: [null] } } }],
    ["a boolean", { detail: { flag: [true] } }],
    ["an element of a list", { detail: { tags: ["database"] } }],
    ["an object in a list", { detail: { nodes: { role: ["reader"] } } }],
    ["a prefix", { detail: { alarmName: [{ prefix: "spacelift-" }] } }],
    ["a prefix in any case", { detail: { alarmName: [{ prefix: { "equals-ignore-case": "SPACE" } }] } }],
    ["a suffix", { detail: { alarmName: [{ suffix: "-down" }] } }],
    ["a value in any case", { detail: { state: { value: [{ "equals-ignore-case": "alarm" }] } } }],
    ["a wildcard", { resources: [{ wildcard: "arn:aws:*:alarm:*-down" }] }],
    ["anything but a value", { region: [{ "anything-but": PARIS }] }],
    ["anything but some values", { region: [{ "anything-but": [PARIS, "us-east-1"] }] }],
    ["anything but a prefix", { region: [{ "anything-but": { prefix: "us-" } }] }],
    ["anything but prefixes", { region: [{ "anything-but": { prefix: ["us-", "ap-"] } }] }],
    ["anything but a suffix", { region: [{ "anything-but": { suffix: "-3" } }] }],
    ["anything but a wildcard", { region: [{ "anything-but": { wildcard: "us-*" } }] }],
    ["a number in a range", { detail: { count: [{ numeric: [">", 0, "<=", 5] }] } }],
    ["an equal number", { detail: { count: [{ numeric: ["=", 5] }] } }],
    ["an address in a block", { detail: { ip: [{ cidr: "10.0.0.0/24" }] } }],
    ["a field that exists", { detail: { alarmName: [{ exists: true }] } }],
    ["a field that does not exist", { detail: { missing: [{ exists: false }] } }],
    ["a missing branch", { absent: { deeper: [{ exists: false }] } }],
    [
      "either of two fields",
      { $or: [{ source: ["aws.rds"] }, { detail: { count: [{ numeric: [">", 4] }] } }] },
    ],
    ["absence or a value", { detail: { missing: [{ exists: false }, "x"] } }],
  ];
  it.each(matched)("matches %s", (_name, pattern) => {
    expect(matchesPattern(pattern as Record<string, unknown>, event)).toBe(true);
  });

  const unmatched: readonly (readonly [string, object])[] = [
    ["another value", { source: ["aws.rds"] }],
    ["the same value in another case", { detail: { state: { value: ["alarm"] } } }],
    ["a number given as text", { detail: { count: ["5"] } }],
    ["one field of two", { source: ["aws.cloudwatch"], region: [PARIS] }],
    ["values of two objects of a list", { detail: { nodes: { id: ["a"], role: ["reader"] } } }],
    ["anything but what is there", { region: [{ "anything-but": IRELAND }] }],
    ["anything but, on a field that is not there", { detail: { missing: [{ "anything-but": "x" }] } }],
    ["a number outside a range", { detail: { count: [{ numeric: [">", 5] }] } }],
    ["an address outside a block", { detail: { ip: [{ cidr: "10.0.1.0/24" }] } }],
    ["absence of what is there", { detail: { alarmName: [{ exists: false }] } }],
    ["presence of what is not there", { detail: { missing: [{ exists: true }] } }],
    ["neither of two", { $or: [{ source: ["aws.rds"] }, { region: [PARIS] }] }],
    ["a wildcard that does not reach the end", { detail: { alarmName: [{ wildcard: "*-writer" }] } }],
  ];
  it.each(unmatched)("does not match %s", (_name, pattern) => {
    expect(matchesPattern(pattern as Record<string, unknown>, event)).toBe(false);
  });

  it("is refused when EventBridge would refuse it", () => {
    expect(() => matchesPattern({ source: [] }, event)).toThrow(InvalidPattern);
    expect(() => matchesPattern({ source: "aws.rds" }, event)).toThrow(InvalidPattern);
    expect(() => matchesPattern({ source: [{ regex: "x" }] }, event)).toThrow(
      /Unrecognized match type regex/,
    );
  });
});

describe("a rule", () => {
  let account: Account;
  const got: { readonly region: string; readonly payload: unknown; readonly atMs: number }[] = [];
  beforeEach(() => {
    got.length = 0;
    account = createAccount({
      functions: {
        listener: ({ region, payload }, { cloud }) =>
          void got.push({ region, payload, atMs: cloud.world.clock.nowMs() - START_MS }),
      },
    });
    for (const region of [IRELAND, PARIS]) {
      account.cloud.lambda.createFunction({ region, functionName: "listener" });
    }
  });
  afterEach(() => account.expectConformance());

  const listener = (region: string) =>
    ({ type: "lambda", id: "1", arn: `arn:aws:lambda:${region}:${ACCOUNT}:function:listener` }) as const;
  const emit = (region = IRELAND) =>
    account.cloud.world.emit(region, {
      source: "aws.cloudwatch",
      detailType: "CloudWatch Alarm State Change",
      resources: [],
      detail: { alarmName: "writer-down" },
    });
  const pattern = { source: ["aws.cloudwatch"] };

  it("brings the service's event to its function, whole, within half a second and a cold start", async () => {
    account.cloud.eventbridge.createRule({
      region: IRELAND,
      name: "alarms",
      pattern,
      targets: [listener(IRELAND)],
    });
    await account.run(async () => {
      emit();
      await account.sleep(20_000);
    });
    expect(got[0]).toMatchObject({
      region: IRELAND,
      payload: {
        version: "0",
        account: ACCOUNT,
        region: IRELAND,
        time: "2026-11-03T09:00:00Z",
        detail: { alarmName: "writer-down" },
      },
    });
    expect(got[0]?.atMs).toBeGreaterThan(80);
    expect(got[0]?.atMs).toBeLessThan(1_200);
  });

  it("delivers at least once, and now and then twice", async () => {
    account.cloud.eventbridge.createRule({
      region: IRELAND,
      name: "alarms",
      pattern,
      targets: [listener(IRELAND)],
    });
    await account.run(async () => {
      for (let index = 0; index < 500; index++) emit();
      await account.sleep(MINUTE_MS);
    });
    expect(got.length).toBeGreaterThan(500);
    expect(got.length).toBeLessThan(530);
  });

  it("hears nothing of other events, nothing while disabled, and nothing of another region", async () => {
    const rule = account.cloud.eventbridge.createRule({
      region: IRELAND,
      name: "rds",
      pattern: { source: ["aws.rds"] },
      targets: [listener(IRELAND)],
    });
    await account.run(async () => {
      emit();
      rule.pattern = pattern;
      emit(PARIS);
      rule.enabled = false;
      emit();
      await account.sleep(20_000);
    });
    expect(got).toEqual([]);
  });

  it("sends to a bus in another region, and again while that region is out of reach", async () => {
    account.cloud.eventbridge.createRule({
      region: IRELAND,
      name: "forward",
      pattern,
      targets: [{ type: "bus", id: "1", arn: `arn:aws:events:${PARIS}:${ACCOUNT}:event-bus/default` }],
    });
    account.cloud.eventbridge.createRule({
      region: PARIS,
      name: "alarms",
      pattern,
      targets: [listener(PARIS)],
    });
    const { network, clock } = account.cloud.world;
    await account.run(async () => {
      network.cut(IRELAND, PARIS);
      clock.after(5 * MINUTE_MS, () => network.mend(IRELAND, PARIS));
      emit();
      await account.sleep(4 * MINUTE_MS);
      expect(got).toEqual([]);
      await account.sleep(20 * MINUTE_MS);
    });
    expect(got[0]).toMatchObject({ region: PARIS, payload: { region: IRELAND } });
  });

  it("starts a state machine with an input made from the event", async () => {
    const machine = account.cloud.sfn.createStateMachine({
      region: IRELAND,
      name: "assess",
      definition: { QueryLanguage: "JSONata", StartAt: "A", States: { A: { Type: "Succeed" } } },
    });
    await account.run(async () => {
      const events = account.events(IRELAND);
      await events.send(new PutRuleCommand({ Name: "alarms", EventPattern: JSON.stringify(pattern) }));
      await events.send(
        new PutTargetsCommand({
          Rule: "alarms",
          Targets: [
            {
              Id: "1",
              Arn: machine.arn,
              RoleArn: `arn:aws:iam::${ACCOUNT}:role/events`,
              InputTransformer: {
                InputPathsMap: { alarm: "$.detail.alarmName" },
                InputTemplate: '{"workload": "spacelift", "because": <alarm>, "text": "alarm <alarm>"}',
              },
            },
          ],
        }),
      );
      emit();
      await account.sleep(20_000);
    });
    const [execution] = account.cloud.sfn.executions.values();
    expect(JSON.parse(execution?.input ?? "")).toEqual({
      workload: "spacelift",
      because: "writer-down",
      text: "alarm writer-down",
    });
  });

  it("takes custom events, and says which ones it does not take", async () => {
    account.cloud.eventbridge.createRule({
      region: IRELAND,
      name: "custom",
      pattern: { source: ["lifeboat"] },
      targets: [listener(IRELAND)],
    });
    await account.run(async () => {
      const { FailedEntryCount, Entries } = await account.events(IRELAND).send(
        new PutEventsCommand({
          Entries: [
            { Source: "lifeboat", DetailType: "Recovered", Detail: '{"epoch":7}' },
            { Source: "lifeboat", DetailType: "Recovered", Detail: "{" },
            { Source: "aws.rds", DetailType: "x", Detail: "{}" },
          ],
        }),
      );
      expect(FailedEntryCount).toBe(2);
      expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
        undefined,
        "MalformedDetail",
        "NotAuthorizedForSourceException",
      ]);
      await account.sleep(10_000);
    });
    expect(got[0]?.payload).toMatchObject({ source: "lifeboat", detail: { epoch: 7 } });
  });
});
