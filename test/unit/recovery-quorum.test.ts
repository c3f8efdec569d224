import { countQuorum, isOutside, type Reading } from "@lifeboat/recovery/quorum";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const reading = (signal: string, state: Reading["state"], outside = true): Reading => ({
  signal,
  state,
  outside,
  detail: "",
});

const anyReading: fc.Arbitrary<Reading> = fc.record({
  signal: fc.string(),
  state: fc.constantFrom("failing", "healthy", "unknown"),
  outside: fc.boolean(),
  detail: fc.string(),
});
const anyReadings = fc.array(anyReading, { maxLength: 8 });
const anyQuorum = fc.record({ quorum: fc.integer({ min: 1, max: 8 }) });

describe("a quorum", () => {
  it("is met by as many failing signals as the plan wants", () => {
    const readings = [reading("a", "failing"), reading("b", "failing"), reading("c", "healthy")];
    expect(countQuorum({ quorum: 2 }, readings)).toMatchObject({ met: true, failing: 2, needed: 2 });
    expect(countQuorum({ quorum: 3 }, readings)).toMatchObject({ met: false, failing: 2, needed: 3 });
  });

  it("takes silence for nothing: unknown is never a vote", () => {
    const readings = [reading("a", "failing"), reading("b", "unknown"), reading("c", "unknown")];
    expect(countQuorum({ quorum: 2 }, readings).met).toBe(false);
    expect(countQuorum({ quorum: 1 }, [reading("a", "unknown")]).met).toBe(false);
  });

  it("needs one observation from outside: a region does not vote itself dead", () => {
    const inside = [reading("a", "failing", false), reading("b", "failing", false)];
    const verdict = countQuorum({ quorum: 2 }, inside);
    expect(verdict.met).toBe(false);
    expect(verdict.reason).toMatch(/none of them was observed from outside/);
    expect(countQuorum({ quorum: 2 }, [...inside, reading("c", "failing", true)]).met).toBe(true);
  });

  it("does not count an outside signal that is healthy or unknown as the one from outside", () => {
    const inside = reading("a", "failing", false);
    expect(countQuorum({ quorum: 1 }, [inside, reading("b", "healthy")]).met).toBe(false);
    expect(countQuorum({ quorum: 1 }, [inside, reading("b", "unknown")]).met).toBe(false);
  });

  it("names the votes and the silent ones to whoever reads the reason", () => {
    const { reason } = countQuorum({ quorum: 2 }, [reading("probe", "failing"), reading("lease", "unknown")]);
    expect(reason).toBe("no quorum: 1 of 2 signals fail (probe), 2 needed; unknown: lease");
    const both = [reading("probe", "failing"), reading("lease", "failing")];
    expect(countQuorum({ quorum: 2 }, both).reason).toBe(
      "quorum: 2 of 2 signals fail (probe, lease), 2 needed; unknown: none",
    );
  });

  it("is met exactly when enough signals fail and one of those is outside", () => {
    fc.assert(
      fc.property(anyQuorum, anyReadings, (policy, readings) => {
        const failing = readings.filter(({ state }) => state === "failing");
        const expected = failing.length >= policy.quorum && failing.some(({ outside }) => outside);
        return countQuorum(policy, readings).met === expected;
      }),
    );
  });

  it("is never reached by making a signal unreadable", () => {
    fc.assert(
      fc.property(anyQuorum, anyReadings, fc.nat(), (policy, readings, pick) => {
        fc.pre(readings.length > 0);
        const blinded = readings.map((one, index) =>
          index === pick % readings.length ? { ...one, state: "unknown" as const } : one,
        );
        return countQuorum(policy, readings).met || !countQuorum(policy, blinded).met;
      }),
    );
  });

  it("does not depend on the order in which signals were read", () => {
    fc.assert(
      fc.property(anyQuorum, anyReadings, (policy, readings) => {
        const reversed = [...readings].reverse();
        return countQuorum(policy, readings).met === countQuorum(policy, reversed).met;
      }),
    );
  });
});

describe("a signal", () => {
  const alarm = { type: "alarm", name: "a", alarm: "a" } as const;

  it("is inside only if it is an alarm of the active site's own region", () => {
    expect(isOutside({ ...alarm, from: "active" })).toBe(false);
    expect(isOutside({ ...alarm, from: "standby" })).toBe(true);
    expect(isOutside({ ...alarm, from: "witness" })).toBe(true);
    expect(isOutside({ type: "lease", name: "lease" })).toBe(true);
    expect(isOutside({ type: "probe", name: "p", from: "standby", urls: {}, alarm: "p" })).toBe(true);
  });
});
