import { withOutcome, type Claim } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { witnessPlace } from "../ledger/places.ts";

const ENDED: ReadonlySet<string> = new Set(["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]);

/**
 * An execution whose site has become the active one, and that has ended without giving its hold back: the witness was out of
 * reach when it wanted to record its outcome, or somebody stopped it. There is nothing left to take effect, and nobody takes over from it, for
 * nothing is out of order: without this the workload would never be protected again. What it came to nobody knows
 * here, so no cooldown begins. Says what it did; null: nothing. A failure to ask or to write leaves it to the next tick.
 */
export const releaseEnded = async (
  { plan, ports }: SiteContext<"executions">,
  { holder, activeSite }: Claim,
): Promise<string | null> => {
  if (holder === null || holder.site !== activeSite) return null;
  const { execution } = holder;
  try {
    // Its own word alone: a region that does not answer says nothing of what runs in it.
    if (!ENDED.has(await ports.executions.status(execution))) return null;
    const endedAtMs = ports.clock.nowMs();
    await changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) =>
      body.holder?.execution === execution && body.activeSite === body.holder.site
        ? withOutcome(body, { execution, endedAtMs, recovered: false, givenUp: false }, writeId)
        : null,
    );
    return `gave back what ${execution} held, which has ended`;
  } catch {
    return null;
  }
};
