import { toRecoveryEvent, type EventDraft } from "@lifeboat/recovery/recovery-event";
import type { SiteContext } from "./context.ts";

/** Tells whoever hooks in what has just happened. Null: told; otherwise why not, for the log. */
export const tellEvent = async (
  { plan, here, ports }: SiteContext<"events">,
  draft: EventDraft,
): Promise<string | null> => {
  const where = { workload: plan.workload, site: here.name, nowMs: ports.clock.nowMs() };
  const result = await ports.events.tell(toRecoveryEvent(draft, where));
  return result.told ? null : result.reason;
};
