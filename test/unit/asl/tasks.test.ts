import { advance, compile } from "@lifeboat/asl/interpreter";
import { describe, expect, it } from "vitest";
import { begin, fail, hang, inTurn, machineOf, play, startMs, succeed, task, typesOf } from "./play.ts";

const approve = (more: object = {}) =>
  machineOf({
    Approve: task({
      Resource: "arn:aws:states:::sns:publish.waitForTaskToken",
      Arguments: { TopicArn: "topic", Message: { token: "{% $states.context.Task.Token %}" } },
      TimeoutSeconds: 3600,
      ...more,
    }),
  });

describe("a task that waits for a token", () => {
  it("gives the host the token that its Arguments hold, another for each attempt", async () => {
    const { started } = await play(approve({ Retry: [{ ErrorEquals: ["Again"] }] }), {
      tasks: { Approve: inTurn(fail("Again"), hang) },
    });
    const tokens = started.map(({ token }) => token);
    expect(started.map((one) => one.arguments)).toEqual(
      tokens.map((token) => ({ TopicArn: "topic", Message: { token } })),
    );
    expect(new Set(tokens).size).toBe(2);
  });

  it("waits on after its call was answered, and ends when the token comes back", async () => {
    const { execution, events } = await play(approve(), {
      tasks: {
        Approve: ({ taskId }) => [
          { type: "task-submitted", taskId, output: { MessageId: "1" } },
          { type: "task-succeeded", taskId, output: "yes", afterMs: 60_000 },
        ],
      },
    });
    expect(execution.output).toBe("yes");
    expect(typesOf(events).slice(2, -1)).toEqual([
      "TaskScheduled",
      "TaskStarted",
      "TaskSubmitted",
      "TaskSucceeded",
      "TaskStateExited",
    ]);
  });

  it("whose call fails has TaskSubmitFailed", async () => {
    const { events } = await play(approve(), { tasks: { Approve: fail("SNS.NotFoundException") } });
    expect(typesOf(events)).toContain("TaskSubmitFailed");
  });

  it("lives on as long as heartbeats come in time", async () => {
    const { execution, nowMs } = await play(approve({ HeartbeatSeconds: 60 }), {
      tasks: {
        Approve: ({ taskId }) => [
          { type: "task-heartbeat", taskId, afterMs: 50_000 },
          { type: "task-heartbeat", taskId, afterMs: 100_000 },
        ],
      },
    });
    expect(execution).toMatchObject({ status: "FAILED", error: "States.Timeout" });
    expect(nowMs - startMs).toBe(160_000);
  });
});

describe("a task", () => {
  it("of which nothing is known changes nothing", async () => {
    const machine = compile(machineOf({ Act: task() }));
    const { execution } = await begin(machine, {});
    const after = await advance(
      machine,
      execution,
      { type: "task-succeeded", taskId: "other", output: 1 },
      startMs,
    );
    expect(after.execution).toEqual(execution);
    expect(after.events).toEqual([]);
  });

  it("that answers after its deadline has timed out, though nobody woke the execution", async () => {
    const machine = compile(machineOf({ Act: task({ TimeoutSeconds: 5 }) }));
    const { execution, effects } = await begin(machine, {});
    const taskId = effects[0]?.taskId ?? "";
    const { execution: after } = await advance(
      machine,
      execution,
      { type: "task-succeeded", taskId, output: 1 },
      startMs + 5000,
    );
    expect(after).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  });

  it("that times out is cancelled", async () => {
    const { started, cancelled } = await play(machineOf({ Act: task({ TimeoutSeconds: 5 }) }), {
      tasks: { Act: hang },
    });
    expect(cancelled).toEqual(started.map(({ taskId }) => taskId));
  });

  it("computes its Arguments anew for each attempt", async () => {
    const { started } = await play(
      machineOf({
        Act: task({
          Arguments: { attempt: "{% $states.context.State.RetryCount %}", atMs: "{% $millis() %}" },
          Retry: [{ ErrorEquals: ["Broken"], IntervalSeconds: 2 }],
        }),
      }),
      { tasks: { Act: inTurn(fail("Broken"), succeed(1)) } },
    );
    expect(started.map((one) => one.arguments)).toEqual([
      { attempt: 0, atMs: startMs },
      { attempt: 1, atMs: startMs + 2000 },
    ]);
  });

  it("is started with the time by which it must end", async () => {
    const { started } = await play(machineOf({ Act: task({ TimeoutSeconds: "{% 5 * 2 %}" }) }), {
      tasks: { Act: hang },
    });
    expect(started[0]?.timeoutAtMs).toBe(startMs + 10_000);
  });

  it("costs a state transition for its state and one for each retry", async () => {
    const { transition } = await play(machineOf({ Act: task({ Retry: [{ ErrorEquals: ["Broken"] }] }) }), {
      tasks: { Act: inTurn(fail("Broken"), fail("Broken"), succeed(1)) },
    });
    expect(transition.transitions).toBe(3);
  });
});
