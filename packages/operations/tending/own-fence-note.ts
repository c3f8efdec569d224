import { renewedLease, type Lease } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { changeEntry, readEntry } from "../ledger/change-entry.ts";
import { sitePlace } from "../ledger/places.ts";

/*
 * A site that could renew its lease nowhere takes itself down. If nobody has claimed the workload when it renews again, it is
 * still the one that serves, and must come up again by itself: the lease in its own bucket, which nobody else reads while it
 * is active, keeps the note that it was the site itself that stopped its services, and no person.
 */

const isNoted = (lease: Lease, site: string): boolean => lease.site === site && lease.fenced;

const changeNote = async ({ plan, here, ports }: SiteContext<never>, fenced: boolean): Promise<void> => {
  await changeEntry(ports, plan, sitePlace(plan, here.name), "lease", (body, writeId) =>
    isNoted(body, here.name) === fenced
      ? null
      : renewedLease(body, { ...body, site: here.name, by: here.name, fenced }, writeId),
  );
};

/** Has this site stopped its own services, and not started them again? Throws `LedgerUnreadable` or `LedgerMissing`. */
export const isOwnFenceNoted = async ({ plan, here, ports }: SiteContext<never>): Promise<boolean> => {
  const { body } = await readEntry(ports, plan, sitePlace(plan, here.name), "lease");
  return isNoted(body, here.name);
};

/** Notes that this site is about to stop its own services. False: it could not, which keeps nobody from fencing. */
export const noteOwnFence = (context: SiteContext<never>): Promise<boolean> =>
  changeNote(context, true).then(
    () => true,
    () => false,
  );

/** Whatever this site's own fence stopped runs again. Throws as {@link changeEntry} does. */
export const clearOwnFence = (context: SiteContext<never>): Promise<void> => changeNote(context, false);
