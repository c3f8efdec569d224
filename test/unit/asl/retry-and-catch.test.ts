import { describe, expect, it } from "vitest";
import { fail, hang, inTurn, machineOf, play, startMs, succeed, task } from "./play.ts";

const attemptTimes = async (retrier: object, seed = 1): Promise<number[]> => {
  const { events } = await play(
    machineOf({ Act: task({ Retry: [{ ErrorEquals: ["States.ALL"], ...retrier }] }) }),
    { tasks: { Act: fail("Broken") }, seed },
  );
  return events
    .filter(({ type }) => type === "LambdaFunctionScheduled")
    .map(({ timestampMs }) => (timestampMs - startMs) / 1000);
};

describe("a retrier", () => {
  it("waits longer by its backoff rate each time", async () => {
    expect(await attemptTimes({ IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3 })).toEqual([0, 2, 8, 26]);
  });

  it("waits never longer than MaxDelaySeconds", async () => {
    const times = await attemptTimes({
      IntervalSeconds: 2,
      BackoffRate: 3,
      MaxDelaySeconds: 5,
      MaxAttempts: 4,
    });
    expect(times).toEqual([0, 2, 7, 12, 17]);
  });

  it("tries three more times, from one second on, doubling, where nothing is said", async () => {
    expect(await attemptTimes({})).toEqual([0, 1, 3, 7]);
  });

  it("with MaxAttempts 0 never retries", async () => {
    expect(await attemptTimes({ MaxAttempts: 0 })).toEqual([0]);
  });

  it("with full jitter waits some part of the delay, the same for the same seed", async () => {
    const retrier = { IntervalSeconds: 10, BackoffRate: 1, MaxAttempts: 5, JitterStrategy: "FULL" };
    const times = await attemptTimes(retrier, 7);
    const delays = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(delays.every((delay) => delay >= 0 && delay < 10)).toBe(true);
    expect(new Set(delays).size).toBe(5);
    expect(await attemptTimes(retrier, 7)).toEqual(times);
    expect(await attemptTimes(retrier, 8)).not.toEqual(times);
  });

  it("that takes the error first decides alone, even with no attempts left", async () => {
    const { started } = await play(
      machineOf({
        Act: task({
          Retry: [
            { ErrorEquals: ["Broken"], MaxAttempts: 1 },
            { ErrorEquals: ["States.ALL"], MaxAttempts: 5 },
          ],
        }),
      }),
      { tasks: { Act: fail("Broken") } },
    );
    expect(started).toHaveLength(2);
  });

  it("counts each retrier apart, and shows the sum in the context object", async () => {
    const { execution } = await play(
      machineOf({
        Act: task({
          Retry: [{ ErrorEquals: ["A"] }, { ErrorEquals: ["B"] }],
          Output: "{% $states.context.State.RetryCount %}",
        }),
      }),
      { tasks: { Act: inTurn(fail("A"), fail("B"), fail("A"), succeed(null)) } },
    );
    expect(execution.output).toBe(3);
  });
});

describe("the wildcards", () => {
  const caughtBy = async (
    pattern: string,
    script: ReturnType<typeof fail>,
    more: object = {},
  ): Promise<boolean> => {
    const { execution } = await play(
      machineOf({
        Act: task({ Catch: [{ ErrorEquals: [pattern], Next: "Caught" }], ...more }),
        Caught: { Type: "Succeed" },
      }),
      { tasks: { Act: script } },
    );
    return execution.status === "SUCCEEDED";
  };
  const large = "x".repeat(262_144);

  it("States.ALL takes timeouts, and not results over the payload limit", async () => {
    expect(await caughtBy("States.ALL", hang, { TimeoutSeconds: 1 })).toBe(true);
    expect(await caughtBy("States.ALL", succeed(large))).toBe(false);
    expect(await caughtBy("States.DataLimitExceeded", succeed(large))).toBe(true);
  });

  it("States.TaskFailed takes a function's errors, and not timeouts", async () => {
    expect(await caughtBy("States.TaskFailed", fail("Broken"))).toBe(true);
    expect(await caughtBy("States.TaskFailed", hang, { TimeoutSeconds: 1 })).toBe(false);
  });

  it("a missed heartbeat is States.Timeout, and can be told apart as States.HeartbeatTimeout", async () => {
    const missed = { TimeoutSeconds: 100, HeartbeatSeconds: 1 };
    expect(await caughtBy("States.Timeout", hang, missed)).toBe(true);
    expect(await caughtBy("States.HeartbeatTimeout", hang, missed)).toBe(true);
    expect(await caughtBy("States.HeartbeatTimeout", hang, { TimeoutSeconds: 1 })).toBe(false);
  });
});

describe("a catcher", () => {
  it("gives the error on, assigns, and sees the variables as they were", async () => {
    const { execution } = await play(
      machineOf({
        Set: { Type: "Pass", Assign: { tries: 1 }, Next: "Act" },
        Act: task({
          Catch: [
            {
              ErrorEquals: ["Broken"],
              Assign: { tries: "{% $tries + 1 %}" },
              Output: { error: "{% $states.errorOutput.Error %}", before: "{% $tries %}" },
              Next: "After",
            },
          ],
        }),
        After: { Type: "Pass", Output: { caught: "{% $states.input %}", tries: "{% $tries %}" }, End: true },
      }),
      { tasks: { Act: fail("Broken", "it broke") } },
    );
    expect(execution.output).toEqual({ caught: { error: "Broken", before: 1 }, tries: 2 });
  });

  it("takes an Output that cannot be evaluated", async () => {
    const { execution } = await play(
      machineOf({
        Act: task({
          Output: "{% $states.result.absent %}",
          Catch: [{ ErrorEquals: ["States.QueryEvaluationError"], Next: "Caught" }],
        }),
        Caught: { Type: "Pass", Output: "{% $states.input.Error %}", End: true },
      }),
      { tasks: { Act: succeed({}) } },
    );
    expect(execution.output).toBe("States.QueryEvaluationError");
  });

  it("whose own Output fails ends the execution", async () => {
    const { execution } = await play(
      machineOf({
        Act: task({ Catch: [{ ErrorEquals: ["States.ALL"], Output: "{% $nothing %}", Next: "Caught" }] }),
        Caught: { Type: "Succeed" },
      }),
      { tasks: { Act: fail("Broken") } },
    );
    expect(execution.status).toBe("FAILED");
    expect(execution.error).toBe("States.QueryEvaluationError");
    expect(execution.cause).toContain("'Catch[0]/Output'");
  });
});
