import type { Checker, Evidence, Violation } from "./evidence.ts";

type LeaseVersion = Evidence["leases"][number];

/**
 * A lease is never honoured by two (invariant 1, "Ledger"): when a site takes the lease, the other site's last renewal,
 * at whichever place it was made, has run out or was revoked by that site's own word; and the other does not renew again
 * until the lease was passed back.
 */
export const leaseHeldByOne: Checker = ({ leases }) => {
  const ordered = [...leases].sort((left, right) => left.atMs - right.atMs);
  const violations: Violation[] = [];
  let holder: LeaseVersion | undefined;
  for (const version of ordered) {
    // What bootstrap wrote was renewed by nobody, and a site's word that it is fenced is no renewal.
    if (version.body.revision === 1) continue;
    if (holder === undefined || version.body.site === holder.body.site) {
      if (holder === undefined || version.body.epoch >= holder.body.epoch) holder = version;
      continue;
    }
    if (version.body.fenced) continue;
    const { site, epoch } = holder.body;
    if (version.body.epoch <= epoch) {
      violations.push({
        invariant: "lease-held-by-one",
        message: `${version.body.site} renewed epoch ${version.body.epoch} at ${version.bucket}, after ${site} had the lease of epoch ${epoch}`,
        atMs: version.atMs,
      });
      continue;
    }
    if (!holder.body.fenced && version.atMs < holder.atMs + holder.body.durationMs) {
      violations.push({
        invariant: "lease-held-by-one",
        message: `${version.body.site} took the lease ${version.atMs - holder.atMs} ms after ${site} had renewed it for ${holder.body.durationMs} ms`,
        atMs: version.atMs,
      });
    }
    holder = version;
  }
  return violations;
};
