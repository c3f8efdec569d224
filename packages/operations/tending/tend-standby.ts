import type { SiteContext } from "../context.ts";
import { requireSwitchOff } from "../ledger/hold-mandate.ts";
import { claimAsSeen } from "./claim-as-seen.ts";
import { protectAgain, type ProtectPort } from "./protect-again.ts";
import type { StandbyAnswer, StandbyRequest } from "./tend-request.ts";
import { tellSilence } from "./tell-silence.ts";

/**
 * Acts of the site that stands by, as its watch asks. `protect` acts only on the claim that the watch decided on, and not under the
 * kill switch. Throws what the act throws, `KillSwitchOn` and `LedgerUnreadable`.
 */
export const tendStandby = async (
  context: SiteContext<ProtectPort>,
  request: StandbyRequest,
): Promise<StandbyAnswer> => {
  if (request.act === "tell-silence") {
    await tellSilence(context, request);
    return { type: "told" };
  }
  const claim = await claimAsSeen(context, request);
  if (claim === null) return { type: "ledger-changed" };
  await requireSwitchOff(context.ports, context.plan);
  const { protected: isProtected, missing } = await protectAgain(context, claim, request.running);
  return { type: "looked", protected: isProtected, missing };
};
