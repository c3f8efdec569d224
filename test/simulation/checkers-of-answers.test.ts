import type { ToldIdentity } from "@lifeboat/cloud/services/sts/create-sts";
import type { Evidence, Notice } from "@lifeboat/lab/checks/evidence";
import { describe, expect, it } from "vitest";
import {
  call,
  claimsOfPromotion,
  entered,
  execution,
  EXECUTION,
  found,
  historyEvent,
  leaseAt,
  OTHER,
  plan,
  PROMOTED_MS,
  promotion,
  recordAt,
} from "./planted-evidence.ts";

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

describe("approvals", () => {
  const QUESTION = "one.1.abc";
  const HASH = "ec4b89";
  const asked = (more: { execution?: string; plan?: string; epoch?: number } = {}): Notice => ({
    atMs: 20_000,
    region: "eu-west-3",
    subject: "spacelift: approval needed, approve",
    message: [
      "Move spacelift from ireland to paris: an unplanned failover.",
      `Execution: ${more.execution ?? EXECUTION}`,
      `Question: ${QUESTION}`,
      `Plan: ${more.plan ?? HASH}, epoch ${more.epoch ?? 1}`,
    ].join("\n"),
  });
  const signed = (who: string, answer = "approve", more: Partial<ToldIdentity> = {}): ToldIdentity => ({
    atMs: 30_000,
    arn: `arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_OnCall_0123456789abcdef/${who}`,
    userId: `AROAEXAMPLE:${who}`,
    account: "111122223333",
    purpose: `lifeboat.${QUESTION}.${answer}`,
    ...more,
  });
  const readPlan = call({
    atMs: 80_000,
    service: "s3",
    operation: "GetObject",
    mutating: false,
    input: { Bucket: "any", Key: `spacelift/plans/${HASH}.json` },
  });
  /** A recovery that says itself that it lost more than the plan's limit. */
  const lossy = {
    claims: claimsOfPromotion,
    wire: [readPlan, promotion],
    executions: [execution()],
    records: [recordAt(400_000, { rpo: { minMs: 0, maxMs: 90_000 } })],
    notices: [asked()],
  };
  const with_ = (signatures: readonly ToldIdentity[], more: Partial<Evidence> = {}): readonly string[] =>
    found("approvals", { ...lossy, signatures, ...more });
  const fires = (count: number) => [
    expect.stringMatching(new RegExp(`promoted with ${count} of 2 people who had signed`)),
  ];

  it("are enough where two people had signed for a loss above the limit", () => {
    expect(with_([signed("one"), signed("two")])).toEqual([]);
  });

  it("are missing where one had signed, or one had signed twice, whichever way the name is written", () => {
    expect(with_([])).toEqual(fires(0));
    expect(with_([signed("one")])).toEqual(fires(1));
    expect(with_([signed("one"), signed("One")])).toEqual(fires(1));
  });

  it("are missing where a signature is nobody's who may approve", () => {
    const stranger = { arn: "arn:aws:sts::111122223333:assumed-role/Deploy/two" };
    const other = { account: "999999999999" };
    const ourselves = { arn: "arn:aws:sts::111122223333:assumed-role/lifeboat-spacelift-claim/two" };
    for (const more of [stranger, other, ourselves])
      expect(with_([signed("one"), signed("two", "approve", more)])).toEqual(fires(1));
  });

  it("are missing where they are for another execution, plan, epoch, question or answer", () => {
    const both = [signed("one"), signed("two")];
    expect(with_(both, { notices: [asked({ execution: OTHER })] })).toEqual(fires(0));
    expect(with_(both, { notices: [asked({ plan: "0ther" })] })).toEqual(fires(0));
    expect(with_(both, { notices: [asked({ epoch: 0 })] })).toEqual(fires(0));
    expect(with_(both, { notices: [] })).toEqual(fires(0));
    expect(with_([signed("one"), signed("two", "retry")])).toEqual(fires(1));
    expect(
      with_([signed("one"), signed("two", "approve", { purpose: "lifeboat.other.1.abc.approve" })]),
    ).toEqual(fires(1));
  });

  it("are missing where they came after the promotion, or after somebody had said no", () => {
    const late = signed("two", "approve", { atMs: PROMOTED_MS + 1 });
    expect(with_([signed("one"), late])).toEqual(fires(1));
    const no = signed("three", "reject", { atMs: 31_000 });
    expect(with_([signed("one"), no, signed("two", "approve", { atMs: 32_000 })])).toEqual(fires(0));
    expect(with_([signed("one"), signed("two"), signed("three", "reject", { atMs: 40_000 })])).toEqual([]);
  });

  it("are wanted for what users really lost, for an unknown loss, and for an order; not for an everyday recovery", () => {
    const within = { records: [recordAt(400_000)] };
    expect(with_([], within)).toEqual([]);
    expect(with_([], { records: [recordAt(400_000, { rpo: null })] })).toEqual(fires(0));
    const rows = [10_000, 80_000].map((sentAtMs, index) => ({
      sequence: index + 1,
      sentAtMs,
      outcome: { type: "acknowledged" as const, atMs: sentAtMs + 5, region: "eu-west-1", status: 200 },
    }));
    expect(with_([], { ...within, rows })).toEqual(fires(0));
    expect(with_([], { ...within, rows, survived: new Set([1, 2]) })).toEqual([]);
    const blind = {
      leases: [leaseAt(80_000, {})],
      canaries: [{ atMs: 1000, region: "eu-west-1", timeline: 1, key: "spacelift" }],
    };
    expect(with_([], { ...within, ...blind })).toEqual(fires(0));
    const ordered = { executions: [execution({ input: { override: { who: "one", why: "it burns" } } })] };
    expect(with_([], { ...within, ...ordered })).toEqual([]);
    expect(with_([signed("one")], ordered)).toEqual(fires(1));
  });

  it("are wanted of as many people for going on without proof", () => {
    const output = JSON.stringify({ Payload: { verdict: "override", persons: 2 } });
    const history = [
      entered(1, "Hold"),
      historyEvent(2, "TaskSucceeded", { taskSucceededEventDetails: { resource: "invoke", output } }),
    ];
    const overridden = { executions: [execution({ history })], records: [recordAt(400_000)] };
    expect(with_([signed("one", "override")], overridden)).toEqual([
      expect.stringMatching(/1 of 2 .* without proof in a hold/),
    ]);
    expect(with_([signed("one", "override"), signed("two", "override")], overridden)).toEqual([]);
  });
});
