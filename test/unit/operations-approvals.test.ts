import { askPeople, type AskRequest } from "@lifeboat/operations/approvals/ask-people";
import { countAnswers } from "@lifeboat/operations/approvals/count-answers";
import { purposeOf } from "@lifeboat/operations/approvals/message";
import { isQuestionId, questionId } from "@lifeboat/operations/approvals/question-papers";
import { takeAnswer } from "@lifeboat/operations/approvals/take-answer";
import type { PortName, SiteContext } from "@lifeboat/operations/context";
import type { Answer } from "@lifeboat/recovery/approvals";
import { describe, expect, it } from "vitest";
import { createModelledStore, Killed, type Fate, type StoreCall } from "./operations-store.ts";
import {
  atParis,
  contextAt,
  createHandClock,
  executionNamed,
  plan,
  portsWith,
  START_MS,
} from "./operations-world.ts";

const execution = executionNamed("one");
const request: AskRequest = {
  execution,
  epoch: 1,
  kind: "approval",
  phase: "approve",
  reason: "the loss is unknown",
  number: 1,
  sinceMs: START_MS,
  endsUnanswered: true,
  finishesMove: false,
  needed: 2,
  loss: { known: false, reason: "nobody knows" },
  attempt: 0,
  counted: 0,
  token: "token-0",
};
const id = questionId(execution, 1, START_MS);
const counting = { execution, epoch: 1, number: 1, sinceMs: START_MS };

/** A region with a ledger, a topic, a machine that waits, and an STS that believes `<name>|<purpose>`. */
const createPlace = (fate?: (call: StoreCall) => Fate) => {
  const store = createModelledStore(fate === undefined ? {} : { fate });
  const clock = createHandClock();
  const notices: string[] = [];
  const bells: string[] = [];
  const ports = portsWith({
    ledger: store,
    clock,
    notices: { publish: (_subject, text) => Promise.resolve(void notices.push(text)) },
    approvals: {
      keys: (place, prefix) => Promise.resolve(store.keys(place, prefix)),
      wake: (token) => {
        bells.push(token);
        return Promise.resolve("woken");
      },
      identify: (proof, purpose) => {
        const [name = "", signedFor = ""] = proof.split("|");
        return Promise.resolve(
          signedFor === purpose
            ? {
                type: "proven",
                identity: {
                  arn: `arn:aws:sts::${plan.account}:assumed-role/AWSReservedSSO_OnCall_1/${name}`,
                  userId: `AROA:${name}`,
                  account: plan.account,
                },
              }
            : { type: "refused", reason: "made for another answer or question" },
        );
      },
    },
  });
  const context = contextAt("paris", ports);
  const ask = (changes: Partial<AskRequest> = {}, at: SiteContext<PortName> = context) =>
    askPeople(at, { ...request, ...changes }, () => "https://page/?q=1");
  const give = (name: string, answer: Answer, changes: { proof?: string; question?: string } = {}) =>
    takeAnswer(ports, atParis, {
      workload: plan.workload,
      question: id,
      answer,
      why: "because",
      via: "invoke",
      proof: `${name}|${purposeOf({ question: id }, answer)}`,
      ...changes,
    });
  const count = (changes: Partial<typeof counting> = {}, at: SiteContext<PortName> = context) =>
    countAnswers(at, { ...counting, ...changes });
  return { store, clock, notices, bells, context, ask, give, count };
};

describe("a question", () => {
  it("tells people what, why, what is lost, and how to answer, and keeps the token to itself", async () => {
    const { ask, notices, store } = createPlace();
    await ask();
    expect(notices).toHaveLength(1);
    const [text = ""] = notices;
    expect(text).toContain("Move spacelift from ireland to paris");
    expect(text).toContain("Why: the loss is unknown");
    expect(text).toContain("An unknown amount of acknowledged writes: nobody knows.");
    expect(text).toContain("An approval takes 2 different people");
    expect(text).toContain(`--cluster-name lifeboat.${id}.approve`);
    expect(text).not.toContain("token-0");
    expect(text).not.toContain("send-task-success");
    const [kept] = store.versions(atParis, `spacelift/approvals/${id}/question.json`) as [
      { linkKey: string },
    ];
    expect(kept.linkKey.length).toBeGreaterThan(2);
    expect(text).not.toContain(kept.linkKey);
  });

  it.each([
    [false, /An override goes on without proof/, /stays unfinished/, true],
    [true, /stays unfinished until somebody starts the machine/, /override/, false],
  ])(
    "offers an override in the claim, and not to who finishes a move (%s)",
    async (finishesMove, says, saysNot, offers) => {
      const { ask, notices, store } = createPlace();
      await ask({ kind: "hold", phase: "claim", needed: 0, loss: null, finishesMove });
      expect(notices[0]).toMatch(says);
      expect(notices[0]).not.toMatch(saysNot);
      const [kept] = store.versions(atParis, `spacelift/approvals/${id}/question.json`) as [
        { allowed: readonly string[] },
      ];
      expect(kept.allowed.includes("override")).toBe(offers);
    },
  );

  const finishes = /After an abort the move stays unfinished until somebody starts the machine/;
  const dependsOnTheLedger =
    /finishes it if the ledger names paris as the active site; if not, that starts an ordinary failover/;
  it.each([
    ["activate", false, dependsOnTheLedger, finishes],
    // Whoever finishes a move has its site as the active one from the start.
    ["activate", true, finishes, dependsOnTheLedger],
    ["start-services", false, finishes, dependsOnTheLedger],
  ])(
    "promises no more of a start after an abort in %s than is so (finishing a move: %s)",
    async (phase, finishesMove, says, saysNot) => {
      const { ask, notices } = createPlace();
      await ask({ kind: "hold", phase, needed: 0, loss: null, endsUnanswered: false, finishesMove });
      expect(notices[0]).toMatch(says);
      expect(notices[0]).not.toMatch(saysNot);
      expect(notices[0]).toContain('in this region again, with {"workload": "spacelift"}');
    },
  );

  it("is put once, however often the machine waits again", async () => {
    const { ask, notices } = createPlace();
    await ask();
    await ask({ attempt: 1, token: "token-1" });
    await ask({ attempt: 2, token: "token-2", reason: "another reason" });
    expect(notices).toHaveLength(1);
  });

  it("is put again when one answer was not enough", async () => {
    const { ask, give, count, notices } = createPlace();
    await ask();
    await give("anna", "approve");
    const { counted } = await count();
    await ask({ attempt: 1, token: "token-1", counted });
    expect(notices).toHaveLength(2);
    expect(notices[1]).toMatch(/Approved by \S+\/anna, and another person has to/);
  });

  it("has an id that is safe in a key, in a link and in a shell, whatever the execution is called", () => {
    const odd = questionId(executionNamed("it's (odd) ü+=@!"), 3, START_MS);
    expect(odd).toMatch(/^[A-Za-z0-9_~.-]+$/);
    expect(isQuestionId(odd)).toBe(true);
    for (const other of ["../claim", "a/b.1.0", "", "a.1", "a.1.0/x", `${"a".repeat(301)}.1.0`])
      expect(isQuestionId(other)).toBe(false);
    expect(questionId(executionNamed("a+"), 1, 1)).not.toBe(questionId(executionNamed("a-"), 1, 1));
  });
});

describe("an answer", () => {
  it("is one record, and rings the bell of the last wait", async () => {
    const { ask, give, bells, store } = createPlace();
    await ask();
    await ask({ attempt: 1, token: "token-1" });
    expect(await give("anna", "approve")).toMatchObject({ type: "taken", standing: "1 of 2 people so far" });
    expect(await give("anna", "approve")).toMatchObject({ type: "taken" });
    expect(store.keys(atParis, `spacelift/approvals/${id}/answers/`)).toHaveLength(1);
    expect(bells).toContain("token-1");
  });

  it.each([
    ["to a question that nobody asked", "approve", { question: "other.1.0" }, "unknown-question"],
    ["with a key for a question", "approve", { question: "../../claim" }, "unknown-question"],
    ["that was not offered", "retry", {}, "not-allowed"],
    ["whose proof is for another answer", "approve", { proof: `anna|lifeboat.${id}.reject` }, "unproven"],
    ["whose proof is for another question", "approve", { proof: "anna|lifeboat.x.1.0.approve" }, "unproven"],
  ] as const)("%s is refused, and leaves nothing behind", async (_what, answer, changes, cause) => {
    const { ask, give, bells, store } = createPlace();
    await ask();
    expect(await give("anna", answer, changes)).toMatchObject({ type: "refused", cause });
    expect(store.keys(atParis, `spacelift/approvals/${id}/answers/`)).toEqual([]);
    expect(bells).toEqual([]);
  });

  it("that comes too late is refused", async () => {
    const { ask, give, clock } = createPlace();
    await ask();
    clock.advance(plan.decision.answerWithinMs + 1);
    expect(await give("anna", "approve")).toMatchObject({ type: "refused", cause: "over" });
  });

  it("to a question that has its verdict is refused", async () => {
    const { ask, give, count } = createPlace();
    await ask();
    await give("anna", "reject");
    expect(await count()).toMatchObject({ verdict: "reject" });
    expect(await give("bert", "approve")).toMatchObject({ type: "refused", cause: "over" });
  });
});

describe("the count", () => {
  it("needs two people, and says the same ever after", async () => {
    const { ask, give, count, clock } = createPlace();
    await ask();
    await give("anna", "approve");
    await give("anna", "approve");
    expect(await count()).toMatchObject({ verdict: "waiting", persons: 1, counted: 1 });
    await give("bert", "approve");
    const verdict = await count();
    expect(verdict).toMatchObject({ verdict: "approve", persons: 2, acceptsLossMs: "any", epoch: 1 });
    clock.advance(10 * plan.decision.answerWithinMs);
    expect(await count()).toEqual(verdict);
  });

  it.each([
    ["another execution", { execution: executionNamed("two") }, {}],
    ["another epoch", { epoch: 2 }, {}],
    ["another question", { number: 2 }, {}],
    ["another plan", {}, { planHash: "another" }],
  ])("of %s finds none of these answers", async (_what, changes, at) => {
    const { ask, give, count, context } = createPlace();
    await ask();
    await give("anna", "approve");
    await give("bert", "approve");
    expect(await count(changes, { ...context, ...at })).toMatchObject({ verdict: "waiting", persons: 0 });
    expect(await count()).toMatchObject({ verdict: "approve" });
  });

  it("ends a question that could never be put", async () => {
    const { count, clock } = createPlace();
    expect(await count()).toMatchObject({ verdict: "waiting" });
    clock.advance(plan.decision.answerWithinMs + 1);
    expect(await count()).toMatchObject({ verdict: "expired" });
  });

  it("passes over papers that somebody else has laid there", async () => {
    const { ask, give, count, store } = createPlace();
    await ask();
    await give("anna", "approve");
    for (const [name, body] of Object.entries({ a: null, b: "approve", c: { answer: "approve" }, d: [] }))
      store.put(atParis, `spacelift/approvals/${id}/answers/${name}.json`, body);
    expect(await count()).toMatchObject({ verdict: "waiting", persons: 1 });
  });
});

describe("whoever dies half-way", () => {
  /** What people and the machine do, each again until it is through; one write is met by the fate. */
  const play = async (
    fate: Fate,
    at: number,
  ): Promise<{ readonly verdict: string; readonly met: boolean }> => {
    let calls = 0;
    let met = false;
    const place = createPlace(() => {
      calls += 1;
      if (calls !== at) return "answered";
      met = true;
      return fate;
    });
    const untilDone = async <Result>(act: () => Promise<Result>): Promise<Result> => {
      for (let attempt = 0; ; attempt++) {
        try {
          return await act();
        } catch (error) {
          const isLost = error instanceof Killed || (error as Error).name === "LedgerUnreadable";
          if (!isLost || attempt > 3) throw error;
        }
      }
    };
    await untilDone(() => place.ask());
    await untilDone(() => place.give("anna", "approve"));
    const first = await untilDone(() => place.count());
    expect(first).toMatchObject({ verdict: "waiting", persons: 1 });
    await untilDone(() => place.ask({ attempt: 1, counted: first.counted, token: "token-1" }));
    await untilDone(() => place.give("bert", "approve"));
    // Nobody says what the bell is worth: the machine comes by itself.
    const { verdict } = await untilDone(() => place.count());
    expect(place.notices.length).toBeGreaterThanOrEqual(2);
    return { verdict, met };
  };

  it.each(["killed-before", "killed-after", "lost-before", "lost-after", "conflict"] as const)(
    "at any call (%s): two people stay two people",
    async (fate) => {
      let at = 1;
      for (; at < 100; at++) {
        const { verdict, met } = await play(fate, at);
        expect(verdict).toBe("approve");
        if (!met) break;
      }
      expect(at).toBeGreaterThan(15);
    },
  );

  it("after the record and before the bell: the next wait hears of it at once", async () => {
    const { ask, give, bells, count } = createPlace();
    await ask({ needed: 1 });
    const before = bells.length;
    await give("anna", "approve");
    bells.splice(before);
    await ask({ attempt: 1, token: "token-1", needed: 1 });
    expect(bells).toEqual(["token-1"]);
    expect(await count()).toMatchObject({ verdict: "approve" });
  });
});
