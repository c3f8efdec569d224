import { describe, expect, it } from "vitest";
import { fail, hang, inTurn, machineOf, play, succeed, task, typesOf, type Script } from "./play.ts";

const map = (states: object, more: object = {}, config?: object): object => ({
  Type: "Map",
  ...("Next" in more ? {} : { End: true }),
  ItemProcessor: {
    ...(config === undefined ? {} : { ProcessorConfig: config }),
    StartAt: Object.keys(states)[0],
    States: states,
  },
  ...more,
});

const distributed = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };

/** Fails for the items that are listed. */
const failFor =
  (...items: readonly unknown[]): Script =>
  (started, attempt) =>
    items.includes(started.arguments)
      ? fail("Bad")(started, attempt)
      : succeed(started.arguments)(started, attempt);

describe("a Map", () => {
  it("gives each iteration its item, index and what is around, and keeps the order", async () => {
    const { execution } = await play(
      machineOf({
        Set: { Type: "Pass", Assign: { site: "standby" }, Next: "Each" },
        Each: map(
          { Act: task() },
          {
            Items: "{% $states.input %}",
            ItemSelector: {
              item: "{% $states.context.Map.Item.Value %}",
              index: "{% $states.context.Map.Item.Index %}",
              site: "{% $site %}",
            },
          },
        ),
      }),
      {
        input: ["a", "b"],
        tasks: {
          Act: inTurn(
            (one, n) => succeed(one.arguments, 5000)(one, n),
            (one, n) => succeed(one.arguments)(one, n),
          ),
        },
      },
    );
    expect(execution.output).toEqual([
      { item: "a", index: 0, site: "standby" },
      { item: "b", index: 1, site: "standby" },
    ]);
  });

  it("runs no more iterations at once than MaxConcurrency", async () => {
    let most = 0;
    const { execution } = await play(machineOf({ Each: map({ Act: task() }, { MaxConcurrency: 3 }) }), {
      input: [1, 2, 3, 4, 5, 6, 7],
      tasks: { Act: succeed(0, 1000) },
      between: (state) => {
        // One thread is the machine's own.
        most = Math.max(most, state.threads.length - 1);
        return state;
      },
    });
    expect(execution.status).toBe("SUCCEEDED");
    expect(most).toBe(3);
  });

  it("that fails cancels what its other iterations have under way", async () => {
    const { execution, cancelled, events } = await play(machineOf({ Each: map({ Act: task() }) }), {
      input: [1, 2, 3],
      tasks: { Act: (one, n) => (n === 1 ? fail("Bad")(one, n) : hang(one, n)) },
    });
    expect(execution).toMatchObject({ status: "FAILED", error: "Bad" });
    expect(cancelled).toHaveLength(2);
    expect(typesOf(events).filter((type) => type === "MapIterationAborted")).toHaveLength(2);
  });

  it("lets inner states assign for themselves only", async () => {
    const { execution } = await play(
      machineOf({
        Set: { Type: "Pass", Assign: { outer: 1 }, Next: "Each" },
        Each: map(
          {
            Inner: { Type: "Pass", Assign: { inner: "{% $outer + $states.input %}" }, Next: "Tell" },
            Tell: { Type: "Pass", Output: "{% $inner %}", End: true },
          },
          { Next: "After" },
        ),
        After: {
          Type: "Pass",
          Output: { inner: "{% $exists($inner) %}", all: "{% $states.input %}" },
          End: true,
        },
      }),
      { input: [10, 20] },
    );
    expect(execution.output).toEqual({ inner: false, all: [11, 21] });
  });

  it("of nothing gives nothing", async () => {
    const { execution } = await play(machineOf({ Each: map({ Act: task() }) }), { input: [] });
    expect(execution).toMatchObject({ status: "SUCCEEDED", output: [] });
  });
});

describe("a distributed Map", () => {
  const each = (more: object) => machineOf({ Each: map({ Act: task() }, more, distributed) });

  it("bears as many failures as it tolerates, and gives the outputs of the others", async () => {
    const options = { input: [1, 2, 3, 4], tasks: { Act: failFor(2) } };
    const { execution, events } = await play(each({ ToleratedFailureCount: 1 }), options);
    expect(execution).toMatchObject({ status: "SUCCEEDED", output: [1, 3, 4] });
    expect(typesOf(events)).not.toContain("MapIterationStarted");
    expect(typesOf(events)).toContain("MapRunSucceeded");
  });

  it("fails when there is one more", async () => {
    const { execution, events } = await play(each({ ToleratedFailurePercentage: 25 }), {
      input: [1, 2, 3, 4],
      tasks: { Act: failFor(2, 3) },
    });
    expect(execution).toMatchObject({ status: "FAILED", error: "States.ExceedToleratedFailureThreshold" });
    expect(typesOf(events).slice(-3)).toEqual(["MapRunFailed", "MapStateFailed", "ExecutionFailed"]);
  });

  it("tolerates none where nothing is said", async () => {
    const { execution } = await play(each({}), { input: [1], tasks: { Act: failFor(1) } });
    expect(execution.error).toBe("States.ExceedToleratedFailureThreshold");
  });

  it("packs items into batches with what all of them need", async () => {
    const { started } = await play(
      each({
        ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { site: "{% $states.input.site %}" } },
        Items: "{% $states.input.items %}",
      }),
      {
        input: { site: "standby", items: [1, 2, 3] },
        tasks: { Act: (one, n) => succeed(one.arguments)(one, n) },
      },
    );
    expect(started.map((one) => one.arguments)).toEqual([
      { BatchInput: { site: "standby" }, Items: [1, 2] },
      { BatchInput: { site: "standby" }, Items: [3] },
    ]);
  });

  it("closes a batch before it grows over its bytes", async () => {
    const { started } = await play(each({ ItemBatcher: { MaxInputBytesPerBatch: 10 } }), {
      input: ["four", "four", "four"],
      tasks: { Act: succeed(null) },
    });
    // "four" is six bytes of JSON.
    expect(started.map((one) => one.arguments)).toEqual([
      { Items: ["four"] },
      { Items: ["four"] },
      { Items: ["four"] },
    ]);
  });

  it("runs each item as an execution of its own, without the variables around", async () => {
    const { execution } = await play(
      machineOf({
        Set: { Type: "Pass", Assign: { outer: 1 }, Next: "Each" },
        Each: map(
          {
            Tell: {
              Type: "Pass",
              Output: {
                seen: "{% $exists($outer) %}",
                name: "{% $states.context.Execution.Name %}",
                input: "{% $states.context.Execution.Input %}",
              },
              End: true,
            },
          },
          {},
          distributed,
        ),
      }),
      { input: ["item"] },
    );
    expect(execution.output).toEqual([
      { seen: false, name: expect.not.stringMatching(/^one$/), input: "item" },
    ]);
  });
});

describe("a Parallel", () => {
  it("gives every branch its Arguments, and the outputs in the order of the branches", async () => {
    const branch = (name: string, output: string) => ({
      StartAt: name,
      States: { [name]: { Type: "Pass", Output: output, End: true } },
    });
    const { execution } = await play(
      machineOf({
        Both: {
          Type: "Parallel",
          Arguments: { n: "{% $states.input + 1 %}" },
          Branches: [branch("Left", "{% $states.input.n %}"), branch("Right", "{% $states.input.n * 2 %}")],
          End: true,
        },
      }),
      { input: 1 },
    );
    expect(execution.output).toEqual([2, 4]);
  });

  it("that is retried starts all its branches again, with no new ParallelStateEntered", async () => {
    const { execution, events } = await play(
      machineOf({
        Both: {
          Type: "Parallel",
          Branches: [
            { StartAt: "Act", States: { Act: task() } },
            { StartAt: "Other", States: { Other: { Type: "Pass", End: true } } },
          ],
          Retry: [{ ErrorEquals: ["Bad"] }],
          End: true,
        },
      }),
      { tasks: { Act: inTurn(fail("Bad"), succeed("ok")) } },
    );
    expect(execution.output).toEqual(["ok", {}]);
    const types = typesOf(events);
    expect(types.filter((type) => type === "ParallelStateEntered")).toHaveLength(1);
    expect(types.filter((type) => type === "ParallelStateStarted")).toHaveLength(2);
    expect(types.filter((type) => type === "PassStateEntered")).toHaveLength(2);
  });
});
