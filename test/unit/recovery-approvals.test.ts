import {
  ANSWER_IN_FLIGHT_MS,
  answersFor,
  personOf,
  weigh,
  type Answer,
  type AnswerRecord,
  type Identity,
  type Question,
} from "@lifeboat/recovery/approvals";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const ACCOUNT = "111122223333";
const ROLE = "AWSReservedSSO_OnCall_0123456789abcdef";

const question: Question = {
  workload: "spacelift",
  execution: "arn:aws:states:eu-west-3:111122223333:execution:lifeboat-spacelift-failover:one",
  planHash: "hash",
  epoch: 7,
  question: "one.1.abc",
  kind: "approval",
  phase: "approve",
  region: "eu-west-3",
  asked: "Move it?",
  reason: "much loss",
  loss: "an unknown amount",
  acceptsLossMs: "any",
  allowed: ["approve", "reject"],
  needed: 2,
  account: ACCOUNT,
  approvers: [],
  endsUnanswered: true,
  expiresAtMs: 1000,
};
const hold: Question = {
  ...question,
  kind: "hold",
  phase: "claim",
  allowed: ["retry", "override", "abort"],
};

const session = (name: string, role = ROLE, id = "AROAONCALL"): Identity => ({
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
  userId: `${id}:${name}`,
  account: ACCOUNT,
});
const user = (name: string): Identity => ({
  arn: `arn:aws:iam::${ACCOUNT}:user/people/${name}`,
  userId: `AIDA${name.toUpperCase()}`,
  account: ACCOUNT,
});

const said = (
  answer: Answer,
  principal: Identity,
  changes: Partial<AnswerRecord> = {},
  of: Question = question,
): AnswerRecord => ({
  workload: of.workload,
  execution: of.execution,
  planHash: of.planHash,
  epoch: of.epoch,
  question: of.question,
  answer,
  why: "because",
  person: "whatever the record says",
  principal,
  via: "invoke",
  atMs: 500,
  ...changes,
});

const anna = session("anna");
const bert = session("bert");

describe("the count of an approval", () => {
  it("waits for the second person, and goes on with two", () => {
    expect(weigh(question, [], 500)).toEqual({ type: "waiting", counted: 0, by: [] });
    expect(weigh(question, [said("approve", anna)], 500)).toMatchObject({
      type: "waiting",
      by: [anna.arn],
    });
    expect(weigh(question, [said("approve", anna), said("approve", bert)], 500)).toMatchObject({
      type: "answered",
      answer: "approve",
      persons: 2,
      by: [anna.arn, bert.arn],
    });
  });

  it("counts one person once, however often and whichever way", () => {
    const twice = [said("approve", anna), said("approve", anna, { via: "page", atMs: 600 })];
    expect(weigh(question, twice, 700)).toMatchObject({ type: "waiting", by: [anna.arn] });
  });

  it("does not believe what a record says about who is a person", () => {
    const named = [said("approve", anna, { person: "one" }), said("approve", anna, { person: "two" })];
    expect(weigh(question, named, 700)).toMatchObject({ type: "waiting" });
  });

  it.each([
    ["another execution", { execution: "arn:another" }],
    ["another plan", { planHash: "another" }],
    ["another epoch", { epoch: 8 }],
    ["another question", { question: "one.2.abc" }],
    ["another workload", { workload: "another" }],
    ["a time after the last one", { atMs: 1001 }],
    ["an answer that was not asked for", { answer: "retry" as const }],
    ["a principal of another account", { principal: { ...bert, account: "999999999999" } }],
  ])("passes over a record of %s", (_what, changes) => {
    const records = [said("approve", anna), said("approve", bert, changes)];
    expect(weigh(question, records, 700)).toMatchObject({ type: "waiting", counted: 1 });
  });

  it("is ended by one rejection, also by somebody who had approved before", () => {
    for (const no of [session("cora"), anna]) {
      const records = [said("approve", anna), said("approve", bert), said("reject", no, { atMs: 900 })];
      expect(weigh(question, records, 950)).toMatchObject({
        type: "answered",
        answer: "reject",
        by: [no.arn],
      });
    }
  });

  it("expires when an answer that came in time must have been written, and not a moment before", () => {
    const overMs = 1000 + ANSWER_IN_FLIGHT_MS;
    expect(weigh(question, [said("approve", anna)], overMs)).toMatchObject({ type: "waiting" });
    expect(weigh(question, [said("approve", anna)], overMs + 1)).toMatchObject({ type: "expired" });
  });

  it("goes on with answers that came in time and were read late", () => {
    const records = [said("approve", anna), said("approve", bert)];
    expect(weigh(question, records, 9999)).toMatchObject({ type: "answered" });
  });

  it("is the same in whichever order, and however often, the records come", () => {
    const people = ["anna", "bert", "cora"].map((name) => session(name));
    const record = fc
      .record({
        answer: fc.constantFrom<Answer>("approve", "reject"),
        principal: fc.constantFrom(...people),
        atMs: fc.integer({ min: 0, max: 1200 }),
      })
      .map(({ answer, principal, atMs }) => said(answer, principal, { atMs }));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), fc.integer(), (records, seed) => {
        const shuffled = records.toSorted(
          (left, right) => ((left.atMs * seed) % 7) - ((right.atMs * seed) % 7),
        );
        const told = (weighed: ReturnType<typeof weigh>) => ({ ...weighed, counted: 0, why: "" });
        const once = told(weigh(question, records, 1100));
        expect(told(weigh(question, [...shuffled, ...records], 1100)).type).toBe(once.type);
        if (once.type === "answered" && once.answer === "approve")
          expect(new Set(once.by).size).toBeGreaterThanOrEqual(question.needed);
      }),
    );
  });
});

describe("the count of a hold", () => {
  const held = (answer: Answer, principal: Identity, atMs = 500) => said(answer, principal, { atMs }, hold);

  it("goes on with one retry", () => {
    expect(weigh(hold, [held("retry", anna)], 600)).toMatchObject({ answer: "retry", persons: 1 });
  });

  it("takes as many people for an override as for a loss", () => {
    expect(weigh(hold, [held("override", anna)], 600)).toMatchObject({ type: "waiting" });
    const two = [held("override", anna), held("override", bert)];
    expect(weigh(hold, two, 600)).toMatchObject({ answer: "override", persons: 2 });
  });

  it("is ended by an abort before everything else", () => {
    const records = [
      held("retry", anna, 1),
      held("override", anna),
      held("override", bert),
      held("abort", bert, 9),
    ];
    expect(weigh(hold, records, 600)).toMatchObject({ answer: "abort", by: [bert.arn] });
  });

  it("takes the first of those who would go on", () => {
    const late: Question = {
      ...hold,
      phase: "verify-standby",
      allowed: answersFor("hold", "verify-standby"),
    };
    expect(weigh(late, [held("skip", bert, 20), held("retry", anna, 10)], 600)).toMatchObject({
      answer: "retry",
      by: [anna.arn],
    });
  });

  it("can skip neither fencing nor promotion, and override nothing but the claim", () => {
    expect(answersFor("hold", "claim")).toEqual(["retry", "override", "abort"]);
    for (const phase of ["fence", "promote", "activate"])
      expect(answersFor("hold", phase)).toEqual(["retry", "abort"]);
    expect(answersFor("hold", "shift-traffic")).toEqual(["retry", "skip", "abort"]);
    // Who finishes a move promotes nothing: there is nothing to go on without.
    expect(answersFor("hold", "claim", true)).toEqual(["retry", "abort"]);
    expect(answersFor("hold", "shift-traffic", true)).toEqual(["retry", "skip", "abort"]);
  });
});

describe("who is a person", () => {
  const who = (identity: Identity, approvers: readonly string[] = []) =>
    personOf(identity, { account: ACCOUNT, approvers });

  it("an IAM user is one", () =>
    expect(who(user("anna"))).toEqual({ type: "person", person: "user:AIDAANNA" }));

  it("a name in Identity Center is one, in whichever permission set and spelling", () => {
    const admin = session("Anna", "AWSReservedSSO_Admin_fedcba9876543210", "AROAADMIN");
    expect(who(anna)).toEqual({ type: "person", person: "session:anna" });
    expect(who(admin)).toEqual(who(anna));
    expect(who(bert)).not.toEqual(who(anna));
  });

  it("all sessions of any other role are one: whoever assumes it chooses the name", () => {
    const one = session("anna", "Deployer", "AROADEPLOY");
    const other = session("bert", "Deployer", "AROADEPLOY");
    expect(who(one)).toEqual({ type: "person", person: "role:AROADEPLOY" });
    expect(who(other)).toEqual(who(one));
  });

  it("unless the plan lists them, and so vouches for their names", () => {
    const listed = [`arn:aws:sts::${ACCOUNT}:assumed-role/Okta-*/*`];
    expect(who(session("anna", "Okta-OnCall", "AROAOKTA"), listed)).toEqual({
      type: "person",
      person: "session:anna",
    });
  });

  it.each([
    ["another account's", { ...anna, account: "999999999999" }, []],
    ["somebody whom the plan does not list", bert, [`arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE}/anna`]],
    ["a pattern's beginning only", session("anna2"), [`arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE}/anna`]],
    ["root", { arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT, account: ACCOUNT }, []],
    [
      "a federated user, who chooses the name",
      { arn: `arn:aws:sts::${ACCOUNT}:federated-user/anna`, userId: `${ACCOUNT}:anna`, account: ACCOUNT },
      [],
    ],
    ["Lifeboat's own functions", session("ask", "lifeboat-spacelift-ask-euw3"), []],
  ] as const)("nobody: %s", (_what, identity, approvers) => {
    expect(who(identity, approvers)).toMatchObject({ type: "nobody" });
  });

  it("patterns mean what IAM's mean, whatever is in them", () => {
    const text = fc.stringMatching(/^[ab/.]{0,8}$/);
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), text, (parts, rest) => {
        const pattern = parts.join("*");
        const regex = new RegExp(`^${parts.map((part) => part.replaceAll(".", String.raw`\.`)).join(".*")}$`);
        for (const candidate of [rest, parts.join(rest), parts.join("")]) {
          const arn = `arn:aws:iam::${ACCOUNT}:user/${candidate}`;
          const taken =
            who({ ...user("x"), arn }, [`arn:aws:iam::${ACCOUNT}:user/${pattern}`]).type === "person";
          expect(taken).toBe(regex.test(candidate));
        }
      }),
    );
  });
});
