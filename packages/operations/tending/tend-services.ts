import type { SiteContext } from "../context.ts";
import { claimAsSeen } from "./claim-as-seen.ts";
import { fenceSite } from "./fence-site.ts";
import { resumeAfterOwnFence } from "./resume-after-fence.ts";
import { retirePassive } from "./retire-site.ts";
import type { ServicesAnswer, ServicesRequest } from "./tend-request.ts";

/**
 * Stops or starts this site's services, as the watch asks. `resume` and `retire` act only on the claim that the watch decided
 * on; `fence` looks at no ledger, for a site that reaches none must be able to stop. Throws what the act throws, and
 * `LedgerUnreadable`.
 */
export const tendServices = async (
  context: SiteContext<"compute" | "events">,
  request: ServicesRequest,
): Promise<ServicesAnswer> => {
  if (request.act === "fence") return fenceSite(context, request);
  const claim = await claimAsSeen(context, request);
  if (claim === null) return { type: "ledger-changed" };
  return request.act === "resume"
    ? { type: "resumed", started: await resumeAfterOwnFence(context, claim, request.unnoted) }
    : { type: "retired", ran: await retirePassive(context, claim) };
};
