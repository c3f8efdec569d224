import { CreateScheduleCommand, DeleteScheduleCommand, GetScheduleCommand } from "@aws-sdk/client-scheduler";
import { parseScheduleExpression } from "@lifeboat/cloud/services/scheduler/schedule-expression";
import { describe, expect, it } from "vitest";
import { ACCOUNT, createAccount, failure, IRELAND, START_MS, type Account } from "./cloud-account.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe("a schedule expression", () => {
  const times = (expression: string, from: string, count = 3): string[] => {
    const timetable = parseScheduleExpression(expression);
    const startMs = new Date(from).getTime();
    const found: string[] = [];
    let atMs = startMs;
    while (found.length < count) {
      const next = timetable.next(atMs, startMs);
      if (next === undefined) break;
      found.push(new Date(next).toISOString().slice(0, 16));
      atMs = next;
    }
    return found;
  };

  it.each([
    ["rate(5 minutes)", "2026-11-03T09:00:30Z", ["2026-11-03T09:01", "2026-11-03T09:06", "2026-11-03T09:11"]],
    ["rate(1 hour)", "2026-11-03T09:00:00Z", ["2026-11-03T10:00", "2026-11-03T11:00", "2026-11-03T12:00"]],
    [
      "cron(0 12 * * ? *)",
      "2026-11-03T12:00:00Z",
      ["2026-11-04T12:00", "2026-11-05T12:00", "2026-11-06T12:00"],
    ],
    [
      "cron(0/20 8-9 ? * MON-FRI *)",
      "2026-11-06T09:30:00Z",
      ["2026-11-06T09:40", "2026-11-09T08:00", "2026-11-09T08:20"],
    ],
    [
      "cron(15 10 L * ? *)",
      "2026-01-31T11:00:00Z",
      ["2026-02-28T10:15", "2026-03-31T10:15", "2026-04-30T10:15"],
    ],
    [
      "cron(0 3 ? * 2#1 *)",
      "2026-11-03T00:00:00Z",
      ["2026-12-07T03:00", "2027-01-04T03:00", "2027-02-01T03:00"],
    ],
    [
      "cron(0 0 ? * 6L *)",
      "2026-11-01T00:00:00Z",
      ["2026-11-27T00:00", "2026-12-25T00:00", "2027-01-29T00:00"],
    ],
    [
      "cron(0 9 15W * ? *)",
      "2026-08-01T00:00:00Z",
      ["2026-08-14T09:00", "2026-09-15T09:00", "2026-10-15T09:00"],
    ],
    [
      "cron(0 0 29 FEB ? *)",
      "2026-11-03T00:00:00Z",
      ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"],
    ],
    ["cron(0 0 1 1 ? 2027)", "2026-11-03T00:00:00Z", ["2027-01-01T00:00"]],
    ["at(2026-12-01T04:30:00)", "2026-11-03T00:00:00Z", ["2026-12-01T04:30"]],
  ])("%s, from %s", (expression, from, expected) => {
    expect(times(expression, from)).toEqual(expected);
  });

  it.each([
    "rate(0 minutes)",
    "rate(5 seconds)",
    "cron(0 12 * * * *)",
    "cron(0 12 ? * ? *)",
    "cron(61 0 * * ? *)",
    "at(soon)",
    "",
  ])("%s is refused", (expression) => {
    expect(() => parseScheduleExpression(expression)).toThrow(SyntaxError);
  });
});

describe("a schedule", () => {
  const setUp = (): { account: Account; got: { readonly payload: unknown; readonly atMs: number }[] } => {
    const got: { payload: unknown; atMs: number }[] = [];
    const account = createAccount({
      functions: {
        watch: ({ payload }, { cloud }) =>
          void got.push({ payload, atMs: cloud.world.clock.nowMs() - START_MS }),
      },
    });
    account.cloud.lambda.createFunction({ region: IRELAND, functionName: "watch" });
    return { account, got };
  };
  const targetArn = `arn:aws:lambda:${IRELAND}:${ACCOUNT}:function:watch`;
  const runTo = (account: Account, minutes: number) =>
    account.cloud.world.clock.run({ untilMs: START_MS + minutes * MINUTE_MS });

  it("fires on the minute and reaches its function within seconds, with its input", async () => {
    const { account, got } = setUp();
    account.cloud.scheduler.createSchedule({
      region: IRELAND,
      name: "watch",
      expression: "rate(1 minute)",
      targetArn,
      input: '{"workload":"spacelift","at":"<aws.scheduler.scheduled-time>"}',
    });
    await runTo(account, 60.5);
    expect(got).toHaveLength(60);
    expect(got[0]?.payload).toEqual({ workload: "spacelift", at: "2026-11-03T09:01:00Z" });
    const lateMs = account.cloud.scheduler.firings.map(({ atMs, dueAtMs }) => atMs - dueAtMs);
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...lateMs)).toBeGreaterThan(2_000);
    expect(Math.max(...lateMs)).toBeLessThan(10_000);
    expect(account.cloud.scheduler.firings.every(({ dueAtMs }) => dueAtMs % MINUTE_MS === 0)).toBe(true);
  });

  it("does not fire in a lost region, and once when the region is back", async () => {
    const { account, got } = setUp();
    account.cloud.scheduler.createSchedule({
      region: IRELAND,
      name: "watch",
      expression: "rate(1 minute)",
      targetArn,
    });
    const { network, clock } = account.cloud.world;
    clock.after(10.5 * MINUTE_MS, () => network.lose(IRELAND));
    clock.after(30.5 * MINUTE_MS, () => network.restore(IRELAND));
    await runTo(account, 30);
    const before = got.length;
    expect(before).toBe(10);
    await runTo(account, 30.9);
    expect(got.length - before).toBe(1);
    await runTo(account, 35.9);
    expect(got.length - before).toBe(6);
  });

  it("of a state machine starts executions", async () => {
    const { account } = setUp();
    const { arn } = account.cloud.sfn.createStateMachine({
      region: IRELAND,
      name: "drill",
      definition: { QueryLanguage: "JSONata", StartAt: "A", States: { A: { Type: "Succeed" } } },
    });
    account.cloud.scheduler.createSchedule({
      region: IRELAND,
      name: "drill",
      expression: "at(2026-11-03T09:30:00)",
      targetArn: arn,
      input: '{"workload":"spacelift"}',
    });
    await runTo(account, 600);
    expect([...account.cloud.sfn.executions.values()].map(({ input }) => input)).toEqual([
      '{"workload":"spacelift"}',
    ]);
  });

  it("is created, described and deleted through the API", async () => {
    const { account, got } = setUp();
    const scheduler = account.scheduler(IRELAND);
    const create = new CreateScheduleCommand({
      Name: "watch",
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: targetArn, RoleArn: `arn:aws:iam::${ACCOUNT}:role/scheduler` },
    });
    await account.run(async () => {
      await scheduler.send(create);
      expect(await failure(scheduler.send(create))).toMatchObject({ name: "ConflictException", status: 409 });
      const { State, ScheduleExpression } = await scheduler.send(new GetScheduleCommand({ Name: "watch" }));
      expect({ State, ScheduleExpression }).toEqual({
        State: "ENABLED",
        ScheduleExpression: "rate(1 minute)",
      });
      const unclear = new CreateScheduleCommand({ ...create.input, Name: "x", ScheduleExpression: "hourly" });
      expect(await failure(scheduler.send(unclear))).toMatchObject({ name: "ValidationException" });
      await account.sleep(3 * MINUTE_MS + 20_000);
      await scheduler.send(new DeleteScheduleCommand({ Name: "watch" }));
      const missing = await failure(scheduler.send(new GetScheduleCommand({ Name: "watch" })));
      expect(missing).toMatchObject({ name: "ResourceNotFoundException", status: 404 });
    });
    const fired = got.length;
    expect(fired).toBe(3);
    await account.cloud.world.clock.run({ untilMs: START_MS + HOUR_MS });
    expect(got).toHaveLength(fired);
    account.expectConformance();
  });
});
