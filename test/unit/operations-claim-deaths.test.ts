import { withHolder, withRequest } from "@lifeboat/recovery/ledger";
import { describe, expect, it } from "vitest";
import { claimant, execution, LONGEST_STEP_MS, requested, untilDone } from "./operations-claim-world.ts";
import { createModelledStore, type Fate, type ModelledStore } from "./operations-store.ts";
import {
  bootstrapped,
  claimIn,
  claimVersions,
  putClaim,
  RUN_OUT_MS,
  START_MS,
  terms,
} from "./operations-world.ts";

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
