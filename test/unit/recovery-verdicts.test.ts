import { judgeCooldown } from "@lifeboat/recovery/cooldown";
import { errorCatalogue, isRepeatable, RecoveryError, type ErrorName } from "@lifeboat/recovery/errors";
import {
  failoverPhases,
  isPastReturn,
  phaseNamed,
  phaseNames,
  type PhaseName,
} from "@lifeboat/recovery/phases";
import { judgeReadiness, type Finding } from "@lifeboat/recovery/readiness";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("the cooldown", () => {
  const cooldownMs = 1_800_000;

  it("is over where no recovery has finished before: one that never completed does not block the next", () => {
    expect(judgeCooldown({ recoveredAtMs: null }, cooldownMs, 0)).toEqual({
      over: true,
      reason: "no recovery has finished before",
    });
  });

  it("lasts to the millisecond, and says how long it still does and what a person may do", () => {
    expect(judgeCooldown({ recoveredAtMs: 1000 }, cooldownMs, 1000 + cooldownMs - 1)).toEqual({
      over: false,
      reason:
        "the last recovery finished 1800 s ago; the cooldown lasts 1 s more. A person may start one with an override",
    });
    expect(judgeCooldown({ recoveredAtMs: 1000 }, cooldownMs, 1000 + cooldownMs)).toEqual({
      over: true,
      reason: "the cooldown after the last recovery is over",
    });
  });

  it("is not over because the clock of the other site is behind", () => {
    expect(judgeCooldown({ recoveredAtMs: 5000 }, cooldownMs, 0).over).toBe(false);
  });
});

describe("the standby", () => {
  const finding = (state: Finding["state"], resource = "stores/database"): Finding => ({
    resource,
    state,
    detail: `is ${state}`,
  });

  it("is ready when every finding is", () => {
    expect(judgeReadiness([finding("ready"), finding("ready", "keys/encryption")])).toEqual({
      ready: true,
      reason: "all 2 checks of the standby passed",
    });
  });

  it("is not ready when nothing was looked at", () => {
    expect(judgeReadiness([])).toEqual({ ready: false, reason: "nothing on the standby was checked" });
  });

  it("is not ready when something could not be asked: after the promotion it would be too late to learn", () => {
    expect(judgeReadiness([finding("ready"), finding("unknown")]).ready).toBe(false);
  });

  it("is told with everything that is wrong, not only the first", () => {
    const findings = [finding("unfit"), finding("ready", "keys/a"), finding("unknown", "keys/b")];
    expect(judgeReadiness(findings).reason).toBe(
      "the standby is not ready (2 of 3): stores/database: is unfit; keys/b: is unknown",
    );
  });

  it("never becomes ready by one more finding", () => {
    const anyFindings = fc.array(
      fc.constantFrom("ready", "unfit", "unknown").map((state) => finding(state)),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(anyFindings, anyFindings, (some, more) => {
        const all = judgeReadiness([...some, ...more]).ready;
        return all === (judgeReadiness(some).ready && judgeReadiness(more).ready);
      }),
    );
  });
});

describe("the phases", () => {
  it("have the order that domain knowledge gives them", () => {
    expect(phaseNames).toEqual([
      "load-plan",
      "assess",
      "approve",
      "claim",
      "fence",
      "promote",
      "start-services",
      "verify-standby",
      "shift-traffic",
      "restart-workers",
      "verify-workload",
      "retire-primary",
      "record-outcome",
    ]);
  });

  it("have one point of no return, the promotion: before it everything may stop, after it only forward", () => {
    const past = phaseNames.map(isPastReturn);
    expect(past.indexOf(true)).toBe(phaseNames.indexOf("promote"));
    expect(past.slice(past.indexOf(true))).not.toContain(false);
  });

  it("begin after a claim that nobody holds: it is before everything", () => {
    expect(isPastReturn("idle")).toBe(false);
  });

  it("change nothing before the claim", () => {
    const mutating = failoverPhases.filter(({ mutates }) => mutates).map(({ name }) => name);
    expect(mutating).toEqual(phaseNames.slice(phaseNames.indexOf("claim")));
  });

  it("can each be looked up, under distinct titles", () => {
    expect(new Set(failoverPhases.map(({ title }) => title)).size).toBe(failoverPhases.length);
    for (const phase of failoverPhases) expect(phaseNamed(phase.name)).toBe(phase);
    expect(() => phaseNamed("lunch" as PhaseName)).toThrow(/no phase "lunch"/);
  });
});

describe("a named error", () => {
  it("carries its name, for the machines catch by it, and its cause", () => {
    const cause = new Error("socket hang up");
    const error = new RecoveryError("AwsUnavailable", "PutObject: no answer", { cause });
    expect(error).toMatchObject({ name: "AwsUnavailable", message: "PutObject: no answer", cause });
    expect(error).toBeInstanceOf(Error);
  });

  it("is repeatable only where the same call may succeed: not where the ledger said no", () => {
    const names = Object.keys(errorCatalogue) as ErrorName[];
    expect(names.filter(isRepeatable).sort()).toEqual([
      "AwsUnavailable",
      "LedgerContended",
      "LedgerUnreadable",
    ]);
  });
});
