import { NO_SIGHTINGS } from "@lifeboat/operations/observe-leases";
import type { Ports } from "@lifeboat/operations/ports";
import {
  claimEpoch,
  type ClaimMemo,
  type ClaimRequest,
  type ClaimResult,
} from "@lifeboat/operations/steps/claim-epoch";
import { isRepeatable, RecoveryError } from "@lifeboat/recovery/errors";
import { withRequest } from "@lifeboat/recovery/ledger";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { Killed, type ModelledStore } from "./operations-store.ts";
import {
  bootstrapped,
  contextAt,
  createHandClock,
  createIds,
  executionNamed,
  type HandClock,
  plan,
  portsWith,
  putClaim,
  START_MS,
} from "./operations-world.ts";

/** The execution that the claim is asked for. */
export const execution = executionNamed("spacelift-e1-r1");
export const LONGEST_STEP_MS = 70_000;
/** Orders the failover, and accepts no loss. */
export const ada = { who: "Ada", why: "the region is gone", acceptLossMs: null };

/** A store in which the active site is Ireland and a recovery is asked for. */
export const requested = async (store?: ModelledStore): Promise<ModelledStore> => {
  const ledger = await bootstrapped(store);
  putClaim(ledger, (claim) =>
    withRequest(claim, { execution, requestedAtMs: START_MS, trigger: "alarm" }, "request"),
  );
  return ledger;
};

export interface Claimant {
  readonly clock: HandClock;
  readonly call: (
    memo: ClaimMemo,
    override?: ClaimRequest["override"],
    approval?: ClaimRequest["approval"],
  ) => Promise<ClaimResult>;
}

/** The claim at Paris; it is called as the machine calls it, with the memo that the last call handed on. */
export const claimant = (
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

/** Of the first call: nothing has been seen yet. */
export const firstMemo: ClaimMemo = { startedAtMs: START_MS, sightings: NO_SIGHTINGS };

/** Calls again as the machine does: after the wait, with the memo of the last answer; after an error with the same memo. */
export const untilDone = async (
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
