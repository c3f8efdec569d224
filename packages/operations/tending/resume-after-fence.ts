import type { Claim } from "@lifeboat/recovery/ledger";
import { forSite } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { requireSwitchOff } from "../ledger/hold-mandate.ts";
import { clearOwnFence, isOwnFenceNoted } from "./own-fence-note.ts";

/**
 * After a renewal: starts what this site's own fence stopped. Not while the ledger moves the workload away, and not under the
 * kill switch. Answers what was started. Each part looks first; the note goes last, so a run that dies is followed by another.
 */
export const resumeAfterOwnFence = async (
  context: SiteContext<"compute">,
  claim: Claim,
  /** The fence could not be noted; whoever asked for it knows. */
  unnoted: boolean,
): Promise<readonly string[]> => {
  const { plan, here, ports } = context;
  const isMovedAway = claim.holder !== null && claim.holder.site !== here.name;
  if (isMovedAway || claim.activeSite !== here.name) return [];
  if (!unnoted && !(await isOwnFenceNoted(context))) return [];
  await requireSwitchOff(ports, plan);
  const started: string[] = [];
  for (const service of plan.services) {
    const cluster = forSite(service.clusters, here.name);
    const state = await ports.compute.service(here.region, cluster, service.service);
    if (state === null || state.desired >= service.activeCount) continue;
    await ports.compute.scaleService(here.region, cluster, service.service, service.activeCount);
    started.push(`services/${service.name}`);
  }
  for (const worker of plan.workers) {
    const group = forSite(worker.groups, here.name);
    const state = await ports.compute.group(here.region, group);
    if (state === null || state.desired >= worker.activeCount) continue;
    await ports.compute.scaleGroup(here.region, group, worker.activeCount);
    started.push(`workers/${worker.name}`);
  }
  await clearOwnFence(context);
  return started;
};
