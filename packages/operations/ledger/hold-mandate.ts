import { RecoveryError } from "@lifeboat/recovery/errors";
import { holds, type Claim } from "@lifeboat/recovery/ledger";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type { Mandate } from "../context.ts";
import type { Ports } from "../ports.ts";
import { readEntry } from "./change-entry.ts";
import { witnessPlace } from "./places.ts";

type LedgerPorts = Pick<Ports, "ledger" | "ids">;

/** Throws RecoveryError `KillSwitchOn` while somebody has stopped all automation. */
export const requireSwitchOff = async (ports: LedgerPorts, plan: RecoveryPlan): Promise<void> => {
  const { body } = await readEntry(ports, plan, witnessPlace(plan), "switch");
  if (body.on) {
    throw new RecoveryError(
      "KillSwitchOn",
      `the kill switch of "${plan.workload}" is on, by ${body.by}: ${body.why}`,
    );
  }
};

/**
 * Asked before every act: is this execution still the holder of the current epoch, and may anything act at all? The answer
 * is read anew each time, never remembered. Throws `EpochStale`, `KillSwitchOn`, `LedgerUnreadable` or `LedgerMissing`.
 */
export const requireMandate = async (
  ports: LedgerPorts,
  plan: RecoveryPlan,
  mandate: Mandate,
): Promise<Claim> => {
  const [{ body: claim }] = await Promise.all([
    readEntry(ports, plan, witnessPlace(plan), "claim"),
    requireSwitchOff(ports, plan),
  ]);
  if (!holds(claim, mandate.execution, mandate.epoch)) {
    const holder = claim.holder === null ? "nobody" : claim.holder.execution;
    throw new RecoveryError(
      "EpochStale",
      `epoch ${mandate.epoch} of "${plan.workload}" is over: the ledger is at epoch ${claim.epoch}, held by ${holder}`,
    );
  }
  return claim;
};
