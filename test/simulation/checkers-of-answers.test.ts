import { describe, expect, it } from "vitest";
import { call, entered, execution, EXECUTION, found, OTHER, plan } from "./planted-evidence.ts";

describe("an abort", () => {
  const QUESTION = "one.1.abc";
  const notice = {
    atMs: 20_000,
    region: "eu-west-3",
    subject: "spacelift: held",
    message: `Execution: ${EXECUTION}\nQuestion: ${QUESTION}\nPlan: ec4b89, epoch 2`,
  };
  const answerAt = (atMs: number, answer = "abort", question = QUESTION) =>
    call({
      atMs,
      service: "s3",
      operation: "PutObject",
      execution: null,
      input: { Bucket: "any", Key: `spacelift/approvals/${question}/answers/anna.${answer}.json` },
    });
  const lostReply = { ...answerAt(30_000), outcome: { type: "no-answer" as const } };
  const history = [
    entered(10_000, "PromoteStores"),
    entered(19_000, "BeginHold"),
    entered(21_000, "Hold"),
    entered(40_000, "CountHoldAnswers"),
    entered(41_000, "Answered"),
    entered(42_000, "PromoteStores"),
  ];
  const actAt = (atMs: number, by = EXECUTION) => call({ atMs, execution: by });
  const run = (wire: readonly ReturnType<typeof call>[], states = history): readonly string[] =>
    found("abort-is-final", { wire, notices: [notice], executions: [execution({ history: states })] });

  it("is broken by an act after the answers had been counted", () => {
    expect(run([answerAt(30_000), actAt(43_000)])).toEqual([
      `${EXECUTION} called rds:FailoverGlobalCluster in eu-west-3 after an abort of ${QUESTION} had been counted`,
    ]);
  });

  it("is kept where nothing is done afterwards, or by another execution, or only the books are written", () => {
    const record = call({
      atMs: 43_000,
      service: "s3",
      operation: "PutObject",
      input: { Bucket: plan.ledger.witnessBucket, Key: "spacelift/records/one.json" },
    });
    expect(run([answerAt(30_000), actAt(15_000), actAt(43_000, OTHER)])).toEqual([]);
    expect(run([answerAt(30_000), record])).toEqual([]);
  });

  it("is none where it came after the last count, was another answer or to another question, or nobody was told of it", () => {
    expect(run([answerAt(39_995), actAt(43_000)])).toEqual([]);
    expect(run([answerAt(30_000, "retry"), actAt(43_000)])).toEqual([]);
    expect(run([answerAt(30_000, "abort", "two.1.abc"), actAt(43_000)])).toEqual([]);
    expect(run([lostReply, actAt(43_000)])).toEqual([]);
  });

  it("is of the hold that it was given in, and not of one before", () => {
    const before = [
      entered(1000, "BeginHold"),
      entered(2000, "CountHoldAnswers"),
      entered(3000, "PromoteStores"),
    ];
    expect(run([answerAt(30_000), actAt(15_000)], [...before, ...history])).toEqual([]);
    expect(run([answerAt(30_000), actAt(43_000)], [...before, ...history])).toHaveLength(1);
  });

  it("is not asked of a hold that goes on", () => {
    expect(run([answerAt(30_000), actAt(43_000)], history.slice(0, 4))).toEqual([]);
  });
});
