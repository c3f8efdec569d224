import { judgeFencing, type FencingEvidence, type FencingVerdict } from "@lifeboat/recovery/fencing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const terms = { durationMs: 90_000, renewEveryMs: 10_000, fenceWithinMs: 20_000, driftMarginMs: 3000 };
const RUN_OUT_MS = terms.durationMs + terms.driftMarginMs;
const nowMs = 1_000_000;

const alive = {
  revision: 4,
  sinceMs: nowMs - 10_000,
  canarySilentForMs: 0,
  durationMs: 90_000,
  fenced: false,
};
const runOut = {
  revision: 4,
  sinceMs: nowMs - RUN_OUT_MS,
  canarySilentForMs: 0,
  durationMs: 90_000,
  fenced: false,
};
const fenced = { ...alive, fenced: true };
const ada = { who: "Ada", why: "the region is gone for good" };

const judge = (evidence: Partial<FencingEvidence>): FencingVerdict =>
  judgeFencing(
    {
      atWitness: runOut,
      atStandby: runOut,
      enforcerBesideWriter: false,
      acceptPresumedFencing: false,
      override: null,
      ...evidence,
    },
    terms,
    nowMs,
  );

describe("a promotion is allowed", () => {
  it("when the old primary said at both places that it is fenced, even before its lease ends", () => {
    expect(judge({ atWitness: fenced, atStandby: fenced })).toEqual({
      type: "may-promote",
      basis: "confirmed",
      reason: "the old primary has fenced itself and said so",
    });
  });

  it("when both leases have run out and an enforcer beside the writer acts on them", () => {
    expect(judge({ enforcerBesideWriter: true })).toEqual({
      type: "may-promote",
      basis: "lease-run-out",
      reason:
        "the lease has run out at the witness and at the standby, and the enforcer beside the writer has ended its sessions",
    });
  });

  it("when both have run out and the plan accepts presumed fencing", () => {
    expect(judge({ acceptPresumedFencing: true })).toEqual({
      type: "may-promote",
      basis: "presumed",
      reason: "the lease has run out, and the plan accepts presumed fencing",
    });
  });

  it("when both have run out and a person takes the responsibility", () => {
    expect(judge({ override: ada })).toEqual({
      type: "may-promote",
      basis: "override",
      reason: "Ada took responsibility: the region is gone for good",
    });
  });

  it("when the lease can be read nowhere and a person takes the responsibility", () => {
    expect(judge({ atWitness: null, atStandby: null, override: ada })).toMatchObject({ basis: "override" });
  });

  it("on that person's word alone where one place cannot be read, whatever enforces or is presumed", () => {
    const rest = { enforcerBesideWriter: true, acceptPresumedFencing: true, override: ada };
    for (const place of ["atWitness", "atStandby"]) {
      expect(judge({ ...rest, [place]: null })).toMatchObject({ type: "may-promote", basis: "override" });
    }
  });
});

describe("a promotion waits", () => {
  it.each([
    ["at the witness", { atWitness: alive }],
    ["at the standby", { atStandby: alive }],
  ])("while the lease %s has not run out, until it has", (_where, evidence) => {
    expect(judge({ ...evidence, enforcerBesideWriter: true })).toEqual({
      type: "wait",
      untilMs: alive.sinceMs + RUN_OUT_MS,
      reason: "the old primary's lease has not run out yet",
    });
  });

  it("for the later of the two leases", () => {
    const later = { ...alive, sinceMs: nowMs - 1000 };
    expect(judge({ atWitness: alive, atStandby: later })).toMatchObject({
      untilMs: later.sinceMs + RUN_OUT_MS,
    });
  });

  it("although a person ordered it: an override shortens no lease", () => {
    expect(judge({ atWitness: alive, override: ada }).type).toBe("wait");
  });

  it("for the lease that is seen alive, although the other cannot be read and a person ordered it", () => {
    expect(judge({ atWitness: null, atStandby: alive, override: ada }).type).toBe("wait");
    expect(judge({ atWitness: alive, atStandby: null, override: ada }).type).toBe("wait");
  });

  it("while one place says fenced and the other is renewed: the word may be old", () => {
    expect(judge({ atWitness: alive, atStandby: fenced, enforcerBesideWriter: true }).type).toBe("wait");
    expect(judge({ atWitness: fenced, atStandby: alive, enforcerBesideWriter: true }).type).toBe("wait");
  });
});

describe("a person is asked", () => {
  it("when the lease cannot be read somewhere: it may be renewed this very moment", () => {
    for (const evidence of [{ atWitness: null }, { atStandby: null }]) {
      expect(judge({ ...evidence, enforcerBesideWriter: true, acceptPresumedFencing: true }).type).toBe(
        "ask",
      );
    }
  });

  it("with the place that could not be read named", () => {
    const silent = (where: string): string =>
      `the lease cannot be read at ${where}: nothing proves that the old primary has stopped`;
    expect(judge({ atWitness: null })).toEqual({ type: "ask", reason: silent("the witness") });
    expect(judge({ atStandby: null })).toEqual({ type: "ask", reason: silent("the standby") });
  });

  it("when one place says fenced and the other cannot be read", () => {
    expect(judge({ atWitness: null, atStandby: fenced }).type).toBe("ask");
    expect(judge({ atWitness: fenced, atStandby: null }).type).toBe("ask");
  });

  it("when both leases have run out, but nothing acts on that beside the writer", () => {
    expect(judge({})).toMatchObject({
      type: "ask",
      reason: expect.stringMatching(/no enforcer sits beside/),
    });
  });
});

describe("whatever the evidence", () => {
  const sighting = fc.option(
    fc.record({
      revision: fc.integer({ min: 1, max: 9 }),
      sinceMs: fc.integer({ min: 0, max: nowMs }),
      canarySilentForMs: fc.integer({ min: 0, max: 2 * terms.durationMs }),
      durationMs: fc.constantFrom(0, terms.durationMs),
      fenced: fc.boolean(),
    }),
  );
  const anyEvidence: fc.Arbitrary<FencingEvidence> = fc.record({
    atWitness: sighting,
    atStandby: sighting,
    enforcerBesideWriter: fc.boolean(),
    acceptPresumedFencing: fc.boolean(),
    override: fc.option(fc.constant(ada)),
  });
  const places = ({ atWitness, atStandby }: FencingEvidence): FencingEvidence["atWitness"][] => [
    atWitness,
    atStandby,
  ];
  const isAlive = (place: FencingEvidence["atWitness"]): boolean =>
    place !== null && !place.fenced && nowMs < place.sinceMs + RUN_OUT_MS;

  it("nobody promotes over a lease that was renewed within its duration and margin", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        fc.pre(places(evidence).some(isAlive));
        expect(judgeFencing(evidence, terms, nowMs).type).not.toBe("may-promote");
      }),
    );
  });

  it("nobody promotes without evidence from both places, unless a person takes the responsibility", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        fc.pre(places(evidence).includes(null) && evidence.override === null);
        expect(judgeFencing(evidence, terms, nowMs).type).not.toBe("may-promote");
      }),
    );
  });

  it("an override never turns a wait into a promotion, and never makes a wait longer", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const without = judgeFencing({ ...evidence, override: null }, terms, nowMs);
        const withIt = judgeFencing({ ...evidence, override: ada }, terms, nowMs);
        if (without.type !== "ask") expect(withIt).toEqual(without);
        expect(withIt.type).not.toBe("ask");
      }),
    );
  });

  it("a wait ends: once its time has come nothing is waited for any more", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const verdict = judgeFencing(evidence, terms, nowMs);
        fc.pre(verdict.type === "wait");
        if (verdict.type !== "wait") return;
        expect(verdict.untilMs).toBeGreaterThan(nowMs);
        expect(judgeFencing(evidence, terms, verdict.untilMs).type).not.toBe("wait");
      }),
    );
  });
});
