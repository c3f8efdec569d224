import { decide, type Decision, type Override, type Situation } from "@lifeboat/recovery/decide";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const ada: Override = { who: "Ada", why: "the region is gone", acceptLossMs: null };

/** Everything speaks for a failover. */
const clear: Situation = {
  trigger: "automatic",
  mode: "automatic",
  killSwitchOn: false,
  otherExecution: null,
  quorum: { met: true, failing: 3, needed: 3, reason: "quorum" },
  cooldown: { over: true, reason: "cool" },
  readiness: { ready: true, reason: "ready" },
  loss: { allowed: true, maxMs: 10_000, reason: "little loss" },
  override: null,
  approval: null,
  approvals: { usual: 1, lossy: 2 },
};

const at = (changes: Partial<Situation>): Decision => decide({ ...clear, ...changes });
const noOutage = { met: false, failing: 1, needed: 3, reason: "no quorum" };
const hot = { over: false, reason: "too soon" };
const unfit = { ready: false, reason: "no replica" };
const lossy = { allowed: false, maxMs: 300_000, reason: "much loss" };
const unknownLoss = { allowed: false, maxMs: null, reason: "unknown loss" };

describe("the decision table", () => {
  const rows: readonly (readonly [
    string,
    Partial<Situation>,
    Pick<Decision, "rule" | "verdict" | "approvalsNeeded">,
  ])[] = [
    ["everything speaks for it: go", {}, { rule: "go", verdict: "go", approvalsNeeded: 0 }],
    [
      "the kill switch is on: nothing acts",
      { killSwitchOn: true },
      { rule: "kill-switch", verdict: "refuse", approvalsNeeded: 0 },
    ],
    [
      "another execution has the workload: refuse",
      { otherExecution: "arn:other" },
      { rule: "one-execution", verdict: "refuse", approvalsNeeded: 0 },
    ],
    [
      "no quorum: there is nothing to recover from",
      { quorum: noOutage },
      { rule: "no-outage", verdict: "not-needed", approvalsNeeded: 0 },
    ],
    [
      "no quorum, and a person started it without an override: nothing to recover from either",
      { quorum: noOutage, trigger: "person" },
      { rule: "no-outage", verdict: "not-needed", approvalsNeeded: 0 },
    ],
    [
      "a recovery has just finished: refuse",
      { cooldown: hot },
      { rule: "cooldown", verdict: "refuse", approvalsNeeded: 0 },
    ],
    [
      "the standby is unfit: refuse",
      { readiness: unfit },
      { rule: "standby-not-ready", verdict: "refuse", approvalsNeeded: 0 },
    ],
    [
      "more than the limit would be lost: as many people as the plan wants for that",
      { loss: lossy },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "nobody knows what would be lost: the same",
      { loss: unknownLoss },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "the plan wants a person's approval",
      { mode: "approval" },
      { rule: "approval-mode", verdict: "ask", approvalsNeeded: 1 },
    ],
    [
      "the plan wants two people's approval",
      { mode: "approval", approvals: { usual: 2, lossy: 2 } },
      { rule: "approval-mode", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "a person orders it during the cooldown and without a quorum: go",
      { override: ada, cooldown: hot, quorum: noOutage },
      { rule: "go", verdict: "go", approvalsNeeded: 0 },
    ],
    [
      "a person orders it where a person's approval is wanted: that person is the one",
      { override: ada, mode: "approval" },
      { rule: "go", verdict: "go", approvalsNeeded: 0 },
    ],
    [
      "it is ordered in a name where two people are wanted: a name proves nobody, two have to sign",
      { override: ada, approvals: { usual: 2, lossy: 2 } },
      { rule: "override", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "and two have signed: go",
      {
        override: ada,
        approvals: { usual: 2, lossy: 2 },
        approval: { persons: 2, acceptsLossMs: 10_000 },
      },
      { rule: "go", verdict: "go", approvalsNeeded: 0 },
    ],
    [
      "a person orders it and says nothing of a loss above the limit: all of them are asked",
      { override: ada, loss: lossy },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "a person orders it and says nothing of a loss: not the smallest one is accepted",
      { override: ada, loss: { ...lossy, maxMs: 0 } },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "a person accepts less than would be lost: all of them are asked",
      { override: { ...ada, acceptLossMs: 299_999 }, loss: lossy },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "an order accepts as much as would be lost, and two people have to: two have to sign",
      { override: { ...ada, acceptLossMs: 300_000 }, loss: lossy },
      { rule: "lossy-override", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "one person has signed where two have to: both are asked",
      { loss: lossy, approval: { persons: 1, acceptsLossMs: "any" } },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "two have signed for as much as would be lost: go",
      { loss: lossy, approval: { persons: 2, acceptsLossMs: 300_000 } },
      { rule: "go", verdict: "go", approvalsNeeded: 0 },
    ],
    [
      "two have signed for less than would be lost now: asked again",
      { loss: lossy, approval: { persons: 2, acceptsLossMs: 299_999 } },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "two have signed for a number, and now nobody knows: asked again",
      { loss: unknownLoss, approval: { persons: 2, acceptsLossMs: 300_000 } },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "two have signed for whatever is lost: go",
      { loss: unknownLoss, approval: { persons: 2, acceptsLossMs: "any" } },
      { rule: "go", verdict: "go", approvalsNeeded: 0 },
    ],
    [
      "two have signed at a hold, where no loss was spoken of: asked about the loss",
      { override: ada, loss: lossy, approval: { persons: 2, acceptsLossMs: null } },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "the outage was over before people had approved: not needed",
      { mode: "approval", quorum: noOutage, approval: { persons: 1, acceptsLossMs: "any" } },
      { rule: "no-outage", verdict: "not-needed", approvalsNeeded: 0 },
    ],
    [
      "the standby was lost before people had approved: refuse",
      { readiness: unfit, approval: { persons: 5, acceptsLossMs: "any" } },
      { rule: "standby-not-ready", verdict: "refuse", approvalsNeeded: 0 },
    ],
    [
      "a person accepts as much as would be lost, and one is enough: go",
      { override: { ...ada, acceptLossMs: 300_000 }, loss: lossy, approvals: { usual: 1, lossy: 1 } },
      { rule: "go", verdict: "go", approvalsNeeded: 0 },
    ],
    [
      "a person accepts a number, and nobody knows what would be lost: all of them are asked",
      { override: { ...ada, acceptLossMs: 86_400_000 }, loss: unknownLoss },
      { rule: "loss", verdict: "ask", approvalsNeeded: 2 },
    ],
    [
      "a person accepts any loss, known or not, and one is enough: go",
      { override: { ...ada, acceptLossMs: "any" }, loss: unknownLoss, approvals: { usual: 1, lossy: 1 } },
      { rule: "go", verdict: "go", approvalsNeeded: 0 },
    ],
  ];

  it.each(rows)("%s", (_row, changes, expected) => {
    expect(at(changes)).toMatchObject(expected);
  });

  it("has a test for each of its rows", () => {
    const named = new Set(rows.map(([, , { rule }]) => rule));
    expect([...named].sort()).toEqual(
      [
        "approval-mode",
        "cooldown",
        "go",
        "kill-switch",
        "loss",
        "lossy-override",
        "no-outage",
        "one-execution",
        "override",
        "standby-not-ready",
      ].sort(),
    );
  });

  it("gives a reason that an operator can act on, with the name of whoever ordered it", () => {
    expect(at({ killSwitchOn: true }).reason).toMatch(/lift it/);
    expect(at({ otherExecution: "arn:x" }).reason).toMatch(/arn:x/);
    expect(at({ quorum: noOutage }).reason).toBe("no quorum");
    expect(at({ cooldown: hot }).reason).toBe("too soon");
    expect(at({ readiness: unfit }).reason).toBe("no replica");
    expect(at({ mode: "approval" }).reason).toBe("the plan wants a person's approval; quorum");
    expect(at({}).reason).toBe("quorum; little loss; ready");
    expect(at({ override: ada }).reason).toMatch(/Ada orders it \(the region is gone\)/);
    expect(at({ override: ada, loss: lossy }).reason).toMatch(/override of Ada does not accept so much/);
    expect(at({ override: ada, approvals: { usual: 2, lossy: 2 } }).reason).toBe(
      "Ada asks for it (the region is gone), and the plan wants 2 people to",
    );
    expect(at({ override: { ...ada, acceptLossMs: "any" }, loss: lossy }).reason).toBe(
      "Ada accepts the loss (the region is gone), and the plan wants 2 people to; much loss",
    );
  });
});

const anyOverride: fc.Arbitrary<Override | null> = fc.option(
  fc.record({
    who: fc.constant("Ada"),
    why: fc.constant("because"),
    acceptLossMs: fc.oneof(
      fc.constant(null),
      fc.constant("any" as const),
      fc.integer({ min: 0, max: 600_000 }),
    ),
  }),
);

const anyLoss: fc.Arbitrary<Situation["loss"]> = fc
  .record({ allowed: fc.boolean(), maxMs: fc.option(fc.integer({ min: 0, max: 600_000 })) })
  // An unknown loss is never allowed: `judgeLoss` sees to that.
  .map(({ allowed, maxMs }) => ({ allowed: allowed && maxMs !== null, maxMs, reason: "loss" }));

const anySituation: fc.Arbitrary<Situation> = fc.record({
  trigger: fc.constantFrom("automatic", "person"),
  mode: fc.constantFrom("automatic", "approval"),
  killSwitchOn: fc.boolean(),
  otherExecution: fc.option(fc.constant("arn:other")),
  quorum: fc.boolean().map((met) => ({ met, failing: 1, needed: 1, reason: "quorum" })),
  cooldown: fc.boolean().map((over) => ({ over, reason: "cooldown" })),
  readiness: fc.boolean().map((ready) => ({ ready, reason: "readiness" })),
  loss: anyLoss,
  override: anyOverride,
  approval: fc.option(
    fc.record({
      persons: fc.integer({ min: 1, max: 8 }),
      acceptsLossMs: fc.option(fc.oneof(fc.constant("any" as const), fc.integer({ min: 0, max: 600_000 }))),
    }),
  ),
  approvals: fc
    .record({ usual: fc.integer({ min: 1, max: 5 }), more: fc.integer({ min: 0, max: 3 }) })
    .map(({ usual, more }) => ({ usual, lossy: usual + more })),
});

const always = (claim: (situation: Situation, decision: Decision) => void): void =>
  fc.assert(
    fc.property(anySituation, (situation) => claim(situation, decide(situation))),
    { numRuns: 1000 },
  );

/** People who stand behind a decision: those who are to sign, or have; one who may start the machine, where one is enough. */
const peopleBehind = ({ override, approval }: Situation, { verdict, approvalsNeeded }: Decision): number =>
  verdict === "ask" ? approvalsNeeded : Math.max(approval?.persons ?? 0, override === null ? 0 : 1);

describe("whatever the situation", () => {
  it("the kill switch stops everything, an override included", () => {
    always((situation, { verdict }) => {
      if (situation.killSwitchOn) expect(verdict).toBe("refuse");
    });
  });

  it("no override opens the lock of another execution, nor makes an unfit standby fit", () => {
    always(({ otherExecution, readiness }, { verdict }) => {
      if (otherExecution !== null || !readiness.ready) expect(["refuse", "not-needed"]).toContain(verdict);
    });
  });

  it("nothing goes or is asked for without an outage, unless a person orders it", () => {
    always(({ quorum, cooldown, override }, { verdict }) => {
      if ((!quorum.met || !cooldown.over) && override === null) expect(["go", "ask"]).not.toContain(verdict);
    });
  });

  it("a loss above the limit, or unknown, always has as many people behind it as the plan wants", () => {
    always((situation, decision) => {
      if (situation.loss.allowed || !["go", "ask"].includes(decision.verdict)) return;
      expect(peopleBehind(situation, decision)).toBeGreaterThanOrEqual(situation.approvals.lossy);
    });
  });

  it("where the plan wants approval, as many people stand behind it as the plan wants", () => {
    always((situation, decision) => {
      if (situation.mode !== "approval" || !["go", "ask"].includes(decision.verdict)) return;
      expect(peopleBehind(situation, decision)).toBeGreaterThanOrEqual(situation.approvals.usual);
    });
  });

  it("an approval never makes a situation go that would be refused without", () => {
    always((situation, { verdict }) => {
      const without = decide({ ...situation, approval: null }).verdict;
      if (without === "refuse" || without === "not-needed") expect(verdict).toBe(without);
    });
  });

  it("people are asked for exactly when the verdict is to ask", () => {
    always((_situation, { verdict, approvalsNeeded }) => {
      expect(approvalsNeeded > 0).toBe(verdict === "ask");
    });
  });

  it("accepting more loss never takes more people", () => {
    always((situation, decision) => {
      if (situation.override === null) return;
      const any = decide({ ...situation, override: { ...situation.override, acceptLossMs: "any" } });
      expect(any.approvalsNeeded).toBeLessThanOrEqual(decision.approvalsNeeded);
    });
  });
});
