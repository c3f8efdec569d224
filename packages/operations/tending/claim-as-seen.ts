import type { Claim } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { readEntry } from "../ledger/change-entry.ts";
import { witnessPlace } from "../ledger/places.ts";
import type { ClaimedRequest } from "../ports.ts";

/**
 * The claim that the watch decided on; null: it is another one by now, and the watch has to decide anew. Throws
 * `LedgerUnreadable` or `LedgerMissing`.
 */
export const claimAsSeen = async (
  { plan, ports }: SiteContext<never>,
  { claimRevision }: Pick<ClaimedRequest, "claimRevision">,
): Promise<Claim | null> => {
  const { body } = await readEntry(ports, plan, witnessPlace(plan), "claim");
  return body.revision === claimRevision ? body : null;
};
