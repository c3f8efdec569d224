import type { SiteContext } from "../context.ts";
import type { FenceAnswer, FenceRequest } from "../ports.ts";
import { retireCompute, runningCompute } from "../steps/fence-primary.ts";
import { tellEvent } from "../tell-event.ts";
import { noteOwnFence } from "./own-fence-note.ts";

/**
 * Takes this site's services and workers down, and answers what still ran or did not answer before. Its database fences itself:
 * the enforcer's row is no longer refreshed. It is noted first: a move that is given up leaves the workload here, and then
 * nobody but this site knows that it was no person who stopped it. Whoever asked has to remember what could not be noted.
 *
 * Nothing here needs the witness or the other site: they are what a site that fences itself cannot reach.
 */
export const fenceSite = async (
  context: SiteContext<"compute" | "events">,
  { news, unnoted }: Pick<FenceRequest, "news" | "unnoted">,
): Promise<FenceAnswer> => {
  const { here } = context;
  const running = await runningCompute(context, here.name);
  if (running.length === 0) return { ran: [], noted: !unnoted || (await noteOwnFence(context)) };
  const noted = await noteOwnFence(context);
  await retireCompute(context, here.name);
  // Its own region's bus is all that a site that is cut off may still reach; the fence stands already.
  if (news !== null) await tellEvent(context, { type: "lifeboat.site.fenced", ...news });
  return { ran: running, noted };
};
