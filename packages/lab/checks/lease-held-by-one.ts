import type { Lease } from "@lifeboat/recovery/ledger";
import type { Checker, Evidence, Violation } from "./evidence.ts";

type LeaseVersion = Evidence["leases"][number];

/**
 * A lease is never honoured by two (invariant 1, "Ledger"). It lies at two places, and each version counts for its place: a
 * site holds the workload for as long as its last renewal at either of them has not run out and was not revoked by its own
 * word. While it does, nobody else renews anywhere, nobody takes away the version that still holds, and once another site has
 * the lease the first one renews no more until it is passed back. A lease that is sealed lasts no time: nobody honours it.
 */
export const leaseHeldByOne: Checker = ({ leases }) => {
  const ordered = [...leases].sort((left, right) => left.atMs - right.atMs);
  const violations: Violation[] = [];
  /** The last version of each place that a watch or a step wrote. */
  const lastAt = new Map<string, LeaseVersion>();
  let newest: LeaseVersion | undefined;
  const say = (version: LeaseVersion, message: string): void =>
    void violations.push({ invariant: "lease-held-by-one", message, atMs: version.atMs });
  for (const version of ordered) {
    const { site, epoch, fenced, revision, durationMs } = version.body;
    // What bootstrap wrote was renewed by nobody, and a site's word that it is fenced is no renewal.
    if (revision === 1) continue;
    if (newest !== undefined && newest.body.site !== site && fenced) continue;
    // A lease that was only sealed is nobody's: when the move is given up, the site goes on in the epoch of the seal.
    const isOver = (last: Lease): boolean =>
      last.site !== site && (last.durationMs === 0 ? epoch < last.epoch : epoch <= last.epoch);
    // A seal counts at its place alone: at the other one a renewal may come first, and then the move waits for it.
    const over = [newest, lastAt.get(version.bucket)].find((last) => last !== undefined && isOver(last.body));
    if (over !== undefined) {
      say(
        version,
        `${site} renewed epoch ${epoch} at ${version.bucket}, after ${over.body.site} had the lease of epoch ${over.body.epoch}`,
      );
      continue;
    }
    const places = durationMs === 0 ? [version.bucket] : [...lastAt.keys()];
    for (const place of places) {
      const last = lastAt.get(place);
      if (last === undefined || last.body.site === site || last.body.fenced) continue;
      if (version.atMs < last.atMs + last.body.durationMs)
        say(
          version,
          `${site} took the lease ${version.atMs - last.atMs} ms after ${last.body.site} had renewed it for ${last.body.durationMs} ms at ${place}`,
        );
    }
    if (durationMs > 0 && (newest === undefined || epoch >= newest.body.epoch)) newest = version;
    lastAt.set(version.bucket, version);
  }
  return violations;
};
