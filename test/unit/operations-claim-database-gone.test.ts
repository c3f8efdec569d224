import type { ClaimMemo } from "@lifeboat/operations/steps/claim-epoch";
import { describe, expect, it } from "vitest";
import { ada, claimant, execution, firstMemo, requested, untilDone } from "./operations-claim-world.ts";
import {
  atParis,
  claimIn,
  createHandClock,
  leaseIn,
  plan,
  putLease,
  RUN_OUT_MS,
  START_MS,
  terms,
  witness,
} from "./operations-world.ts";

describe("a claim of a workload whose site renews, and says that its database is lost", () => {
  const renewing = async (silentForMs: () => number, isBounded = true) => {
    const store = await requested();
    const copy = { answers: true };
    const canary = {
      beat: () => Promise.reject(new Error("no beat is expected")),
      newest: () =>
        copy.answers
          ? Promise.resolve({ sequence: 7, writtenAtMs: START_MS - terms.durationMs - 1 })
          : Promise.reject(new Error("the function starts cold")),
    };
    const subject = claimant(store, plan, createHandClock(), { canary });
    const renew = (): void => {
      if (claimIn(store).epoch === 2) return;
      const reportedAtMs = subject.clock.nowMs();
      const canary = {
        sequence: 7,
        acknowledgedAtMs: reportedAtMs - silentForMs() - 1,
        periodMs: terms.renewEveryMs,
        reportedAtMs,
        ...(isBounded ? { mayHaveBeatenAtMs: reportedAtMs - silentForMs() - 1 } : {}),
      };
      const unanswered = { sinceMs: reportedAtMs - silentForMs(), toldAtMs: reportedAtMs };
      for (const place of [witness, atParis]) putLease(store, place, { canary, unanswered });
    };
    renew();
    return { store, subject, renew, copy };
  };

  it("is made at once, and then waits until the site has stepped down or its lease has run out", async () => {
    const { store, subject, renew } = await renewing(() => terms.durationMs);
    const first = await subject.call(firstMemo);
    expect(first).toMatchObject({ type: "waiting", waitingFor: "lease" });
    expect(claimIn(store)).toMatchObject({ epoch: 2, holder: { execution, from: "ireland" } });
    expect(leaseIn(store, witness)).toMatchObject({ site: "ireland", epoch: 1 });
    renew();
    const { result } = await untilDone(subject);
    expect(result).toMatchObject({ type: "claimed", basis: "lease-run-out" });
    expect(subject.clock.nowMs() - START_MS).toBeGreaterThanOrEqual(RUN_OUT_MS);
  });

  it("goes on within seconds of the site's word that it is fenced, and not before", async () => {
    const { store, subject } = await renewing(() => terms.durationMs);
    const { result } = await untilDone(subject, () => {
      expect(leaseIn(store, witness).epoch).toBe(1);
      if (subject.clock.nowMs() - START_MS >= 30_000)
        for (const place of [witness, atParis])
          if (!leaseIn(store, place).fenced) putLease(store, place, { fenced: true });
    });
    expect(result).toMatchObject({ type: "claimed", basis: "confirmed" });
    expect(subject.clock.nowMs() - START_MS).toBeLessThan(45_000);
  });

  it.each([
    ["nobody accepts it", null, null, "LossUnaccepted"],
    ["too few approved", null, { persons: 1, acceptsLossMs: "any" as const, epoch: 1 }, "LossUnaccepted"],
    [
      "another epoch was approved",
      null,
      { persons: 2, acceptsLossMs: "any" as const, epoch: 0 },
      "LossUnaccepted",
    ],
    ["less was approved", null, { persons: 2, acceptsLossMs: 60_000, epoch: 1 }, "LossUnaccepted"],
    [
      "people approved an unknown loss",
      null,
      { persons: 2, acceptsLossMs: "any" as const, epoch: 1 },
      "claimed",
    ],
    ["an override accepts any", { ...ada, acceptLossMs: "any" as const }, null, "claimed"],
  ])("is held for a loss that is unknown, where %s", async (_what, override, approval, outcome) => {
    const { store, subject, renew } = await renewing(() => terms.durationMs, false);
    const sighting = {
      revision: 1,
      sinceMs: START_MS,
      durationMs: 90_000,
      canarySilentForMs: 0,
      fenced: false,
    };
    renew();
    renew();
    let memo: ClaimMemo = { startedAtMs: START_MS, sightings: { witness: sighting, standby: sighting } };
    const last = async (): Promise<string> => {
      for (let calls = 0; calls < 30; calls++) {
        const result = await subject.call(memo, override, approval);
        if (result.type !== "waiting") return result.type;
        memo = result.memo;
        subject.clock.advance(result.pollAfterSeconds * 1000);
        for (const place of [witness, atParis])
          if (
            claimIn(store).epoch === 2 &&
            leaseIn(store, place).site === "ireland" &&
            !leaseIn(store, place).fenced
          )
            putLease(store, place, { fenced: true });
      }
      return "never ended";
    };
    expect(await last().catch((error: unknown) => (error as Error).name)).toBe(outcome);
    // What nobody accepts is held before the site is told to step down for it, and not before it may have said more.
    expect(claimIn(store).epoch).toBe(outcome === "claimed" ? 2 : 1);
    if (outcome !== "claimed") expect(subject.clock.nowMs() - START_MS).toBe(75_000);
  });

  it("is not made, and nobody is asked, where the site says meanwhile that its database is well", async () => {
    let silentForMs: number = terms.durationMs;
    const { store, subject, renew } = await renewing(() => silentForMs, false);
    const { result, waits } = await untilDone(subject, () => {
      if (subject.clock.nowMs() - START_MS < 40_000) return;
      silentForMs = 0;
      renew();
    });
    expect(waits.length).toBeGreaterThan(5);
    expect(result).toMatchObject({ type: "renewed" });
    expect(claimIn(store)).toMatchObject({ epoch: 1, holder: null });
  });

  it("is held at once where the loss is known, and above the limit", async () => {
    const { store, subject } = await renewing(() => terms.durationMs);
    for (const place of [witness, atParis]) {
      const { canary } = leaseIn(store, place);
      if (canary === null) throw new Error("no canary");
      const later = canary.acknowledgedAtMs + 2.5 * terms.renewEveryMs;
      putLease(store, place, { canary: { ...canary, mayHaveBeatenAtMs: later } });
    }
    await expect(subject.call(firstMemo)).rejects.toMatchObject({
      name: "LossUnaccepted",
      message: expect.stringMatching(/above the limit/),
    });
    expect(claimIn(store).epoch).toBe(1);
  });

  it("is called again, and not held, while the standby's copy does not answer", async () => {
    const { store, subject, copy } = await renewing(() => terms.durationMs);
    copy.answers = false;
    await expect(subject.call(firstMemo)).rejects.toMatchObject({ name: "AwsUnavailable" });
    expect(claimIn(store).epoch).toBe(1);
    copy.answers = true;
    expect(await subject.call(firstMemo)).toMatchObject({ type: "waiting" });
    expect(claimIn(store).epoch).toBe(2);
  });

  it("is not made while that has not lasted as long as a lease holds: it looks again, and moves nothing for a canary", async () => {
    let silentForMs = 0;
    const { store, subject, renew } = await renewing(() => silentForMs);
    silentForMs = terms.durationMs - 20_000;
    renew();
    const { result, waits } = await untilDone(subject, () => {
      silentForMs = subject.clock.nowMs() - START_MS > 15_000 ? 0 : terms.durationMs - 1;
      renew();
    });
    expect(waits.length).toBeGreaterThan(1);
    expect(result).toMatchObject({ type: "renewed" });
    expect(claimIn(store).epoch).toBe(1);
  });
});
