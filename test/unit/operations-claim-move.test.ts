import { NO_SIGHTINGS } from "@lifeboat/operations/observe-leases";
import { activateSite } from "@lifeboat/operations/steps/activate-site";
import { assessFinish } from "@lifeboat/operations/steps/assess-finish";
import type { ClaimMemo } from "@lifeboat/operations/steps/claim-epoch";
import { claimMove } from "@lifeboat/operations/steps/claim-move";
import {
  withActiveSite,
  withHolder,
  withOutcome,
  withRequest,
  type Claim,
  type Ending,
} from "@lifeboat/recovery/ledger";
import { describe, expect, it } from "vitest";
import type { ModelledStore } from "./operations-store.ts";
import {
  atIreland,
  atParis,
  bootstrapped,
  claimIn,
  claimVersions,
  contextAt,
  createHandClock,
  createIds,
  executionNamed,
  leaseIn,
  portsWith,
  putClaim,
  putLease,
  putSwitch,
  START_MS,
  witness,
} from "./operations-world.ts";

const first = executionNamed("one");
const second = executionNamed("two");
const LONGEST_STEP_MS = 70_000;
const loss = { known: true, interval: { minMs: 0, maxMs: 5000 } } as const;
const memo: ClaimMemo = { startedAtMs: START_MS + 900_000, sightings: NO_SIGHTINGS };
const ended: Ending = { execution: first, endedAtMs: START_MS, recovered: false, givenUp: false };

/** The first execution has made Paris the active site; the second one is asked for. */
const moved = async (andThen: (claim: Claim) => Claim = (claim) => claim): Promise<ModelledStore> => {
  const store = await bootstrapped();
  const holder = { execution: first, site: "paris", from: "ireland", succeeds: null, loss: null };
  putClaim(store, (claim) => withHolder(claim, { ...holder, startedAtMs: START_MS }, "h"));
  putClaim(store, (claim) => withActiveSite(claim, { activeSite: "paris", loss }, "a"));
  putClaim(store, andThen);
  putClaim(store, (claim) =>
    withRequest(claim, { execution: second, requestedAtMs: START_MS, trigger: "person" }, "r"),
  );
  return store;
};
const givenUp = (): Promise<ModelledStore> => moved((claim) => withOutcome(claim, ended, "o"));

const claimantAt = (store: ModelledStore) => {
  const clock = createHandClock();
  const context = contextAt("paris", portsWith({ ledger: store, clock, ids: createIds("c") }));
  return {
    clock,
    context,
    claim: (of: ClaimMemo = memo) =>
      claimMove(context, { execution: second, memo: of, longestStepMs: LONGEST_STEP_MS }),
  };
};

describe("the claim of an execution that finishes a move", () => {
  it("opens a new epoch at once where the hold was given back, and touches no lease", async () => {
    const store = await givenUp();
    const leases = [witness, atParis, atIreland].map((place) => leaseIn(store, place));
    const { claim } = claimantAt(store);
    expect(await claim()).toMatchObject({ type: "claimed", epoch: 3, basis: null });
    expect(claimIn(store)).toMatchObject({
      epoch: 3,
      phase: "start-services",
      holder: { execution: second, site: "paris", from: "ireland", succeeds: null, loss },
      unfinished: { execution: first, startedAtMs: START_MS },
    });
    expect([witness, atParis, atIreland].map((place) => leaseIn(store, place))).toEqual(leases);
  });

  it("keeps quiet for as long as a step of a holder that never let go may still be running", async () => {
    const { claim, clock } = claimantAt(await moved());
    const waiting = await claim();
    expect(waiting).toMatchObject({ type: "waiting", waitingFor: "previous-holder", pollAfterSeconds: 70 });
    clock.advance(LONGEST_STEP_MS - 1);
    expect(await claim(waiting.memo)).toMatchObject({ type: "waiting", pollAfterSeconds: 1 });
    clock.advance(1);
    expect(await claim(waiting.memo)).toMatchObject({ type: "claimed", epoch: 3 });
  });

  it("opens one epoch, however often it is called", async () => {
    const store = await givenUp();
    const { claim } = claimantAt(store);
    await claim();
    const versions = claimVersions(store).length;
    expect(await claim()).toMatchObject({ type: "claimed", epoch: 3 });
    expect(claimVersions(store)).toHaveLength(versions);
  });

  it.each([
    [
      "another one is asked for",
      (claim: Claim) =>
        withRequest(
          claim,
          { execution: executionNamed("three"), requestedAtMs: START_MS, trigger: "person" },
          "x",
        ),
    ],
    ["the move is finished", (claim: Claim) => withOutcome(claim, { ...ended, recovered: true }, "x")],
    [
      "another site is to have it",
      (claim: Claim) =>
        withHolder(
          claim,
          { execution: executionNamed("away"), site: "ireland", from: "paris", succeeds: null, loss: null },
          "x",
        ),
    ],
  ] as const)("is stale where %s meanwhile", async (_what, change) => {
    const store = await moved();
    putClaim(store, change);
    const before = claimIn(store);
    await expect(claimantAt(store).claim()).rejects.toMatchObject({ name: "EpochStale" });
    expect(claimIn(store)).toEqual(before);
  });

  it("is not made under the kill switch", async () => {
    const store = await givenUp();
    putSwitch(store, { on: true, by: "anna", why: "doubts" });
    await expect(claimantAt(store).claim()).rejects.toMatchObject({ name: "KillSwitchOn" });
    expect(claimIn(store).epoch).toBe(2);
  });
});

describe("the assessment of an execution that finishes a move", () => {
  it("goes, with the loss that was measured at the promotion, and looks at nothing but the ledger", async () => {
    const { context } = claimantAt(await givenUp());
    expect(await assessFinish(context, null)).toMatchObject({
      decision: { verdict: "go", rule: "finish" },
      loss,
      readings: [],
      findings: [],
    });
  });

  it("refuses under the kill switch, and beside another execution", async () => {
    const store = await givenUp();
    const { context } = claimantAt(store);
    expect((await assessFinish(context, "arn:other")).decision).toMatchObject({ rule: "one-execution" });
    putSwitch(store, { on: true, by: "anna", why: "doubts" });
    expect((await assessFinish(context, null)).decision).toMatchObject({ rule: "kill-switch" });
  });

  it("is not needed once the move is finished", async () => {
    const { context } = claimantAt(
      await moved((claim) => withOutcome(claim, { ...ended, recovered: true }, "o")),
    );
    expect(await assessFinish(context, null)).toMatchObject({
      decision: { verdict: "not-needed", rule: "finished" },
      loss: { known: false },
    });
  });
});

describe("the activation of a site that is the active one already", () => {
  it("keeps the loss of the promotion and the lease's canary, and opens the lease's next epoch", async () => {
    const store = await givenUp();
    const canary = { sequence: 40, acknowledgedAtMs: START_MS, periodMs: 5000, reportedAtMs: START_MS };
    putLease(store, witness, { site: "paris", by: "paris", epoch: 2, canary });
    const { context, claim } = claimantAt(store);
    await claim();
    const beats: number[] = [];
    const ports = {
      ...context.ports,
      canary: {
        newest: () => Promise.resolve({ sequence: 41, writtenAtMs: START_MS + 5000 }),
        beat: (_region: string, { epoch }: { readonly epoch: number }) => {
          beats.push(epoch);
          return Promise.resolve({ type: "written" as const, sequence: 42, writtenAtMs: START_MS + 10_000 });
        },
      },
    };
    const activated = await activateSite({ ...context, ports }, { execution: second, epoch: 3 });
    expect(activated.loss).toEqual(loss);
    expect(beats).toEqual([3]);
    expect(leaseIn(store, witness)).toMatchObject({ site: "paris", epoch: 3, canary, fenced: false });
    expect(claimIn(store)).toMatchObject({ activeSite: "paris", epoch: 3, holder: { loss } });
  });
});
