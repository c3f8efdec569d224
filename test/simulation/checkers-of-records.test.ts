import type { Version } from "@lifeboat/lab/checks/evidence";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { describe, expect, it } from "vitest";
import {
  call,
  entered,
  execution,
  exited,
  found,
  historyEvent,
  OTHER,
  recordAt,
} from "./planted-evidence.ts";

describe("measured", () => {
  const history = [
    entered(1000, "LoadPlan"),
    exited(3000, "LoadPlan"),
    entered(3001, "Assess"),
    entered(399_000, "RecordOutcome"),
  ];
  const phases = [{ name: "assess" as const, startedAtMs: 3001, endedAtMs: 5000 }];
  const said = (
    more: Partial<RecoveryRecord>,
    again: readonly Version<RecoveryRecord>[] = [],
  ): readonly string[] =>
    found("measured", {
      executions: [execution({ startedAtMs: 1000, history })],
      records: [recordAt(400_000, { startedAtMs: 2000, phases, ...more }), ...again],
    });

  it("is a record with the times of the history, by a clock that may be off", () => {
    expect(said({})).toEqual([]);
    expect(said({ startedAtMs: -28_000, endedAtMs: 370_000 })).toEqual([]);
  });

  it("is none with other times", () => {
    expect(said({ startedAtMs: 100_000 })).toEqual([expect.stringMatching(/that it began at 100000/)]);
    expect(said({ endedAtMs: 902_000 })).toEqual([expect.stringMatching(/that it ended at 902000/)]);
    expect(said({ endedAtMs: 200_000 })).toHaveLength(1);
    const assess = (startedAtMs: number, endedAtMs: number) => ({
      phases: [{ name: "assess" as const, startedAtMs, endedAtMs }],
    });
    expect(said(assess(3500, 5000))).toEqual([expect.stringMatching(/that assess was from 3500 to 5000/)]);
    expect(said(assess(3001, 500_000))).toHaveLength(1);
    expect(said(assess(3001, 2000))).toHaveLength(1);
  });

  it("is none that was written twice", () => {
    const again = recordAt(400_500, { startedAtMs: 2000, endedAtMs: 400_000 });
    expect(said({}, [again])).toEqual([expect.stringMatching(/was written again/)]);
    expect(said({}, [recordAt(400_500, { execution: OTHER })])).toEqual([]);
  });
});

describe("secrets", () => {
  const parameters = JSON.stringify({ Payload: { token: "a-task-token" } });
  const asking = execution({
    history: [historyEvent(1, "TaskScheduled", { taskScheduledEventDetails: { parameters } })],
  });
  const line = (text: string) => ({ atMs: 1, functionName: "ask", region: "eu-west-3", line: text });

  it("fires on a secret's value in a log, a record, a notice or a history", () => {
    const text = "it is hunter2";
    const notice = { atMs: 1, region: "eu-west-3", subject: undefined, message: text };
    expect(found("no-secret-in-the-open", { log: [line(text)] })).toHaveLength(1);
    expect(found("no-secret-in-the-open", { notices: [notice] })).toHaveLength(1);
    expect(found("no-secret-in-the-open", { records: [recordAt(1, { reason: text })] })).toHaveLength(1);
    expect(found("no-secret-in-the-open", { executions: [execution({ output: text })] })).toHaveLength(1);
  });

  it("fires on a task token in a log, and on the reading of a secret", () => {
    const planted = { executions: [asking], log: [line("token a-task-token")] };
    expect(found("no-secret-in-the-open", planted)).toHaveLength(1);
    const read = call({ service: "secrets-manager", operation: "GetSecretValue", mutating: false });
    expect(found("no-secret-in-the-open", { wire: [read] })).toHaveLength(1);
  });

  it("fires on a task token in a message to people", () => {
    const notice = { atMs: 1, region: "eu-west-3", subject: "hold", message: "--task-token a-task-token" };
    expect(found("no-secret-in-the-open", { executions: [asking], notices: [notice] })).toHaveLength(1);
  });
});
