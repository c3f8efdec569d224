import type { LedgerPlace } from "@lifeboat/operations/ports";
import { describe, expect, it } from "vitest";
import { ada, type Claimant, claimant, firstMemo, requested, untilDone } from "./operations-claim-world.ts";
import { createModelledStore, type ModelledStore, type StoreCall } from "./operations-store.ts";
import {
  atParis,
  claimIn,
  claimVersions,
  createHandClock,
  leaseIn,
  plan,
  putLease,
  RUN_OUT_MS,
  START_MS,
  witness,
} from "./operations-world.ts";

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
