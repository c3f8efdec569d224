import { decideFinish } from "@lifeboat/recovery/finish-move";
import type { UnfinishedMove } from "@lifeboat/recovery/ledger";
import { moveDurationMs } from "@lifeboat/recovery/outcome";
import { describe, expect, it } from "vitest";

const move: UnfinishedMove = {
  execution: "arn:first",
  from: "ireland",
  loss: { known: true, interval: { minMs: 0, maxMs: 10_000 } },
  startedAtMs: 1000,
};
const situation = { killSwitchOn: false, otherExecution: null, move, here: "paris" };

describe("the decision to finish a move", () => {
  it("goes, and asks nobody: a person has started it, and what was to be decided was decided before the promotion", () => {
    expect(decideFinish(situation)).toEqual({
      verdict: "go",
      rule: "finish",
      reason: "finishes the move from ireland to paris that arn:first began: nothing is promoted again",
      approvalsNeeded: 0,
    });
  });

  it("refuses under the kill switch, before anything else", () => {
    expect(
      decideFinish({ ...situation, killSwitchOn: true, otherExecution: "arn:other", move: null }),
    ).toEqual({
      verdict: "refuse",
      rule: "kill-switch",
      reason: "the kill switch is on; lift it to let anything act",
      approvalsNeeded: 0,
    });
  });

  it("refuses beside another execution, although there is nothing left to finish", () => {
    expect(decideFinish({ ...situation, otherExecution: "arn:other", move: null })).toEqual({
      verdict: "refuse",
      rule: "one-execution",
      reason: "another execution has the workload: arn:other",
      approvalsNeeded: 0,
    });
  });

  it("is not needed once the move is finished", () => {
    expect(decideFinish({ ...situation, move: null })).toEqual({
      verdict: "not-needed",
      rule: "finished",
      reason: "the move to paris is finished already",
      approvalsNeeded: 0,
    });
  });
});

describe("how long a move took", () => {
  it("counts from the start of the execution that made it", () => {
    expect(moveDurationMs({ startedAtMs: 1000, endedAtMs: 5000 })).toBe(4000);
  });

  it("counts from the start of the execution that began it, where another one finished it", () => {
    const finishes = { execution: "arn:first", startedAtMs: 1000 };
    expect(moveDurationMs({ startedAtMs: 90_000, endedAtMs: 95_000, finishes })).toBe(94_000);
  });

  it("is not known where that start is not: the time of the one that finished it is no recovery time", () => {
    const finishes = { execution: "arn:first", startedAtMs: null };
    expect(moveDurationMs({ startedAtMs: 90_000, endedAtMs: 95_000, finishes })).toBeNull();
  });
});
