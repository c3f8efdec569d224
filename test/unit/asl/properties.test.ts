import { advance, compile, type Execution } from "@lifeboat/asl/interpreter";
import { validate } from "@lifeboat/asl/validate";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { machines } from "./machines.arbitrary.ts";
import { play, playOn, type Play, type Played, type Script } from "./play.ts";

/** What a task does depends on its number alone: succeed, fail, hang, succeed late, or be submitted first. */
const erratic =
  (seed: number): Script =>
  ({ taskId }) => {
    const number = Number(/(\d+)$/.exec(taskId)?.[1] ?? 0);
    switch ((number * 7 + seed) % 6) {
      case 0:
        return [{ type: "task-failed", taskId, error: "Bad", cause: "so it is" }];
      case 1:
        return [];
      case 2:
        return [{ type: "task-failed", taskId }];
      case 3:
        return [
          { type: "task-submitted", taskId, output: { id: number } },
          { type: "task-heartbeat", taskId, afterMs: 4000 },
          { type: "task-succeeded", taskId, output: { number }, afterMs: 8000 },
        ];
      default:
        return [
          {
            type: "task-succeeded",
            taskId,
            output: { number, list: [number] },
            afterMs: (number * 37) % 900,
          },
        ];
    }
  };

const anyTask = (seed: number): Play["tasks"] => new Proxy({}, { get: () => erratic(seed) });

const seeds = fc.integer({ min: 0, max: 1_000_000 });
const runs = { numRuns: 300 } as const;

describe("any machine that the validator accepts", () => {
  it("is made by the generator nearly always, with every state type in it", () => {
    const sample = fc.sample(machines, { numRuns: 300, seed: 11 });
    const accepted = sample.filter((machine) => validate(JSON.stringify(machine)).length === 0);
    expect(accepted.length).toBeGreaterThan(270);
    const text = JSON.stringify(accepted);
    for (const type of ["Pass", "Task", "Wait", "Choice", "Succeed", "Fail", "Map", "Parallel"]) {
      expect(text).toContain(`"Type":"${type}"`);
    }
  });

  it("runs to a terminal state, whatever its tasks do", async () => {
    await fc.assert(
      fc.asyncProperty(machines, seeds, async (machine, seed) => {
        fc.pre(validate(JSON.stringify(machine)).length === 0);
        const { execution } = await play(machine, { seed, tasks: anyTask(seed) ?? {} });
        expect(["SUCCEEDED", "FAILED", "TIMED_OUT"]).toContain(execution.status);
      }),
      runs,
    );
  });

  it("has a history in which every event comes after an earlier one, and ids have no gaps", async () => {
    await fc.assert(
      fc.asyncProperty(machines, seeds, async (machine, seed) => {
        const { events } = await play(machine, { seed, tasks: anyTask(seed) ?? {} });
        for (const [index, event] of events.entries()) {
          expect(event.id).toBe(index + 1);
          expect(event.previousEventId).toBeLessThan(event.id);
          if (index > 0)
            expect(event.timestampMs).toBeGreaterThanOrEqual(events[index - 1]?.timestampMs ?? 0);
        }
      }),
      runs,
    );
  });

  it("with the same seed has the same history, byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(machines, seeds, async (machine, seed) => {
        const once = await play(machine, { seed, tasks: anyTask(seed) ?? {} });
        const twice = await play(machine, { seed, tasks: anyTask(seed) ?? {} });
        expect(JSON.stringify(twice.events)).toBe(JSON.stringify(once.events));
        expect(JSON.stringify(twice.execution)).toBe(JSON.stringify(once.execution));
      }),
      runs,
    );
  });

  it("ends the same when it is written down and read back before any signal", async () => {
    const reread = (execution: Execution): Execution => JSON.parse(JSON.stringify(execution)) as Execution;
    await fc.assert(
      fc.asyncProperty(machines, seeds, async (machine, seed) => {
        const tasks = anyTask(seed) ?? {};
        const whole = await play(machine, { seed, tasks });
        const resumed = await play(machine, { seed, tasks, between: reread });
        expect(JSON.stringify(resumed.events)).toBe(JSON.stringify(whole.events));
        expect(resumed.execution).toEqual(whole.execution);
      }),
      runs,
    );
  });

  it("leaves the execution that it is given as it is", async () => {
    await fc.assert(
      fc.asyncProperty(machines, seeds, async (machine, seed) => {
        const before: [Execution, string][] = [];
        const remember = (execution: Execution): Execution => {
          before.push([execution, JSON.stringify(execution)]);
          return execution;
        };
        await play(machine, { seed, tasks: anyTask(seed) ?? {}, between: remember });
        for (const [execution, text] of before) expect(JSON.stringify(execution)).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  it("when it was redriven, as often as it takes, ends again, and its history goes on", async () => {
    await fc.assert(
      fc.asyncProperty(machines, seeds, async (machine, seed) => {
        const compiled = compile(machine);
        let last: Omit<Played, "machine"> = await play(machine, { seed, tasks: anyTask(seed) ?? {} });
        let events = [...last.events];
        for (let round = 1; round <= 3 && last.execution.status !== "SUCCEEDED"; round++) {
          const revived = await advance(compiled, last.execution, { type: "redrive" }, last.nowMs + 1000);
          expect(revived.execution.redriveCount).toBe(round);
          last = await playOn(compiled, revived, last.nowMs + 1000, { tasks: anyTask(seed + round) ?? {} });
          events = [...events, ...last.events];
        }
        expect(last.execution.status).not.toBe("RUNNING");
        expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
      }),
      runs,
    );
  });

  it("that is aborted at any moment ends at once and cancels what is under way", async () => {
    await fc.assert(
      fc.asyncProperty(machines, seeds, fc.nat(20), async (machine, seed, moment) => {
        let aborted: Execution | undefined;
        const compiled = compile(machine);
        await play(machine, {
          seed,
          tasks: anyTask(seed) ?? {},
          between: (execution, step) => {
            if (step === moment) aborted = execution;
            return execution;
          },
        });
        if (aborted === undefined) return;
        const transition = await advance(compiled, aborted, { type: "abort" }, aborted.startedAtMs);
        const running = aborted.threads.filter(({ visit }) => visit.phase.type === "task");
        expect(transition.execution.status).toBe("ABORTED");
        expect(transition.effects.filter(({ type }) => type === "cancel-task")).toHaveLength(running.length);
        expect(transition.events.at(-1)?.type).toBe("ExecutionAborted");
      }),
      runs,
    );
  });
});
