import {
  firstClaim,
  firstKillSwitch,
  firstLease,
  holds,
  isSealed,
  moveToFinish,
  renewedLease,
  sealedLease,
  withActiveSite,
  withFinisher,
  withHolder,
  withOutcome,
  withPhase,
  withProtection,
  withoutRequest,
  withRequest,
  type Claim,
  type Ending,
  type Holder,
  type Lease,
  type UnfinishedMove,
} from "@lifeboat/recovery/ledger";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const holder: Holder = { execution: "arn:1", site: "paris", from: "ireland", succeeds: null, loss: null };
const request = { execution: "arn:1", requestedAtMs: 1000, trigger: "alarm" };
const unknownLoss = { known: false, reason: "nobody looked" } as const;
const first = firstClaim("spacelift", "ireland", "w0");

const ending = (endedAtMs: number, recovered: boolean): Ending => ({
  execution: "arn:1",
  endedAtMs,
  recovered,
  givenUp: false,
});

type Transition = (claim: Claim, writeId: string) => Claim;

const anyTransition: fc.Arbitrary<{ name: string; apply: Transition }> = fc.oneof(
  fc.constant({ name: "request", apply: (claim: Claim, id: string) => withRequest(claim, request, id) }),
  fc.constant({ name: "holder", apply: (claim: Claim, id: string) => withHolder(claim, holder, id) }),
  fc.constant({ name: "phase", apply: (claim: Claim, id: string) => withPhase(claim, "promote", id) }),
  fc.constantFrom("ireland", "paris").map((site) => ({
    name: "active-site",
    apply: (claim: Claim, id: string) => withActiveSite(claim, { activeSite: site, loss: unknownLoss }, id),
  })),
  fc.record({ endedAtMs: fc.nat(), recovered: fc.boolean() }).map(({ endedAtMs, recovered }) => ({
    name: "outcome",
    apply: (claim: Claim, id: string) => withOutcome(claim, ending(endedAtMs, recovered), id),
  })),
  fc.constantFrom("protected" as const, "degraded" as const).map((protection) => ({
    name: "protection",
    apply: (claim: Claim, id: string) => withProtection(claim, protection, id),
  })),
);

const run = (steps: readonly { name: string; apply: Transition }[]): readonly Claim[] => {
  const claims = [first];
  let claim = first;
  for (const [index, { apply }] of steps.entries()) {
    claim = apply(claim, `w${index + 1}`);
    claims.push(claim);
  }
  return claims;
};

const always = (check: (name: string, before: Claim, after: Claim) => void): void =>
  fc.assert(
    fc.property(fc.array(anyTransition, { maxLength: 20 }), (steps) => {
      const claims = run(steps);
      for (const [index, { name }] of steps.entries()) {
        const before = claims[index];
        const after = claims[index + 1];
        if (before === undefined || after === undefined) throw new Error(`${name} left no claim`);
        check(name, before, after);
      }
    }),
  );

describe("every change of the claim", () => {
  it("grows the revision by one and carries its own write id", () => {
    always((_name, before, after) => {
      expect(after.revision).toBe(before.revision + 1);
      expect(after.writeId).not.toBe(before.writeId);
    });
  });

  it("opens a new epoch if and only if there is a new holder", () => {
    always((name, before, after) => {
      expect(after.epoch - before.epoch).toBe(name === "holder" ? 1 : 0);
    });
  });

  it("moves the active site at promotion only, and leaves it unprotected then", () => {
    always((name, before, after) => {
      if (name === "active-site") expect(after.protection).toBe("degraded");
      else expect(after.activeSite).toBe(before.activeSite);
    });
  });

  it("remembers the last finished recovery through everything that is none", () => {
    always((name, before, after) => {
      if (name !== "outcome") expect(after.recoveredAtMs).toBe(before.recoveredAtMs);
      else expect([before.recoveredAtMs, after.attemptEndedAtMs]).toContain(after.recoveredAtMs);
      if (before.recoveredAtMs !== null) expect(after.recoveredAtMs).not.toBeNull();
    });
  });

  it("leaves what it was made from as it was", () => {
    const frozen: Claim = Object.freeze({ ...first });
    for (const change of [withRequest(frozen, request, "w"), withHolder(frozen, holder, "w")])
      expect(change).not.toBe(frozen);
    expect(frozen).toEqual(first);
  });
});

describe("a claim", () => {
  it("begins at epoch 1, held by nobody", () => {
    expect(first).toMatchObject({ revision: 1, epoch: 1, holder: null, request: null, phase: "idle" });
    expect(first).toMatchObject({ activeSite: "ireland", recoveredAtMs: null });
    expect(first).toMatchObject({ attemptEndedAtMs: null, protection: "protected" });
  });

  it("is held by one execution in one epoch: neither an older epoch nor another execution may act", () => {
    const held = withHolder(first, holder, "w1");
    expect(holds(held, "arn:1", 2)).toBe(true);
    expect(holds(held, "arn:1", 1)).toBe(false);
    expect(holds(held, "arn:1", 3)).toBe(false);
    expect(holds(held, "arn:2", 2)).toBe(false);
    expect(holds(first, "arn:1", 1)).toBe(false);
  });

  it("is free after its outcome: no holder, no request, and the epoch stays", () => {
    const ended = run([
      { name: "request", apply: (claim, id) => withRequest(claim, request, id) },
      { name: "holder", apply: (claim, id) => withHolder(claim, holder, id) },
      { name: "outcome", apply: (claim, id) => withOutcome(claim, ending(9000, true), id) },
    ]).at(-1);
    expect(ended).toMatchObject({
      holder: null,
      request: null,
      phase: "idle",
      epoch: 2,
      recoveredAtMs: 9000,
    });
    expect(holds(ended ?? first, "arn:1", 2)).toBe(false);
  });

  it("keeps what another execution has of it: its request, its hold, its phase", () => {
    const requestedByOther = withRequest(first, { ...request, execution: "arn:2" }, "w1");
    expect(withOutcome(requestedByOther, ending(9000, false), "w2").request?.execution).toBe("arn:2");
    const heldByOther = withPhase(
      withHolder(first, { ...holder, execution: "arn:2" }, "w1"),
      "promote",
      "w2",
    );
    expect(withOutcome(withRequest(heldByOther, request, "w3"), ending(9000, false), "w4")).toMatchObject({
      holder: { execution: "arn:2" },
      phase: "promote",
      request: null,
    });
  });

  it("is given back before the point of no return, whatever was achieved", () => {
    const held = withPhase(withHolder(first, holder, "w1"), "fence", "w2");
    expect(withOutcome(held, ending(9000, false), "w3")).toMatchObject({ holder: null, phase: "idle" });
  });

  it("stays held past the point of no return by an execution that ended unfinished", () => {
    const held = withPhase(withHolder(first, holder, "w1"), "promote", "w2");
    expect(withOutcome(held, ending(9000, false), "w3")).toMatchObject({
      holder,
      phase: "promote",
      recoveredAtMs: null,
      attemptEndedAtMs: 9000,
    });
  });

  it("stays held by one that took over from such an execution and ended before it had done anything itself", () => {
    const left = withPhase(withHolder(first, holder, "w1"), "promote", "w2");
    const successor = { ...holder, execution: "arn:2", succeeds: holder.execution };
    const held = withHolder(left, successor, "w3");
    expect(held).toMatchObject({ epoch: left.epoch + 1, holder: successor, phase: "promote" });
    const end = { ...ending(9000, false), execution: "arn:2" };
    expect(withOutcome(held, end, "w4")).toMatchObject({ holder: successor, phase: "promote" });
    expect(withOutcome(held, { ...end, givenUp: true }, "w4")).toMatchObject({ holder: null });
  });

  it("is given back by one that took over from a dead holder whose site is the active one, and did nothing itself", () => {
    const finishing = withFinisher(
      { ...first, activeSite: "paris" },
      { execution: "arn:1", site: "paris" },
      { execution: "arn:0", from: "ireland", loss: unknownLoss, startedAtMs: null },
      "w1",
    );
    const away: Holder = { ...holder, execution: "arn:2", site: "ireland", from: "paris" };
    const held = withHolder(finishing, away, "w2");
    expect(held).toMatchObject({ holder: away, phase: "claim", activeSite: "paris" });
    const end = { ...ending(9000, false), execution: "arn:2" };
    // The site goes on, and what was left to be finished there still is.
    expect(withOutcome(held, end, "w3")).toMatchObject({
      holder: null,
      phase: "idle",
      unfinished: { execution: "arn:0" },
    });
  });

  it("does not go back behind a promotion that may take effect, although nobody is recorded who asked for it", () => {
    const left = withPhase(first, "promote", "w1");
    expect(withHolder(left, holder, "w2").phase).toBe("promote");
  });

  it("is given back past it by a recovery that finished, or by a person who saw that nothing was promoted", () => {
    const held = withPhase(withHolder(first, holder, "w1"), "promote", "w2");
    const free = { holder: null, phase: "idle" };
    expect(withOutcome(held, ending(9000, true), "w3")).toMatchObject(free);
    const givenUp = { ...ending(9000, false), givenUp: true };
    expect(withOutcome(held, givenUp, "w3")).toMatchObject({ ...free, recoveredAtMs: null });
  });

  it("is not given back by another execution, although that one recovered, or was given up", () => {
    const held = withHolder(first, { ...holder, execution: "arn:2" }, "w1");
    for (const end of [ending(9000, true), { ...ending(9000, false), givenUp: true }]) {
      expect(withOutcome(held, end, "w2")).toMatchObject({ holder: { execution: "arn:2" }, phase: "claim" });
    }
  });

  it("keeps the loss with its holder once the active site changes, and nothing where nobody holds it", () => {
    const promotion = { activeSite: "paris", loss: unknownLoss };
    const held = withHolder(first, holder, "w1");
    expect(withActiveSite(held, promotion, "w2")).toEqual({
      ...held,
      revision: 3,
      writeId: "w2",
      activeSite: "paris",
      holder: { ...holder, loss: unknownLoss },
      protection: "degraded",
    });
    expect(withActiveSite(first, promotion, "w1")).toMatchObject({ activeSite: "paris", holder: null });
  });

  it("is protected again when the old site is back, and nothing else of it changes", () => {
    const degraded = withActiveSite(first, { activeSite: "paris", loss: unknownLoss }, "w1");
    expect(withProtection(degraded, "protected", "w2")).toEqual({
      ...degraded,
      revision: 3,
      writeId: "w2",
      protection: "protected",
    });
  });

  it("keeps the time of the last finished recovery when an execution ends without one", () => {
    const recovered = withOutcome(first, ending(9000, true), "w1");
    expect(withOutcome(recovered, ending(12_000, false), "w2")).toMatchObject({
      recoveredAtMs: 9000,
      attemptEndedAtMs: 12_000,
    });
  });
});

describe("the request of an execution that has ended", () => {
  it("is taken away, and nothing of another's", () => {
    const request = { execution: "arn:one", requestedAtMs: 1, trigger: "watch" };
    const asked = withRequest(firstClaim("spacelift", "ireland", "w0"), request, "w1");
    expect(withoutRequest(asked, "arn:one", "w2")).toEqual({
      ...asked,
      request: null,
      revision: 3,
      writeId: "w2",
    });
    expect(withoutRequest(asked, "arn:two", "w2").request).toEqual(request);
  });
});

describe("an execution that ends unfinished after its site has become the active one", () => {
  it("gives its hold back: nothing is left that could still take effect", () => {
    const holder = { execution: "arn:one", site: "paris", from: "ireland", succeeds: null, loss: null };
    const held = withPhase(
      withHolder(firstClaim("spacelift", "ireland", "w0"), holder, "w1"),
      "promote",
      "w2",
    );
    const ending = { execution: "arn:one", endedAtMs: 9000, recovered: false, givenUp: false };
    expect(withOutcome(held, ending, "w3").holder).not.toBeNull();
    const loss = { known: false, reason: "nobody knows" } as const;
    const activated = withActiveSite(held, { activeSite: "paris", loss }, "w3");
    expect(withOutcome(activated, ending, "w4")).toMatchObject({
      holder: null,
      phase: "idle",
      activeSite: "paris",
    });
  });
});

describe("when a move began", () => {
  const loss = unknownLoss;
  const moving = (claim: Claim, of: Holder): Claim => withPhase(withHolder(claim, of, "h"), "promote", "p");
  const begun: Holder = { ...holder, startedAtMs: 700 };
  const arrived = withActiveSite(moving(first, begun), { activeSite: "paris", loss }, "a");

  it("is kept once its site is the active one, through its end, its finishing and the protection", () => {
    expect(moving(first, begun)).not.toHaveProperty("moved");
    expect(arrived.moved).toEqual({ to: "paris", sinceMs: 700 });
    const left = withOutcome(arrived, ending(9000, false), "o");
    const finisher = { execution: "arn:2", site: "paris", startedAtMs: 90_000 };
    const move = moveToFinish(left, "paris");
    if (move === null) throw new Error("there is a move to finish");
    const finished = withOutcome(
      withFinisher(left, finisher, move, "f"),
      { ...ending(99_000, true), execution: "arn:2" },
      "o",
    );
    expect(finished).toMatchObject({ holder: null, moved: arrived.moved });
    expect(withProtection(finished, "protected", "d").moved).toEqual(arrived.moved);
  });

  it("is when the first one began that may have asked for the promotion, whoever took over", () => {
    const second = { ...holder, execution: "arn:2", succeeds: "arn:1", startedAtMs: 5000 };
    const third = { ...holder, execution: "arn:3", succeeds: "arn:2", startedAtMs: 8000 };
    const taken = withHolder(withHolder(moving(first, begun), second, "w1"), third, "w2");
    const promoted = withActiveSite(taken, { activeSite: "paris", loss }, "w3");
    expect(promoted.moved).toEqual({ to: "paris", sinceMs: 700 });
    // What the finished move is measured by stays its own.
    expect(promoted.holder?.startedAtMs).toBe(8000);
  });

  it("is when the holder itself began where the one before had promoted nothing, or had arrived", () => {
    const second = { ...holder, execution: "arn:2", succeeds: "arn:1", startedAtMs: 5000 };
    const early = withHolder(withPhase(withHolder(first, begun, "w1"), "fence", "w2"), second, "w3");
    expect(withActiveSite(early, { activeSite: "paris", loss }, "w4").moved).toEqual({
      to: "paris",
      sinceMs: 5000,
    });
    const back: Holder = { ...second, site: "ireland", from: "paris" };
    const returned = withActiveSite(withHolder(arrived, back, "w1"), { activeSite: "ireland", loss }, "w2");
    expect(returned.moved).toEqual({ to: "ireland", sinceMs: 5000 });
  });

  it("is not made up: nobody knows it of a holder of older code, of one unknown, and of who takes over from these", () => {
    const { movingSinceMs: _, ...older } = moving(first, begun).holder ?? holder;
    const second = { ...begun, execution: "arn:2", succeeds: "arn:1", startedAtMs: 5000 };
    const claims: readonly Claim[] = [
      { ...arrived, activeSite: "ireland", holder: older },
      moving(first, holder),
      withHolder({ ...moving(first, begun), holder: older }, second, "w1"),
      withHolder(withPhase(first, "promote", "w1"), second, "w2"),
    ];
    for (const claim of claims)
      expect(withActiveSite(claim, { activeSite: "paris", loss }, "w3")).not.toHaveProperty("moved");
  });
});

describe("a lease", () => {
  const lease = firstLease("spacelift", "ireland", 90_000, "w0");
  const renewal: Pick<Lease, "site" | "by" | "epoch" | "durationMs" | "canary" | "fenced"> = {
    site: "paris",
    by: "paris",
    epoch: 2,
    durationMs: 60_000,
    canary: { sequence: 1, acknowledgedAtMs: 5, periodMs: 10, reportedAtMs: 15 },
    fenced: false,
  };

  it("begins unfenced, without a canary, for the active site", () => {
    expect(lease).toMatchObject({ revision: 1, epoch: 1, site: "ireland", canary: null, fenced: false });
  });

  it("shows every renewal by its revision, so that a waiter sees that it is alive", () => {
    expect(renewedLease(lease, renewal, "w1")).toEqual({ ...lease, ...renewal, revision: 2, writeId: "w1" });
  });

  it("that was sealed lasts no time, is another site's in another epoch, and keeps the last report", () => {
    const reported = { ...lease, canary: renewal.canary };
    const sealed = sealedLease(reported, "paris", 2, "w1");
    expect(sealed).toEqual({
      ...reported,
      site: "paris",
      by: "paris",
      epoch: 2,
      durationMs: 0,
      revision: 2,
      writeId: "w1",
    });
    expect([lease, sealed, renewedLease(sealed, renewal, "w2")].map(isSealed)).toEqual([false, true, false]);
  });

  it("is not fenced any more once it is renewed", () => {
    const fenced = renewedLease(lease, { ...lease, fenced: true }, "w1");
    expect(renewedLease(fenced, renewal, "w2").fenced).toBe(false);
  });
});

describe("a kill switch", () => {
  it("begins off", () => {
    expect(firstKillSwitch("spacelift", "w0")).toEqual({
      revision: 1,
      writeId: "w0",
      workload: "spacelift",
      on: false,
      by: "bootstrap",
      why: "created off",
    });
  });
});

describe("a move whose site is the active one", () => {
  const loss = { known: true, interval: { minMs: 0, maxMs: 5000 } } as const;
  const started: Holder = { ...holder, startedAtMs: 700 };
  const held = withActiveSite(
    withPhase(withHolder(first, started, "w1"), "promote", "w2"),
    { activeSite: "paris", loss },
    "w3",
  );
  const move: UnfinishedMove = { execution: "arn:1", from: "ireland", loss, startedAtMs: 700 };
  const left = withOutcome(withRequest(held, request, "w4"), ending(9000, false), "w5");

  it("is noted as unfinished when its execution ends so: who began it and when, from where, and what was lost", () => {
    expect(left).toMatchObject({ holder: null, request: null, phase: "idle", activeSite: "paris" });
    expect(left.unfinished).toEqual(move);
    expect(left.recoveredAtMs).toBeNull();
    expect(moveToFinish(left, "paris")).toEqual(move);
  });

  it("is not, once it has recovered, or where it never came so far", () => {
    expect(withOutcome(held, ending(9000, true), "w4")).not.toHaveProperty("unfinished");
    expect(moveToFinish(withOutcome(held, ending(9000, true), "w4"), "paris")).toBeNull();
    const early = withHolder(first, holder, "w1");
    expect(withOutcome(early, ending(9000, false), "w2")).not.toHaveProperty("unfinished");
    const gone = withPhase(early, "promote", "w2");
    expect(withOutcome(gone, ending(9000, false), "w3")).not.toHaveProperty("unfinished");
  });

  it("is not noted by the end of an execution that does not hold it", () => {
    const other = { ...ending(9000, false), execution: "arn:2" };
    expect(withOutcome(held, other, "w4")).not.toHaveProperty("unfinished");
    expect(withOutcome(left, { ...other, recovered: true }, "w6").unfinished).toEqual(move);
  });

  it("may be finished at its own site alone, and by its holder's word where it is held", () => {
    expect(moveToFinish(held, "paris")).toEqual(move);
    expect(moveToFinish(held, "ireland")).toBeNull();
    expect(moveToFinish(left, "ireland")).toBeNull();
    expect(moveToFinish(first, "ireland")).toBeNull();
    expect(moveToFinish(withHolder(first, holder, "w1"), "paris")).toBeNull();
  });

  it("may be finished where an older body says neither when it began nor what was lost", () => {
    const older: Claim = { ...held, holder };
    expect(moveToFinish(older, "paris")).toEqual({
      execution: "arn:1",
      from: "ireland",
      loss: { known: false, reason: "the ledger does not say what the promotion lost" },
      startedAtMs: null,
    });
  });

  it("is not to be finished while somebody moves the workload away, and is again once that was given up", () => {
    const away: Holder = { ...holder, execution: "arn:3", site: "ireland", from: "paris" };
    const leaving = withHolder(left, away, "w6");
    expect(moveToFinish(leaving, "paris")).toBeNull();
    const givenBack = withOutcome(leaving, { ...ending(9500, false), execution: "arn:3" }, "w7");
    expect(givenBack).toMatchObject({ holder: null, activeSite: "paris", unfinished: move });
    const moved = withActiveSite(leaving, { activeSite: "ireland", loss }, "w7");
    expect(moved).not.toHaveProperty("unfinished");
  });

  it("is not forgotten when its dead holder is taken over from by one that leads away and gives up", () => {
    const away: Holder = { ...holder, execution: "arn:3", site: "ireland", from: "paris", succeeds: "arn:1" };
    const leaving = withHolder(held, away, "w4");
    expect(leaving).toMatchObject({ holder: away, phase: "claim", unfinished: move });
    const givenBack = withOutcome(leaving, { ...ending(9500, false), execution: "arn:3" }, "w5");
    expect(moveToFinish(givenBack, "paris")).toEqual(move);
    const moved = withActiveSite(leaving, { activeSite: "ireland", loss }, "w5");
    expect(moved).not.toHaveProperty("unfinished");
  });

  it("is finished in a new epoch, past the point of no return, with the loss that was measured", () => {
    const finisher = { execution: "arn:2", site: "paris", startedAtMs: 12_000 };
    const finishing = withFinisher(left, finisher, move, "w6");
    expect(finishing).toEqual({
      ...left,
      revision: left.revision + 1,
      writeId: "w6",
      epoch: left.epoch + 1,
      holder: { ...finisher, from: "ireland", succeeds: null, loss },
      phase: "start-services",
      unfinished: move,
    });
    const end = { ...ending(15_000, true), execution: "arn:2" };
    expect(withOutcome(finishing, end, "w7")).toMatchObject({ holder: null, recoveredAtMs: 15_000 });
    expect(withOutcome(finishing, end, "w7")).not.toHaveProperty("unfinished");
    // Unfinished again it is still the first one's move.
    expect(withOutcome(finishing, { ...end, recovered: false }, "w7").unfinished).toEqual(move);
  });

  describe("that an older deployment has left in a claim of a later move back", () => {
    // What withActiveSite was before it knew of such notes: it wrote back what it found.
    const back: Holder = { ...holder, execution: "arn:3", site: "ireland", from: "paris", startedAtMs: 8000 };
    const activated: Claim = {
      ...withHolder(left, back, "w6"),
      activeSite: "ireland",
      holder: { ...back, loss },
      unfinished: move,
    };
    const ended: Claim = { ...activated, holder: null, phase: "idle" };
    const endOfBack = { ...ending(9500, false), execution: "arn:3" };

    it("is no move to finish: its note says that the active site was left", () => {
      expect(moveToFinish(ended, "ireland")).toBeNull();
      expect(moveToFinish(ended, "paris")).toBeNull();
    });

    it("does not stand before the one that was really left", () => {
      const moveBack = { execution: "arn:3", from: "paris", loss, startedAtMs: 8000 };
      expect(moveToFinish(activated, "ireland")).toEqual(moveBack);
      expect(withOutcome(activated, endOfBack, "w8").unfinished).toEqual(moveBack);
    });

    it("is dropped by the next claim, and by the end of whatever execution", () => {
      const again = withHolder(ended, { ...holder, execution: "arn:4" }, "w8");
      expect(again).not.toHaveProperty("unfinished");
      for (const execution of ["arn:3", "arn:5"])
        for (const recovered of [true, false])
          for (const claim of [ended, again])
            expect(withOutcome(claim, { ...endOfBack, execution, recovered }, "w9")).not.toHaveProperty(
              "unfinished",
            );
    });

    it("is not carried on by one that was let finish it", () => {
      const finisher = { execution: "arn:6", site: "ireland", startedAtMs: 12_000 };
      const finishing = withFinisher(ended, finisher, move, "w8");
      // Dead, it would hold the workload for ever if nobody might finish what it began.
      expect(moveToFinish(finishing, "ireland")).toMatchObject({ execution: "arn:6" });
      const away = { ...holder, execution: "arn:7" };
      expect(withHolder(finishing, away, "w9")).not.toHaveProperty("unfinished");
      const end = { ...endOfBack, execution: "arn:6" };
      expect(withOutcome(finishing, end, "w9")).toMatchObject({ holder: null, phase: "idle" });
      expect(withOutcome(finishing, end, "w9")).not.toHaveProperty("unfinished");
    });
  });

  it("succeeds a holder that never let go, whose steps may still run", () => {
    const finisher = { execution: "arn:2", site: "paris" };
    expect(withFinisher(held, finisher, move, "w4").holder).toMatchObject({
      execution: "arn:2",
      succeeds: "arn:1",
    });
  });
});
