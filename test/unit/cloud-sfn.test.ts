import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, describe, expect, it } from "vitest";
import { createAccount, failure, IRELAND, PARIS, type Account, type FunctionCode } from "./cloud-account.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

let account: Account;
afterEach(() => account.expectConformance());

const machine = (states: object, startAt = "A", region = IRELAND, name = "machine"): string =>
  account.cloud.sfn.createStateMachine({
    region,
    name,
    definition: { QueryLanguage: "JSONata", StartAt: startAt, States: states },
  }).arn;

const withFunction = (code: FunctionCode): void => {
  account = createAccount({ functions: { job: code } });
  account.cloud.lambda.createFunction({ region: IRELAND, functionName: "job", timeoutSeconds: 5 });
};

const start = async (stateMachineArn: string, input: unknown = {}, name?: string): Promise<string> => {
  const { executionArn } = await account
    .sfn(IRELAND)
    .send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  return executionArn ?? "";
};

/** Waits for an execution's end and answers with DescribeExecution, output parsed. */
const ended = async (executionArn: string) => {
  await account.cloud.sfn.whenEnded(executionArn);
  const answer = await account.sfn(IRELAND).send(new DescribeExecutionCommand({ executionArn }));
  return {
    ...answer,
    output: answer.output === undefined ? undefined : (JSON.parse(answer.output) as unknown),
  };
};

const wait = { A: { Type: "Wait", Seconds: 60, End: true } };

const invoke = (more: object = {}, suffix = "") => ({
  A: {
    Type: "Task",
    Resource: `arn:aws:states:::lambda:invoke${suffix}`,
    Arguments: { FunctionName: "job", Payload: "{% $states.input %}" },
    TimeoutSeconds: 600,
    End: true,
    ...more,
  },
});

describe("StartExecution", () => {
  it("answers a repeated name and input with the execution that runs already", async () => {
    account = createAccount();
    const arn = machine(wait);
    await account.run(async () => {
      const first = await start(arn, { a: 1 }, "once");
      expect(await start(arn, { a: 1 }, "once")).toBe(first);
      expect(await failure(start(arn, { a: 2 }, "once"))).toMatchObject({
        name: "ExecutionAlreadyExists",
        status: 400,
      });
      const listed = await account.sfn(IRELAND).send(new ListExecutionsCommand({ stateMachineArn: arn }));
      expect(listed.executions?.map(({ status }) => status)).toEqual(["RUNNING"]);
    });
  });

  it("keeps a closed execution's name for ninety days", async () => {
    account = createAccount();
    const arn = machine({ A: { Type: "Succeed" } });
    const { clock } = account.cloud.world;
    await account.run(async () => ended(await start(arn, {}, "once")));
    await clock.run({ untilMs: clock.nowMs() + 89 * DAY_MS });
    await account.run(async () =>
      expect((await failure(start(arn, {}, "once"))).name).toBe("ExecutionAlreadyExists"),
    );
    await clock.run({ untilMs: clock.nowMs() + 2 * DAY_MS });
    await account.run(async () =>
      expect((await ended(await start(arn, {}, "once"))).status).toBe("SUCCEEDED"),
    );
  });

  it("refuses what is no name, no JSON, no machine, and a machine of another region", async () => {
    account = createAccount();
    const arn = machine(wait);
    const elsewhere = machine(wait, "A", PARIS);
    await account.run(async () => {
      const sfn = account.sfn(IRELAND);
      const send = (input: { stateMachineArn?: string; name?: string; input?: string }) =>
        failure(sfn.send(new StartExecutionCommand({ stateMachineArn: arn, ...input })));
      expect((await send({ name: "a b" })).name).toBe("InvalidName");
      expect((await send({ input: "{" })).name).toBe("InvalidExecutionInput");
      expect((await send({ stateMachineArn: "arn:aws:s3:::x" })).name).toBe("InvalidArn");
      expect((await send({ stateMachineArn: `${arn}x` })).name).toBe("StateMachineDoesNotExist");
      expect((await send({ stateMachineArn: elsewhere })).name).toBe("StateMachineDoesNotExist");
    });
  });
});

describe("an execution", () => {
  it("passes a function's result on in the shape of lambda:invoke, and its name for calls to its execution", async () => {
    withFunction(async ({ payload, origin }) => ({ payload, execution: origin.execution }));
    const arn = machine(invoke());
    await account.run(async () => {
      const executionArn = await start(arn, { n: 1 });
      const { output } = await ended(executionArn);
      expect(output).toMatchObject({
        ExecutedVersion: "$LATEST",
        StatusCode: 200,
        Payload: { payload: { n: 1 }, execution: executionArn },
        SdkHttpMetadata: { HttpStatusCode: 200 },
      });
    });
  });

  it("names a function's error by its type and gives the payload as its cause", async () => {
    withFunction(() => {
      throw new RangeError("too far");
    });
    const arn = machine(invoke());
    await account.run(async () => {
      const { status, error, cause } = await ended(await start(arn));
      expect({ status, error }).toEqual({ status: "FAILED", error: "RangeError" });
      expect(JSON.parse(cause ?? "")).toMatchObject({ errorType: "RangeError", errorMessage: "too far" });
    });
  });

  it("names errors of an API as the SDK for Java does, and results in Pascal case", async () => {
    account = createAccount();
    account.cloud.s3.createBucket({ name: "bucket", region: IRELAND });
    const task = (operation: string, args: object, more: object = {}) => ({
      Type: "Task",
      Resource: `arn:aws:states:::aws-sdk:${operation}`,
      Arguments: args,
      TimeoutSeconds: 30,
      ...more,
    });
    const arn = machine({
      A: task("s3:putObject", { Bucket: "bucket", Key: "k", Body: "text" }, { Next: "B" }),
      B: task(
        "sfn:listStateMachines",
        {},
        { Next: "C", Assign: { machines: "{% $states.result.StateMachines.Name %}" } },
      ),
      C: task(
        "s3:getObject",
        { Bucket: "bucket", Key: "missing" },
        { End: true, Catch: [{ ErrorEquals: ["S3.NoSuchKeyException"], Next: "D" }] },
      ),
      D: { Type: "Pass", Output: "{% $machines %}", End: true },
    });
    await account.run(async () => expect((await ended(await start(arn))).output).toBe("machine"));
    expect(account.cloud.s3.read("bucket", "k")).toBe("text");
    const put = account.wire.find(({ operation }) => operation === "PutObject");
    expect(put).toMatchObject({ mutating: true, origin: { principal: `states/machine@${IRELAND}` } });
  });

  it("costs a little time per state, and counts its transitions", async () => {
    account = createAccount();
    const pass = (Next: string) => ({ Type: "Pass", Next });
    const arn = machine({ A: pass("B"), B: pass("C"), C: { Type: "Succeed" } });
    await account.run(async () => {
      const executionArn = await start(arn);
      const { startDate, stopDate } = await ended(executionArn);
      const tookMs = (stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0);
      expect(tookMs).toBeGreaterThanOrEqual(60);
      expect(tookMs).toBeLessThanOrEqual(180);
      expect(account.cloud.sfn.executions.get(executionArn)?.transitions).toBe(3);
    });
  });

  it("tells its history in pages, from either end", async () => {
    account = createAccount();
    const arn = machine({ A: { Type: "Pass", Next: "B" }, B: { Type: "Succeed" } });
    await account.run(async () => {
      const executionArn = await start(arn);
      await ended(executionArn);
      const sfn = account.sfn(IRELAND);
      const types: (string | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await sfn.send(
          new GetExecutionHistoryCommand({ executionArn, maxResults: 2, nextToken }),
        );
        types.push(...(page.events ?? []).map(({ type }) => type));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      expect(types).toEqual([
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "SucceedStateEntered",
        "SucceedStateExited",
        "ExecutionSucceeded",
      ]);
      const last = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }),
      );
      expect(last.events?.[0]).toMatchObject({ id: 6, type: "ExecutionSucceeded" });
    });
  });

  it("can be stopped, and tells its bus of each status", async () => {
    account = createAccount();
    const arn = machine(wait);
    await account.run(async () => {
      const executionArn = await start(arn);
      await account.sleep(1_000);
      await account
        .sfn(IRELAND)
        .send(new StopExecutionCommand({ executionArn, error: "Operator", cause: "drill" }));
      expect(await ended(executionArn)).toMatchObject({
        status: "ABORTED",
        error: "Operator",
        cause: "drill",
      });
    });
    const statuses = account.cloud.eventbridge.events
      .filter(({ event }) => event["detail-type"] === "Step Functions Execution Status Change")
      .map(({ event }) => (event.detail as { status: string }).status);
    expect(statuses).toEqual(["RUNNING", "ABORTED"]);
  });

  it("waits for the execution that it starts, and gets its output as JSON", async () => {
    account = createAccount();
    const child = machine(
      { A: { Type: "Pass", Output: { answer: 42 }, Next: "B" }, B: { Type: "Wait", Seconds: 90, End: true } },
      "A",
      IRELAND,
      "child",
    );
    const parent = machine(
      {
        A: {
          Type: "Task",
          Resource: "arn:aws:states:::states:startExecution.sync:2",
          Arguments: { StateMachineArn: child, Input: { from: "parent" } },
          Output: "{% $states.result.Output %}",
          TimeoutSeconds: 300,
          End: true,
        },
      },
      "A",
      IRELAND,
      "parent",
    );
    await account.run(async () => expect((await ended(await start(parent))).output).toEqual({ answer: 42 }));
    const [startedChild] = [...account.cloud.sfn.executions.values()].filter(
      ({ machine: { name } }) => name === "child",
    );
    expect(startedChild?.input).toBe('{"from":"parent"}');
    expect(startedChild?.startedBy).toContain(":execution:parent:");
  });

  it.each([
    ["has ended", { A: { Type: "Pass", End: true } }, ["Output", "OutputDetails"], ["Cause", "Error"]],
    ["has failed", { A: { Type: "Fail", Error: "No" } }, ["Error"], ["Output", "OutputDetails"]],
  ])("is told of an execution that %s only what there is", async (_, states, told, untold) => {
    account = createAccount();
    const child = machine(states, "A", IRELAND, "child");
    const task = {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Arguments: { StateMachineArn: child },
      Output: "{% {'names': $keys($states.result), 'whole': $states.result} %}",
      Catch: [
        { ErrorEquals: ["States.TaskFailed"], Output: "{% $parse($states.errorOutput.Cause) %}", Next: "B" },
      ],
      End: true,
    };
    const names = { Type: "Pass", Output: "{% {'names': $keys($states.input)} %}", End: true };
    const parent = machine({ A: task, B: names }, "A", IRELAND, "parent");
    await account.run(async () => {
      const { output } = await ended(await start(parent));
      const { names } = output as { readonly names: readonly string[] };
      expect(names).toEqual(expect.arrayContaining(told));
      expect(names.filter((name) => untold.includes(name))).toEqual([]);
    });
  });
});

describe("a task that waits for its token", () => {
  const tokens: string[] = [];
  const setUp = (more: object = {}): string => {
    tokens.length = 0;
    withFunction(({ payload }) => {
      tokens.push((payload as { token: string }).token);
      return "asked";
    });
    const args = { FunctionName: "job", Payload: { token: "{% $states.context.Task.Token %}" } };
    return machine(invoke({ Arguments: args, ...more }, ".waitForTaskToken"));
  };

  it("goes on with what SendTaskSuccess brings, once", async () => {
    const arn = setUp();
    await account.run(async () => {
      const executionArn = await start(arn);
      await account.sleep(5 * MINUTE_MS);
      const sfn = account.sfn(IRELAND);
      const [taskToken] = tokens;
      const success = new SendTaskSuccessCommand({ taskToken, output: '{"choice":"retry"}' });
      expect((await failure(sfn.send(new SendTaskSuccessCommand({ taskToken, output: "{" })))).name).toBe(
        "InvalidOutput",
      );
      await sfn.send(success);
      expect((await failure(sfn.send(success))).name).toBe("TaskTimedOut");
      expect((await ended(executionArn)).output).toEqual({ choice: "retry" });
      expect(
        (await failure(sfn.send(new SendTaskSuccessCommand({ taskToken: "x", output: "1" })))).name,
      ).toBe("TaskDoesNotExist");
      expect((await failure(account.sfn(PARIS).send(success))).name).toBe("TaskDoesNotExist");
    });
  });

  it("fails with what SendTaskFailure says", async () => {
    const arn = setUp();
    await account.run(async () => {
      const executionArn = await start(arn);
      await account.sleep(2_000);
      await account
        .sfn(IRELAND)
        .send(new SendTaskFailureCommand({ taskToken: tokens[0], error: "Refused", cause: "not now" }));
      expect(await ended(executionArn)).toMatchObject({
        status: "FAILED",
        error: "Refused",
        cause: "not now",
      });
    });
  });

  it("times out without heartbeats and lives with them; its token is then worth nothing", async () => {
    const arn = setUp({ HeartbeatSeconds: 30 });
    await account.run(async () => {
      const executionArn = await start(arn);
      const sfn = account.sfn(IRELAND);
      for (let beat = 0; beat < 4; beat++) {
        await account.sleep(20_000);
        await sfn.send(new SendTaskHeartbeatCommand({ taskToken: tokens[0] }));
      }
      const { status, error, startDate, stopDate } = await ended(executionArn);
      expect({ status, error }).toEqual({ status: "FAILED", error: "States.Timeout" });
      expect((stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0)).toBeGreaterThan(110_000);
      expect((await failure(sfn.send(new SendTaskHeartbeatCommand({ taskToken: tokens[0] })))).name).toBe(
        "TaskTimedOut",
      );
    });
  });
});

describe("an invocation that Step Functions does not hear of", () => {
  it.each([
    ["when its answer should have come", null],
    ["while it is still at work", 1000],
  ] as const)("%s fails its task, and the retry runs the function again", async (_when, afterMs) => {
    const began: number[] = [];
    withFunction(async (_request, { sleep, cloud }) => {
      began.push(cloud.world.clock.nowMs());
      await sleep(3000);
      return "done";
    });
    let lost = 0;
    account.cloud.world.faults.invocation = () =>
      lost++ === 0 ? { type: "lose-reply", afterMs } : undefined;
    const retry = [{ ErrorEquals: ["Lambda.SdkClientException"], IntervalSeconds: 1, MaxAttempts: 1 }];
    const arn = machine(invoke({ Retry: retry }));
    await account.run(async () => {
      expect(await ended(await start(arn))).toMatchObject({ status: "SUCCEEDED" });
    });
    expect(began).toHaveLength(2);
    const [first = 0, second = 0] = began;
    // Without waiting for the end of the first one, where nobody has heard of it.
    if (afterMs === null) expect(second - first).toBeGreaterThanOrEqual(4000);
    else expect(second - first).toBeLessThan(3000);
  });

  it("does not run where it is throttled", async () => {
    let runs = 0;
    withFunction(() => {
      runs += 1;
      return "done";
    });
    account.cloud.world.faults.invocation = () => ({
      type: "refuse",
      code: "TooManyRequestsException",
      message: "Rate Exceeded.",
      status: 429,
    });
    const arn = machine(invoke());
    await account.run(async () => {
      expect(await ended(await start(arn))).toMatchObject({
        status: "FAILED",
        error: "Lambda.TooManyRequestsException",
      });
    });
    expect(runs).toBe(0);
  });
});

describe("the loss of the region", () => {
  it("freezes its executions, which go on when it is back", async () => {
    account = createAccount();
    const arn = machine({ A: { Type: "Wait", Seconds: 60, Next: "B" }, B: { Type: "Succeed" } });
    const { network, clock } = account.cloud.world;
    await account.run(async () => {
      const executionArn = await start(arn);
      clock.after(10_000, () => network.lose(IRELAND));
      clock.after(10 * MINUTE_MS, () => network.restore(IRELAND));
      await account.sleep(9 * MINUTE_MS);
      expect(account.cloud.sfn.executions.get(executionArn)?.state.status).toBe("RUNNING");
      const { status, startDate, stopDate } = await ended(executionArn);
      expect(status).toBe("SUCCEEDED");
      expect((stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0)).toBeGreaterThanOrEqual(
        10 * MINUTE_MS - 1_000,
      );
    });
  });

  it("kills the function that a task waits for; the task fails when the region is back", async () => {
    withFunction(async (_request, { s3, sleep }) => {
      await sleep(3_000);
      await s3(PARIS).send(new PutObjectCommand({ Bucket: "paris", Key: "ghost", Body: "x" }));
    });
    account.cloud.s3.createBucket({ name: "paris", region: PARIS });
    const arn = machine(invoke());
    const { network, clock } = account.cloud.world;
    await account.run(async () => {
      const executionArn = await start(arn);
      clock.after(2_000, () => network.lose(IRELAND));
      clock.after(MINUTE_MS, () => network.restore(IRELAND));
      expect(await ended(executionArn)).toMatchObject({
        status: "FAILED",
        error: "Lambda.SdkClientException",
      });
    });
    expect(account.cloud.s3.read("paris", "ghost")).toBeUndefined();
  });
});

it("a failed execution is redriven from where it failed", async () => {
  let isBroken = true;
  withFunction(() => {
    if (isBroken) throw new Error("broken");
    return "mended";
  });
  const arn = machine(
    { B: { Type: "Pass", Next: "A" }, ...invoke({ Output: "{% $states.result.Payload %}" }) },
    "B",
  );
  await account.run(async () => {
    const executionArn = await start(arn);
    expect((await ended(executionArn)).redriveStatus).toBe("REDRIVABLE");
    isBroken = false;
    const sfn = account.sfn(IRELAND);
    await sfn.send(new RedriveExecutionCommand({ executionArn }));
    await account.sleep(MINUTE_MS);
    const again = await ended(executionArn);
    expect(again).toMatchObject({ status: "SUCCEEDED", output: "mended", redriveCount: 1 });
    expect((await failure(sfn.send(new RedriveExecutionCommand({ executionArn })))).name).toBe(
      "ExecutionNotRedrivable",
    );
  });
});
