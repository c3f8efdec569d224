import { advance, isRedrivable, type Transition } from "@lifeboat/asl/interpreter";
import { describe, expect, it } from "vitest";
import {
  fail,
  hang,
  inTurn,
  machineOf,
  play,
  playOn,
  succeed,
  task,
  typesOf,
  type Played,
  type Script,
} from "./play.ts";

const redrive = async (
  played: Played,
  tasks: Readonly<Record<string, Script>>,
): Promise<Omit<Played, "machine">> => {
  const transition = await advance(played.machine, played.execution, { type: "redrive" }, played.nowMs);
  return playOn(played.machine, transition, played.nowMs, { tasks });
};

const threeTasks = machineOf({
  First: task({ End: undefined, Next: "Second" }),
  Second: task({ End: undefined, Next: "Third" }),
  Third: task(),
});
// JSON has no undefined.
const plain = (definition: object): object => JSON.parse(JSON.stringify(definition)) as object;

describe("a redriven execution", () => {
  it("goes on from the task that failed, with its input, and does nothing twice", async () => {
    const failed = await play(plain(threeTasks), {
      tasks: { First: succeed("from first"), Second: fail("Broken") },
    });
    expect(failed.execution).toMatchObject({ status: "FAILED", error: "Broken" });
    const { execution, events, started } = await redrive(failed, {
      Second: (one, n) => succeed(one.arguments)(one, n),
      Third: (one, n) => succeed(one.arguments)(one, n),
    });
    expect(execution).toMatchObject({ status: "SUCCEEDED", output: "from first", redriveCount: 1 });
    expect(execution.error).toBeUndefined();
    expect(started.map(({ stateName }) => stateName)).toEqual(["Second", "Third"]);
    expect(typesOf(events).slice(0, 3)).toEqual([
      "ExecutionRedriven",
      "LambdaFunctionScheduled",
      "LambdaFunctionStarted",
    ]);
    expect(events[0]?.id).toBe((failed.events.at(-1)?.id ?? 0) + 1);
  });

  it("runs only the branches and iterations that did not succeed", async () => {
    const failed = await play(
      machineOf({
        Each: {
          Type: "Map",
          MaxConcurrency: 1,
          ItemProcessor: { StartAt: "Act", States: { Act: task() } },
          End: true,
        },
      }),
      {
        input: ["a", "b", "c"],
        tasks: { Act: inTurn((one, n) => succeed(one.arguments)(one, n), fail("Broken")) },
      },
    );
    expect(failed.execution.status).toBe("FAILED");
    const { execution, started } = await redrive(failed, { Act: (one, n) => succeed(one.arguments)(one, n) });
    expect(started.map((one) => one.arguments)).toEqual(["b", "c"]);
    expect(execution).toMatchObject({ status: "SUCCEEDED", output: ["a", "b", "c"] });
  });

  it("has its retries anew", async () => {
    const retried = machineOf({ Act: task({ Retry: [{ ErrorEquals: ["Broken"], MaxAttempts: 1 }] }) });
    const failed = await play(retried, { tasks: { Act: fail("Broken") } });
    const again = await redrive(failed, { Act: inTurn(fail("Broken"), succeed("ok")) });
    expect(again.execution).toMatchObject({ status: "SUCCEEDED", output: "ok" });
  });

  it("goes on after an abort and after a timeout, too", async () => {
    const machine = plain({ ...threeTasks, TimeoutSeconds: 60 });
    const late = await play(machine, { tasks: { First: succeed(1), Second: hang } });
    expect(late.execution.status).toBe("TIMED_OUT");
    const { execution } = await redrive(late, { Second: succeed(2, 59_000), Third: succeed(3) });
    expect(execution).toMatchObject({ status: "SUCCEEDED", output: 3 });
  });

  it("redrives a distributed Map's failed child executions", async () => {
    const failed = await play(
      machineOf({
        Each: {
          Type: "Map",
          ItemProcessor: {
            ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
            StartAt: "Act",
            States: { Act: task() },
          },
          End: true,
        },
      }),
      { input: [1, 2], tasks: { Act: inTurn(succeed("one"), fail("Broken")) } },
    );
    const { execution, events, started } = await redrive(failed, { Act: succeed("two") });
    expect(started).toHaveLength(1);
    expect(execution.output).toEqual(["one", "two"]);
    expect(typesOf(events).slice(0, 2)).toEqual(["ExecutionRedriven", "MapRunRedriven"]);
  });

  it("is refused after success, after 14 days, and for EXPRESS: nothing changes", async () => {
    const done = await play(machineOf({ Act: task() }), { tasks: { Act: succeed(1) } });
    expect((await advance(done.machine, done.execution, { type: "redrive" }, done.nowMs)).events).toEqual([]);
    const failed = await play(machineOf({ Act: task() }), { tasks: { Act: fail("Broken") } });
    const day = 24 * 3_600_000;
    expect(isRedrivable(failed.execution, failed.nowMs + 14 * day)).toBe(true);
    expect(isRedrivable(failed.execution, failed.nowMs + 14 * day + 1)).toBe(false);
    const express = await play(machineOf({ Act: task() }), {
      tasks: { Act: fail("Broken") },
      type: "EXPRESS",
    });
    expect(isRedrivable(express.execution, express.nowMs)).toBe(false);
  });
});

describe("an aborted execution", () => {
  const abortOf = async (): Promise<{ played: Played; transition: Transition }> => {
    const played = await play(machineOf({ Act: task() }), { tasks: { Act: hang } });
    const signal = { type: "abort", error: "Stopped", cause: "by a person" } as const;
    return { played, transition: await advance(played.machine, played.execution, signal, played.nowMs + 1) };
  };

  it("ends with who stopped it and why, and cancels its tasks", async () => {
    const { played, transition } = await abortOf();
    expect(transition.execution).toMatchObject({ status: "ABORTED", error: "Stopped", cause: "by a person" });
    expect(transition.effects).toEqual([{ type: "cancel-task", taskId: played.started[0]?.taskId }]);
    expect(typesOf(transition.events)).toEqual(["TaskStateAborted", "ExecutionAborted"]);
    expect(transition.wakeAtMs).toBeUndefined();
  });

  it("takes no further signal", async () => {
    const { played, transition } = await abortOf();
    const late = { type: "task-succeeded", taskId: played.started[0]?.taskId ?? "", output: 1 } as const;
    const after = await advance(played.machine, transition.execution, late, played.nowMs + 2);
    expect(after.execution).toEqual(transition.execution);
    expect(after.events).toEqual([]);
  });
});

describe("limits", () => {
  it("a machine's TimeoutSeconds gives TIMED_OUT with neither error nor cause", async () => {
    const { execution, events } = await play(
      machineOf({ Pause: { Type: "Wait", Seconds: 100, End: true } }, { TimeoutSeconds: 10 }),
    );
    expect(execution.status).toBe("TIMED_OUT");
    expect(execution).not.toHaveProperty("error");
    expect(typesOf(events).at(-1)).toBe("ExecutionTimedOut");
    expect(events.at(-1)?.timestampMs).toBe(execution.startedAtMs + 10_000);
  });

  it("a machine that goes round for ever fails with its 25,000th event", async () => {
    const { execution, events } = await play(
      machineOf({ A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", Next: "A" } }),
    );
    expect(execution.status).toBe("FAILED");
    expect(events).toHaveLength(25_000);
    expect(events.at(-1)).toMatchObject({ id: 25_000, type: "ExecutionFailed" });
    expect(execution.cause).toContain("maximum number of history events");
  });

  it("a machine whose 25,000th event is its success succeeds", async () => {
    // ExecutionStarted and ExecutionSucceeded are two; each state has two, each turn of the loop four.
    const counted = (states: number) =>
      play(
        machineOf({
          Count: { Type: "Pass", Assign: { left: states }, Next: "More" },
          More: {
            Type: "Choice",
            Choices: [{ Condition: "{% $left > 0 %}", Next: "Less" }],
            Default: "Done",
          },
          Less: { Type: "Pass", Assign: { left: "{% $left - 1 %}" }, Next: "More" },
          Done: { Type: "Succeed" },
        }),
      );
    const fits = await counted(6248);
    expect(fits.events).toHaveLength(25_000);
    expect(fits.execution.status).toBe("SUCCEEDED");
    const over = await counted(6249);
    expect(over.events).toHaveLength(25_000);
    expect(over.execution).toMatchObject({ status: "FAILED", error: "States.Runtime" });
    expect(over.execution).not.toHaveProperty("output");
  });

  it("a result of more than 262,144 bytes fails the task, counted in UTF-8", async () => {
    const fits = "é".repeat(131_071);
    expect((await play(machineOf({ Act: task() }), { tasks: { Act: succeed(fits) } })).execution.status).toBe(
      "SUCCEEDED",
    );
    const { execution, events } = await play(machineOf({ Act: task() }), {
      tasks: { Act: succeed(`${fits}é`) },
    });
    expect(execution.error).toBe("States.DataLimitExceeded");
    expect(typesOf(events).at(-2)).toBe("LambdaFunctionFailed");
  });

  it("an Output of more than that fails the state", async () => {
    const { execution } = await play(
      machineOf({ Grow: { Type: "Pass", Output: "{% $pad('', 262143, 'x') %}", End: true } }),
    );
    expect(execution.error).toBe("States.DataLimitExceeded");
  });

  it("an EXPRESS execution ends after five minutes", async () => {
    const { execution } = await play(machineOf({ Pause: { Type: "Wait", Seconds: 301, End: true } }), {
      type: "EXPRESS",
    });
    expect(execution.status).toBe("TIMED_OUT");
  });

  it("an EXPRESS machine is refused what only STANDARD has", async () => {
    const waits = machineOf({ Act: task({ Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken" }) });
    await expect(play(waits, { type: "EXPRESS" })).rejects.toThrow(/EXPRESS.*waitForTaskToken/);
  });
});
