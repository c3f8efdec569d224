import { withHolder, withRequest } from "@lifeboat/recovery/ledger";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import { ada, claimant, execution, firstMemo, requested, untilDone } from "./operations-claim-world.ts";
import { createModelledStore } from "./operations-store.ts";
import {
  atParis,
  claimIn,
  createHandClock,
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
} from "./operations-world.ts";

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
