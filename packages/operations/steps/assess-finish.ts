import { decideFinish } from "@lifeboat/recovery/finish-move";
import { moveToFinish } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { readEntry } from "../ledger/change-entry.ts";
import { witnessPlace } from "../ledger/places.ts";
import { NO_SIGHTINGS } from "../observe-leases.ts";
import type { Assessment } from "./assess.ts";

/**
 * Decides whether a move to this site is finished, by the ledger alone: signals, readiness and loss are of a promotion, and that has been
 * made. The loss is the one that was measured then. Changes nothing. Throws `LedgerUnreadable` and `LedgerMissing`.
 */
export const assessFinish = async (
  { plan, here, ports }: SiteContext<never>,
  otherExecution: string | null,
): Promise<Assessment> => {
  const place = witnessPlace(plan);
  const [{ body: claim }, { body: killSwitch }] = await Promise.all([
    readEntry(ports, plan, place, "claim"),
    readEntry(ports, plan, place, "switch"),
  ]);
  const move = moveToFinish(claim, here.name);
  const decision = decideFinish({ killSwitchOn: killSwitch.on, otherExecution, move, here: here.name });
  const loss = move?.loss ?? { known: false, reason: "there is no move to finish" };
  return { decision, readings: [], findings: [], loss, sightings: NO_SIGHTINGS };
};
