import { describe, expect, it } from "vitest";
import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import type { CloudEvent } from "@lifeboat/cloud/kernel/cloud-event";
import { createCloudWatch } from "@lifeboat/cloud/services/cloudwatch/cloudwatch";
import { evaluate, type AlarmState, type MissingData } from "@lifeboat/cloud/services/cloudwatch/evaluate";
import { createMetricStore } from "@lifeboat/cloud/services/cloudwatch/metric-store";
import { parseAlarmRule, ruleHolds } from "@lifeboat/cloud/services/cloudwatch/alarm-rule";
import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { caller } from "./cloud-call.ts";

const PARIS = "eu-west-3";
const MINUTE_MS = 60_000;

/** `0` does not breach, `X` breaches, `-` is missing; the newest is on the right, as in the User Guide. */
const judge = (points: string, datapointsToAlarm: number, missing: MissingData): string =>
  evaluate(
    points.split(" ").map((point) => (point === "-" ? undefined : point === "X" ? 1 : 0)),
    { periods: 3, datapointsToAlarm, breaches: (value) => value > 0.5, missing },
  );

describe("the evaluation of an alarm with missing data", () => {
  const treatments = ["missing", "ignore", "breaching", "notBreaching"] as const;

  it.each([
    ["0 - X - X", ["OK", "OK", "OK", "OK"]],
    ["0 - - - -", ["OK", "OK", "OK", "OK"]],
    ["- - - - -", ["INSUFFICIENT_DATA", "retain", "ALARM", "OK"]],
    ["0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["- - X - -", ["ALARM", "retain", "ALARM", "OK"]],
  ])("follows the guide's first table (3 of 3) for %s", (points, states) => {
    expect(treatments.map((missing) => judge(points, 3, missing))).toEqual(states);
  });

  it.each([
    ["0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["0 - X - -", ["OK", "OK", "ALARM", "OK"]],
    ["- - - - 0", ["OK", "OK", "ALARM", "OK"]],
    ["- - - X -", ["ALARM", "retain", "ALARM", "OK"]],
  ])("follows the guide's second table (2 of 3) for %s", (points, states) => {
    expect(treatments.map((missing) => judge(points, 2, missing))).toEqual(states);
  });

  it.each(["- - - - X", "- - - X -"])("does not alarm too early for %s (3 of 3)", (points) => {
    expect(judge(points, 3, "missing")).toBe("retain");
  });
});

describe("a metric of high resolution", () => {
  const metric = { namespace: "App", metricName: "Lag", dimensions: { Site: "a" } };
  const record = async (seconds: readonly (readonly [second: number, value: number])[]) => {
    const world = createWorld({ seed: 1, startMs: 0, accountId: "1", regions: [PARIS] });
    const { clock } = world;
    const store = createMetricStore(world);
    const put = (second: number, value: number): void =>
      store.put(PARIS, metric, { atMs: second * 1000 + 7, value, resolutionSeconds: 1 });
    for (const [second, value] of seconds) put(second, value);
    await clock.run({ untilMs: MINUTE_MS });
    const sums = (periodSeconds: number, startSecond: number, endSecond: number) =>
      store
        .read(PARIS, metric, {
          startMs: startSecond * 1000,
          endMs: endSecond * 1000,
          periodSeconds,
          statistic: "Sum",
        })
        .map(({ value, sampleCount }) => [value, sampleCount]);
    return { clock, put, sums };
  };

  it("is read by the second, in whatever order its values came", async () => {
    const { sums } = await record([
      [61, 4],
      [19, 2],
      [10, 1],
      [19, 8],
    ]);
    expect(sums(10, 0, 30)).toEqual([
      [undefined, 0],
      [11, 3],
      [undefined, 0],
    ]);
    expect(sums(60, 0, 120)).toEqual([
      [11, 3],
      [4, 1],
    ]);
    expect(sums(120, 0, 120)).toEqual([[15, 4]]);
  });

  it("is known by the minute alone once it is three hours old", async () => {
    const { clock, put, sums } = await record([
      [10, 1],
      [50, 2],
      [70, 4],
    ]);
    const laterSeconds = 7 * 60 * 60;
    await clock.run({ untilMs: laterSeconds * 1000 });
    put(laterSeconds, 16);
    await clock.run({ untilMs: (laterSeconds + 60) * 1000 });
    expect(sums(10, 0, 20)).toEqual([
      [3, 2],
      [undefined, 0],
    ]);
    expect(sums(60, 0, 120)).toEqual([
      [3, 2],
      [4, 1],
    ]);
    expect(sums(10, laterSeconds, laterSeconds + 10)).toEqual([[16, 1]]);
  });

  it("counts once what came in a minute of which only a part is three hours old", async () => {
    const { clock, put, sums } = await record([[10, 1]]);
    const [fourHours, sevenHours] = [4 * 60 * 60, 7 * 60 * 60];
    await clock.run({ untilMs: (fourHours + 60) * 1000 });
    put(fourHours + 50, 4);
    put(fourHours + 10, 2);
    await clock.run({ untilMs: (sevenHours + 25) * 1000 });
    put(sevenHours + 25, 16);
    await clock.run({ untilMs: (sevenHours + 40) * 1000 });
    expect(sums(60, fourHours, fourHours + 60)).toEqual([[6, 2]]);
    expect(sums(10, fourHours + 50, fourHours + 60)).toEqual([[4, 1]]);
    expect(sums(10, fourHours + 10, fourHours + 20)).toEqual([[undefined, 0]]);
  });
});

describe("an alarm rule", () => {
  const states: Record<string, AlarmState> = { a: "ALARM", b: "OK", "with space": "INSUFFICIENT_DATA" };
  it.each([
    ["ALARM(a)", true],
    ['ALARM("a") AND OK(b)', true],
    ["ALARM(b) OR ALARM(a) AND ALARM(b)", false],
    ["NOT ALARM(b) AND ALARM(a)", true],
    ["NOT (ALARM(b) OR ALARM(a))", false],
    ['INSUFFICIENT_DATA("with space") AND TRUE', true],
    ["FALSE OR (OK(a))", false],
  ])("reads %s", (text, holds) => {
    expect(ruleHolds(parseAlarmRule(text), (name) => states[name])).toBe(holds);
  });

  it.each(["", "ALARM a", "ALARM()", "ALARM(a) AND", "ALARM(a) b", "BROKEN(a)", "(ALARM(a)"])(
    "refuses %j",
    (text) => {
      expect(() => parseAlarmRule(text)).toThrow(expect.objectContaining({ code: "ValidationError" }));
    },
  );
});

const setup = () => {
  const world = createWorld({
    seed: 13,
    startMs: Date.UTC(2026, 10, 3),
    accountId: "111122223333",
    regions: [PARIS, "eu-west-1"],
  });
  const cloudwatch = createCloudWatch(world);
  const call = caller(cloudwatch);
  const events: CloudEvent[] = [];
  world.onEmit((_, event) => events.push(event));
  const run = (ms: number): Promise<void> => world.clock.run({ untilMs: world.clock.nowMs() + ms });
  const put = (value: number, region = PARIS): unknown =>
    call(region, "PutMetricData", {
      Namespace: "Lifeboat",
      MetricData: [
        {
          MetricName: "ProbeFailed",
          Dimensions: [{ Name: "Workload", Value: "spacelift" }],
          Value: value,
          StorageResolution: 1,
        },
      ],
    });
  const alarm = (more: Partial<PutMetricAlarmInput> = {}): void =>
    cloudwatch.createMetricAlarm(PARIS, {
      AlarmName: "probe",
      AlarmDescription: "the probe fails",
      Namespace: "Lifeboat",
      MetricName: "ProbeFailed",
      Dimensions: [{ Name: "Workload", Value: "spacelift" }],
      Statistic: "Maximum",
      Period: 10,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
      ...more,
    });
  /** Puts `value` every ten seconds for `count` times. */
  const feed = async (value: number, count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      put(value);
      await run(10_000);
    }
  };
  const states = (): unknown[] =>
    events.map(({ detail }) => (detail as { state: { value: string } }).state.value);
  return { world, cloudwatch, call, events, run, put, alarm, feed, states };
};

describe("a high-resolution alarm", () => {
  it("goes into ALARM within three periods and sends one event for each change of state", async () => {
    const { alarm, feed, states, world, events } = setup();
    alarm();
    await feed(0, 6);
    expect(states()).toEqual(["OK"]);
    const failingSinceMs = world.clock.nowMs();
    await feed(1, 12);
    expect(states()).toEqual(["OK", "ALARM"]);
    const [, event] = events;
    expect(Date.parse(event?.time ?? "") - failingSinceMs).toBeLessThan(35_000);
    await feed(0, 6);
    expect(states()).toEqual(["OK", "ALARM", "OK"]);
    expect(event).toMatchObject({
      source: "aws.cloudwatch",
      "detail-type": "CloudWatch Alarm State Change",
      region: PARIS,
      resources: [`arn:aws:cloudwatch:${PARIS}:111122223333:alarm:probe`],
      detail: {
        alarmName: "probe",
        configuration: {
          description: "the probe fails",
          metrics: [
            {
              metricStat: {
                metric: { name: "ProbeFailed", namespace: "Lifeboat", dimensions: { Workload: "spacelift" } },
                period: 10,
                stat: "Maximum",
              },
              returnData: true,
            },
          ],
        },
        previousState: { value: "OK" },
        state: {
          value: "ALARM",
          reason: expect.stringContaining("greater than or equal to the threshold (1)"),
          timestamp: expect.stringMatching(/^2026-11-03T00:0\d:\d\d\.\d{3}\+0000$/),
        },
      },
    });
  });

  it("takes no data at first and after its region was lost for missing, and says nothing meanwhile", async () => {
    const { alarm, feed, states, world, run } = setup();
    alarm({ TreatMissingData: "breaching" });
    await feed(0, 6);
    world.network.lose(PARIS);
    await run(5 * MINUTE_MS);
    expect(states()).toEqual(["ALARM", "OK"]);
    world.network.restore(PARIS);
    await run(30_000);
    expect(states()).toEqual(["ALARM", "OK", "ALARM"]);
  });
});

describe("an alarm on a metric by the minute", () => {
  it("that takes missing data as breaching alarms some six minutes after the last value", async () => {
    const { world, alarm, run, cloudwatch } = setup();
    alarm({
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      TreatMissingData: "breaching",
      ComparisonOperator: "LessThanThreshold",
    });
    const measure = (): void =>
      world.measure(PARIS, {
        namespace: "Lifeboat",
        metricName: "ProbeFailed",
        dimensions: { Workload: "spacelift" },
        atMs: world.clock.nowMs(),
        value: 1,
        storageResolutionSeconds: 60,
      });
    for (let minute = 0; minute < 3; minute++) {
      measure();
      await run(MINUTE_MS);
    }
    expect(cloudwatch.stateOf(PARIS, "probe")).toBe("OK");
    await run(4 * MINUTE_MS);
    expect(cloudwatch.stateOf(PARIS, "probe")).toBe("OK");
    await run(3 * MINUTE_MS);
    expect(cloudwatch.stateOf(PARIS, "probe")).toBe("ALARM");
  });

  it("goes to INSUFFICIENT_DATA when data go missing and nothing else was said", async () => {
    const { alarm, feed, run, states } = setup();
    alarm({ Period: 60, EvaluationPeriods: 1, DatapointsToAlarm: 1, TreatMissingData: "missing" });
    await feed(0, 12);
    await run(8 * MINUTE_MS);
    expect(states()).toEqual(["OK", "INSUFFICIENT_DATA"]);
  });
});

describe("CloudWatch", () => {
  it("aggregates what was put by period, and keeps regions and dimensions apart", async () => {
    const { world, call, put, run } = setup();
    const startMs = world.clock.nowMs();
    put(2);
    put(4);
    put(100, "eu-west-1");
    await run(MINUTE_MS);
    put(9);
    await run(MINUTE_MS);
    const query = (id: string, stat: string) => ({
      Id: id,
      MetricStat: {
        Metric: {
          Namespace: "Lifeboat",
          MetricName: "ProbeFailed",
          Dimensions: [{ Name: "Workload", Value: "spacelift" }],
        },
        Period: 60,
        Stat: stat,
      },
    });
    const reply = call(PARIS, "GetMetricData", {
      StartTime: new Date(startMs),
      EndTime: new Date(startMs + 5 * MINUTE_MS),
      MetricDataQueries: [
        query("sum", "Sum"),
        query("average", "Average"),
        query("count", "SampleCount"),
        query("p90", "p90"),
      ],
    });
    expect(reply).toMatchObject({
      MetricDataResults: [
        {
          Id: "sum",
          Values: [9, 6],
          Timestamps: [new Date(startMs + MINUTE_MS), new Date(startMs)],
          StatusCode: "Complete",
        },
        { Id: "average", Values: [9, 3] },
        { Id: "count", Values: [1, 2] },
        { Id: "p90", Values: [9, 4] },
      ],
    });
  });

  it("follows its children with a composite alarm", async () => {
    const { alarm, cloudwatch, feed, events } = setup();
    alarm();
    alarm({ AlarmName: "other" });
    cloudwatch.createCompositeAlarm(PARIS, {
      AlarmName: "both",
      AlarmRule: 'ALARM("probe") AND NOT OK("other")',
    });
    await feed(0, 6);
    expect(cloudwatch.stateOf(PARIS, "both")).toBe("OK");
    await feed(1, 6);
    expect(cloudwatch.stateOf(PARIS, "both")).toBe("ALARM");
    const composite = events.filter(({ detail }) => (detail as { alarmName: string }).alarmName === "both");
    expect(composite.at(-1)?.detail).toMatchObject({
      configuration: { alarmRule: 'ALARM("probe") AND NOT OK("other")' },
      state: { value: "ALARM" },
      previousState: { value: "OK" },
    });
  });

  it("sets a state until the next evaluation, and hands actions to whoever delivers them", async () => {
    const { alarm, cloudwatch, call, feed, run, states } = setup();
    const actions: string[] = [];
    cloudwatch.onAlarmAction(({ actionArn, state }) => actions.push(`${actionArn} ${state.value}`));
    alarm({ AlarmActions: ["arn:aws:sns:eu-west-3:111122223333:pager"] });
    await feed(0, 3);
    call(PARIS, "SetAlarmState", { AlarmName: "probe", StateValue: "ALARM", StateReason: "a drill" });
    expect(cloudwatch.stateOf(PARIS, "probe")).toBe("ALARM");
    await run(20_000);
    expect(states()).toEqual(["OK", "ALARM", "OK"]);
    expect(actions).toEqual(["arn:aws:sns:eu-west-3:111122223333:pager ALARM"]);
    call(PARIS, "DisableAlarmActions", { AlarmNames: ["probe"] });
    call(PARIS, "SetAlarmState", { AlarmName: "probe", StateValue: "ALARM", StateReason: "a drill" });
    expect(actions).toHaveLength(1);
  });

  it("shows metric alarms only, unless composites are asked for", () => {
    const { alarm, cloudwatch, call } = setup();
    alarm();
    cloudwatch.createCompositeAlarm(PARIS, { AlarmName: "any", AlarmRule: "ALARM(probe)" });
    expect(call(PARIS, "DescribeAlarms", {})).toMatchObject({
      MetricAlarms: [{ AlarmName: "probe", StateValue: "INSUFFICIENT_DATA" }],
      CompositeAlarms: [],
    });
    expect(call(PARIS, "DescribeAlarms", { AlarmTypes: ["CompositeAlarm"] })).toMatchObject({
      MetricAlarms: [],
      CompositeAlarms: [{ AlarmName: "any", StateValue: "OK" }],
    });
    expect(call(PARIS, "DescribeAlarms", { StateValue: "ALARM" })).toMatchObject({ MetricAlarms: [] });
    expect(() =>
      call(PARIS, "SetAlarmState", { AlarmName: "other", StateValue: "OK", StateReason: "" }),
    ).toThrow(expect.objectContaining({ code: "ResourceNotFound", status: 404 }));
  });
});
