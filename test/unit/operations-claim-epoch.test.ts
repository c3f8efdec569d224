import {
  claimEpoch,
  type ClaimMemo,
  type ClaimRequest,
  type ClaimResult,
} from "@lifeboat/operations/steps/claim-epoch";
import { NO_SIGHTINGS } from "@lifeboat/operations/observe-leases";
import { isRepeatable, RecoveryError } from "@lifeboat/recovery/errors";
import { withHolder, withRequest } from "@lifeboat/recovery/ledger";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import type { LedgerPlace, Ports } from "@lifeboat/operations/ports";
import {
  createModelledStore,
  Killed,
  type Fate,
  type ModelledStore,
  type StoreCall,
} from "./operations-store.ts";
import {
  atParis,
  bootstrapped,
  claimIn,
  claimVersions,
  contextAt,
  createHandClock,
  createIds,
  executionNamed,
  leaseIn,
  plan,
  portsWith,
  putClaim,
  putLease,
  putSwitch,
  RUN_OUT_MS,
  START_MS,
  terms,
  witness,
  type HandClock,
} from "./operations-world.ts";

const execution = executionNamed("spacelift-e1-r1");
const LONGEST_STEP_MS = 70_000;
const ada = { who: "Ada", why: "the region is gone", acceptLossMs: null };

const requested = async (store?: ModelledStore): Promise<ModelledStore> => {
  const ledger = await bootstrapped(store);
  putClaim(ledger, (claim) =>
    withRequest(claim, { execution, requestedAtMs: START_MS, trigger: "alarm" }, "request"),
  );
  return ledger;
};

interface Claimant {
  readonly clock: HandClock;
  readonly call: (
    memo: ClaimMemo,
    override?: ClaimRequest["override"],
    approval?: ClaimRequest["approval"],
  ) => Promise<ClaimResult>;
}

const claimant = (
  store: ModelledStore,
  of: RecoveryPlan = plan,
  clock = createHandClock(),
  ports: Partial<Ports> = {},
): Claimant => {
  const all = portsWith({ ledger: store, clock, ids: createIds("claim"), ...ports });
  const context = contextAt("paris", all, of);
  return {
    clock,
    call: (memo, override = null, approval = null) =>
      claimEpoch(context, { execution, override, approval, memo, longestStepMs: LONGEST_STEP_MS }),
  };
};

const firstMemo: ClaimMemo = { startedAtMs: START_MS, sightings: NO_SIGHTINGS };

/** Calls again as the machine does: after the wait, with the memo of the last answer; after an error with the same memo. */
const untilDone = async (
  { clock, call }: Claimant,
  betweenCalls: () => void = () => undefined,
  override: ClaimRequest["override"] = null,
): Promise<{ result: ClaimResult; waits: ClaimResult[] }> => {
  let memo = firstMemo;
  const waits: ClaimResult[] = [];
  for (let calls = 0; calls < 50; calls++) {
    try {
      const result = await call(memo, override);
      memo = result.memo;
      if (result.type !== "waiting") return { result, waits };
      waits.push(result);
      clock.advance(result.pollAfterSeconds * 1000);
      betweenCalls();
    } catch (error) {
      // The machine repeats what is repeatable, and what died.
      if (!(error instanceof Killed) && !(error instanceof RecoveryError && isRepeatable(error.name)))
        throw error;
      clock.advance(2000);
    }
  }
  throw new Error("the claim never ended");
};

describe("a claim of the next epoch", () => {
  it("waits until both leases have run out as this execution saw them, then opens the epoch", async () => {
    const store = await requested();
    const subject = claimant(store);
    const { result, waits } = await untilDone(subject);
    expect(waits).toMatchObject([{ waitingFor: "lease", pollAfterSeconds: RUN_OUT_MS / 1000 }]);
    expect(result).toMatchObject({ type: "claimed", epoch: 2, basis: "lease-run-out" });
    expect(subject.clock.nowMs() - START_MS).toBe(RUN_OUT_MS);
    expect(claimIn(store)).toMatchObject({
      epoch: 2,
      phase: "claim",
      activeSite: "ireland",
      holder: { execution, site: "paris", from: "ireland", succeeds: null, loss: null },
    });
  });

  it("counts from what others saw before, if they hand it on", async () => {
    const seen = {
      revision: 1,
      sinceMs: START_MS - RUN_OUT_MS,
      canarySilentForMs: 0,
      durationMs: 90_000,
      fenced: false,
    };
    const subject = claimant(await requested());
    const result = await subject.call({ ...firstMemo, sightings: { witness: seen, standby: seen } });
    expect(result.type).toBe("claimed");
  });

  it("writes nothing while it waits", async () => {
    const store = await requested();
    await claimant(store).call(firstMemo);
    expect(store.calls.filter(({ operation }) => operation !== "read")).toEqual([]);
  });

  it.each([
    ["at the witness", witness],
    ["at the standby", atParis],
  ])("moves nothing when the active site renews %s after all", async (_where, place) => {
    const store = await requested();
    const { result } = await untilDone(claimant(store), () => putLease(store, place, {}));
    expect(result).toMatchObject({ type: "renewed", detail: expect.stringMatching(/ireland .* alive/) });
    expect(claimIn(store)).toMatchObject({ epoch: 1, holder: null });
  });

  it("does not take the word of being fenced for a renewal, and goes on at once when it stands at both places", async () => {
    const store = await requested();
    const subject = claimant(store);
    const { result } = await untilDone(subject, () => {
      for (const place of [witness, atParis]) putLease(store, place, { fenced: true });
    });
    expect(result).toMatchObject({ type: "claimed", basis: "confirmed" });
  });

  it("is not given up because a lease could not be read once, and keeps what it saw before", async () => {
    let reads = 0;
    const store = await requested(
      createModelledStore({
        fate: ({ name }) =>
          name === `${witness.bucket}/spacelift/lease` && ++reads === 2 ? "lost-before" : "answered",
      }),
    );
    const subject = claimant(store);
    const { result } = await untilDone(subject);
    expect(result.type).toBe("claimed");
    expect(subject.clock.nowMs() - START_MS).toBe(RUN_OUT_MS + 2000);
  });

  it("is called again while a lease cannot be read, and nothing is claimed", async () => {
    const store = await requested(
      createModelledStore({
        fate: ({ name }) => (name === `${atParis.bucket}/spacelift/lease` ? "lost-before" : "answered"),
      }),
    );
    await expect(claimant(store).call(firstMemo)).rejects.toMatchObject({
      name: "LedgerUnreadable",
      message: expect.stringMatching(/cannot be read at the standby/),
    });
    expect(claimIn(store).holder).toBeNull();
  });

  it("asks for a person when nothing acts on the lease beside the writer and the plan does not presume", async () => {
    const bare: RecoveryPlan = {
      ...plan,
      stores: plan.stores.map((store) =>
        store.type === "aurora-global" ? { ...store, enforcer: "none" } : store,
      ),
    };
    await expect(untilDone(claimant(await requested(), bare))).rejects.toMatchObject({
      name: "FencingUnproven",
    });
    const { result } = await untilDone(claimant(await requested(), bare), undefined, ada);
    expect(result).toMatchObject({ type: "claimed", basis: "override" });
  });

  it("is not made for an execution that lost the request to another", async () => {
    const store = await requested();
    const subject = claimant(store);
    const lost = untilDone(subject, () =>
      putClaim(store, (claim) =>
        withRequest(claim, { execution: "other", requestedAtMs: 0, trigger: "x" }, "x"),
      ),
    );
    await expect(lost).rejects.toMatchObject({
      name: "EpochStale",
      message: expect.stringMatching(/requested by other/),
    });
    expect(claimIn(store).holder).toBeNull();
  });

  it("is not made when the epoch went on between the look and the write", async () => {
    const store = await requested();
    putClaim(store, (claim) =>
      withHolder(
        claim,
        { execution: "other", site: "paris", from: "ireland", succeeds: null, loss: null },
        "o",
      ),
    );
    putClaim(store, (claim) =>
      withRequest(claim, { execution: "other", requestedAtMs: 0, trigger: "x" }, "x"),
    );
    await expect(untilDone(claimant(store))).rejects.toMatchObject({ name: "EpochStale" });
  });

  it("stops while the kill switch is on", async () => {
    const store = await requested();
    putSwitch(store, { on: true, by: "Grace", why: "drill" });
    await expect(claimant(store).call(firstMemo)).rejects.toMatchObject({ name: "KillSwitchOn" });
  });

  it("never overtakes a site that renews, whoever orders it, and does not wait for ever", async () => {
    const store = await requested();
    const subject = claimant(store);
    const overtaking = untilDone(subject, () => putLease(store, witness, {}), ada);
    await expect(overtaking).rejects.toMatchObject({
      name: "StepExpired",
      message: expect.stringMatching(/ireland goes on renewing its lease/),
    });
    expect(claimIn(store).holder).toBeNull();
    expect(subject.clock.nowMs() - START_MS).toBeLessThan(10 * RUN_OUT_MS);
  });
});

describe("a claim after a decision for which one lease could not be read", () => {
  const decidedOnOne = async (telling: boolean) => {
    const store = await requested();
    const copy = { newest: () => Promise.resolve({ sequence: 7, writtenAtMs: START_MS - 1000 }) };
    const { canary: ports } = portsWith({ ledger: store });
    const subject = claimant(store, plan, createHandClock(), { canary: { ...ports, ...copy } });
    if (telling)
      for (const place of [witness, atParis])
        putLease(store, place, {
          canary: {
            sequence: 7,
            acknowledgedAtMs: START_MS - 1000,
            periodMs: terms.renewEveryMs,
            reportedAtMs: START_MS,
            mayHaveBeatenAtMs: START_MS,
          },
        });
    const { revision } = leaseIn(store, witness);
    const seen = { revision, sinceMs: START_MS, canarySilentForMs: 0, durationMs: 90_000, fenced: false };
    const first = await subject.call({
      startedAtMs: START_MS,
      sightings: { witness: seen, standby: null },
    });
    expect(first).toMatchObject({ type: "waiting" });
    subject.clock.advance(RUN_OUT_MS);
    return { subject, memo: first.memo };
  };

  it("judges the loss by both", async () => {
    const { subject, memo } = await decidedOnOne(true);
    expect(await subject.call(memo)).toMatchObject({ type: "claimed", epoch: 2 });
  });

  it("is held where the other one says nothing of the last beat", async () => {
    const { subject, memo } = await decidedOnOne(false);
    await expect(subject.call(memo)).rejects.toMatchObject({
      name: "LossUnaccepted",
      message: expect.stringMatching(/could not be read at the decision: the loss is unknown/),
    });
  });
});

describe("a claim and a renewal at the same moment", () => {
  /** A claim during which the active site, which read the ledger before, renews at one place just before call `nth`. */
  const racing = async (
    place: LedgerPlace,
    isTheMoment: (call: StoreCall) => boolean,
  ): Promise<{ store: ModelledStore; subject: Claimant; renewedAtMs: () => number }> => {
    let renewedAtMs = Number.NaN;
    const clock = createHandClock();
    const store: ModelledStore = createModelledStore({
      fate: (call) => {
        if (Number.isNaN(renewedAtMs) && isTheMoment(call)) {
          renewedAtMs = clock.nowMs();
          putLease(store, place, {});
        }
        return "answered";
      },
    });
    await requested(store);
    return { store, subject: claimant(store, plan, clock), renewedAtMs: () => renewedAtMs };
  };

  it.each([
    ["at the witness, while the claim is written", witness, "spacelift/claim"],
    ["at the standby, while the claim is written", atParis, "spacelift/claim"],
    ["at the witness, while the leases are sealed", witness, "spacelift/lease"],
    ["at the standby, while the leases are sealed", atParis, "spacelift/lease"],
  ])("never both take effect: a renewal %s is waited for", async (_case, place, key) => {
    const { store, subject, renewedAtMs } = await racing(
      place,
      ({ operation, name }) => operation === "replace" && name.endsWith(key),
    );
    const { result } = await untilDone(subject);
    expect(renewedAtMs()).toBeGreaterThan(START_MS);
    expect(result).toMatchObject({ type: "claimed", epoch: 2 });
    expect(subject.clock.nowMs() - renewedAtMs()).toBeGreaterThanOrEqual(RUN_OUT_MS);
    expect(claimVersions(store).map(({ epoch }) => epoch)).toEqual([1, 1, 2]);
  });

  it("goes on at once when the old site, seeing the claim, says at both places that it is fenced", async () => {
    let told = false;
    const store: ModelledStore = createModelledStore({
      fate: ({ operation, name }) => {
        if (!told && operation === "replace" && name.endsWith("spacelift/lease")) {
          told = true;
          for (const place of [witness, atParis]) putLease(store, place, { fenced: true });
        }
        return "answered";
      },
    });
    await requested(store);
    const subject = claimant(store);
    const { result } = await untilDone(subject);
    expect(result).toMatchObject({ type: "claimed", basis: "confirmed" });
    expect(subject.clock.nowMs() - START_MS).toBe(RUN_OUT_MS + 1000);
  });

  it("leaves leases that the old site can renew no more: it is told so by the epoch and by the site", async () => {
    const store = await requested();
    const canary = {
      sequence: 7,
      acknowledgedAtMs: START_MS - 12_000,
      periodMs: 10_000,
      reportedAtMs: START_MS - 2000,
    };
    for (const place of [witness, atParis]) putLease(store, place, { canary });
    await untilDone(claimant(store));
    for (const place of [witness, atParis])
      // What the old site acknowledged last is still needed: it says what was lost.
      expect(leaseIn(store, place)).toMatchObject({ site: "paris", epoch: 2, durationMs: 0, canary });
  });

  it("seals nothing before the claim is made", async () => {
    const store = await requested();
    await claimant(store).call(firstMemo);
    expect(store.versions(witness, "spacelift/lease")).toHaveLength(1);
  });

  it("gives up on a site that goes on renewing at the one place that it still reaches", async () => {
    const store = await requested();
    const subject = claimant(store);
    let wasClaimed = false;
    const claiming = untilDone(
      subject,
      () => {
        wasClaimed ||= claimIn(store).epoch === 2;
        if (wasClaimed || subject.clock.nowMs() - START_MS >= RUN_OUT_MS) putLease(store, atParis, {});
      },
      ada,
    );
    await expect(claiming).rejects.toMatchObject({ name: "StepExpired" });
  });
});

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

describe("a claim after a holder that never ended", () => {
  const abandoned = async (store?: ModelledStore): Promise<ModelledStore> => {
    const ledger = await bootstrapped(store);
    putClaim(ledger, (claim) =>
      withHolder(
        claim,
        { execution: "dead", site: "paris", from: "ireland", succeeds: null, loss: null },
        "dead",
      ),
    );
    putClaim(ledger, (claim) =>
      withRequest(claim, { execution, requestedAtMs: START_MS, trigger: "alarm" }, "request"),
    );
    return ledger;
  };

  it("keeps quiet for as long as a step of that holder could still be running", async () => {
    const store = await abandoned();
    const subject = claimant(store);
    const { result, waits } = await untilDone(subject);
    expect(waits).toMatchObject([
      { waitingFor: "lease" },
      {
        waitingFor: "previous-holder",
        pollAfterSeconds: LONGEST_STEP_MS / 1000,
        detail: expect.stringMatching(/dead/),
      },
    ]);
    expect(result).toMatchObject({ type: "claimed", epoch: 3 });
    expect(claimIn(store).holder).toMatchObject({ execution, succeeds: "dead" });
    expect(subject.clock.nowMs() - START_MS).toBeGreaterThanOrEqual(RUN_OUT_MS + LONGEST_STEP_MS);
  });

  it("keeps quiet from its claim on although the reply of the claim was lost", async () => {
    let armed = true;
    const store = await abandoned(
      createModelledStore({
        fate: ({ operation }): Fate => {
          if (operation === "read" || !armed) return "answered";
          armed = false;
          return "killed-after";
        },
      }),
    );
    const claimedAtMs: number[] = [];
    const subject = claimant(store);
    const { result } = await untilDone({
      ...subject,
      call: async (memo, override) => {
        try {
          return await subject.call(memo, override);
        } finally {
          if (claimIn(store).epoch === 3) claimedAtMs.push(subject.clock.nowMs());
        }
      },
    });
    expect(result.type).toBe("claimed");
    expect(subject.clock.nowMs() - (claimedAtMs[0] ?? 0)).toBeGreaterThanOrEqual(LONGEST_STEP_MS);
  });
});

describe("a claim that is killed", () => {
  const deaths = ["killed-before", "killed-after"] as const satisfies readonly Fate[];

  /** How many calls an undisturbed claim makes. */
  const callsOfOne = async (): Promise<number> => {
    const store = await requested();
    await untilDone(claimant(store));
    return store.calls.length;
  };

  it.each(deaths)("at any call (%s) and made again, ends in one claim of one new epoch", async (death) => {
    const calls = await callsOfOne();
    expect(calls).toBeGreaterThan(8);
    for (let nth = 0; nth < calls; nth++) {
      let count = 0;
      const store = await requested(
        createModelledStore({ fate: () => (count++ === nth ? death : "answered") }),
      );
      const { result } = await untilDone(claimant(store));
      expect(result).toMatchObject({ type: "claimed", epoch: 2, basis: "lease-run-out" });
      const epochs = claimVersions(store).map(({ epoch }) => epoch);
      expect(epochs).toEqual([1, 1, 2]);
      expect(claimIn(store).holder).toMatchObject({ execution, succeeds: null, loss: null });
    }
  });

  it("at every second call, ends all the same", async () => {
    let count = 0;
    const store = await requested(
      createModelledStore({ fate: () => (count++ % 7 === 6 ? "killed-after" : "answered") }),
    );
    const { result } = await untilDone(claimant(store));
    expect(result).toMatchObject({ type: "claimed", epoch: 2 });
  });

  it("did not promote before the lease ran out, however often it was killed", async () => {
    let count = 0;
    const store = await requested(
      createModelledStore({ fate: () => (count++ % 9 === 8 ? "killed-before" : "answered") }),
    );
    const subject = claimant(store);
    await untilDone(subject);
    expect(subject.clock.nowMs() - START_MS).toBeGreaterThanOrEqual(terms.durationMs + terms.driftMarginMs);
  });
});
