import { renewedLease, type Claim, type Lease } from "@lifeboat/recovery/ledger";
import { forSite } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { changeEntry, readEntry } from "../ledger/change-entry.ts";
import { requireSwitchOff } from "../ledger/hold-mandate.ts";
import { sitePlace } from "../ledger/places.ts";

/*
 * A site that could renew its lease nowhere takes itself down. If nobody has claimed the workload when it renews again, it is
 * still the one that serves, and must come up again by itself: the lease in its own bucket, which nobody else reads while it
 * is active, keeps the note that it was the site itself that stopped its services, and no person.
 */

const isNoted = (lease: Lease, site: string): boolean => lease.site === site && lease.fenced;

const changeNote = async ({ plan, here, ports }: SiteContext, fenced: boolean): Promise<void> => {
  await changeEntry(ports, plan, sitePlace(plan, here.name), "lease", (body, writeId) =>
    isNoted(body, here.name) === fenced
      ? null
      : renewedLease(body, { ...body, site: here.name, by: here.name, fenced }, writeId),
  );
};

/** Notes that this site is about to stop its own services. A note that cannot be made keeps nobody from fencing. */
export const noteOwnFence = (context: SiteContext): Promise<void> =>
  changeNote(context, true).catch(() => undefined);

/**
 * After a renewal: starts what this site's own fence stopped. Not while the ledger moves the workload away, and not under the
 * kill switch. Answers what was started. Each part looks first; the note goes last, so a run that dies is followed by another.
 */
export const resumeAfterOwnFence = async (context: SiteContext, claim: Claim): Promise<readonly string[]> => {
  const { plan, here, ports } = context;
  const isMovedAway = claim.holder !== null && claim.holder.site !== here.name;
  if (isMovedAway || claim.activeSite !== here.name) return [];
  const { body } = await readEntry(ports, plan, sitePlace(plan, here.name), "lease");
  if (!isNoted(body, here.name)) return [];
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
  await changeNote(context, false);
  return started;
};
