import type { LeaseSighting } from "@lifeboat/recovery/lease";
import type { SiteContext } from "./context.ts";
import { sitePlace } from "./ledger/places.ts";
import type { LeaseSightings } from "./observe-leases.ts";

/*
 * Since when a lease has not changed is known to the container that has watched it, and to nobody else. When the watch
 * notices that a renewal did not come, it leaves word of it in its own site's bucket, once for each pair of revisions: a
 * function that an alarm has just woken, or the watch's next container, need not count from nothing. All clocks are those of
 * functions of one region, as they are for what an execution carries from step to step.
 */

interface KeptSightings {
  readonly witness: LeaseSighting;
  readonly standby: LeaseSighting;
}

const keyOf = ({ plan }: SiteContext<never>, activeSite: string, seen: KeptSightings): string =>
  `${plan.workload}/protection/lease-${activeSite}-w${seen.witness.revision}-s${seen.standby.revision}.json`;

const bothOf = ({ witness, standby }: LeaseSightings): KeptSightings | null =>
  witness === null || standby === null ? null : { witness, standby };

/** Leaves word of what was seen; the first word about two revisions stands. Failing to is no harm. */
export const keepSightings = async (
  context: SiteContext<never>,
  activeSite: string,
  sightings: LeaseSightings,
): Promise<void> => {
  const seen = bothOf(sightings);
  if (seen === null) return;
  const { plan, here, ports } = context;
  await ports.ledger.create(sitePlace(plan, here.name), keyOf(context, activeSite, seen), seen);
};

/** What was seen, as far back as anybody at this site has left word of the very same revisions. */
export const recallSightings = async (
  context: SiteContext<never>,
  activeSite: string,
  sightings: LeaseSightings,
): Promise<LeaseSightings> => {
  const seen = bothOf(sightings);
  if (seen === null) return sightings;
  const { plan, here, ports } = context;
  const read = await ports.ledger.read(sitePlace(plan, here.name), keyOf(context, activeSite, seen));
  if (read.type !== "found" || !isKept(read.body)) return sightings;
  const nowMs = ports.clock.nowMs();
  const older = (now: LeaseSighting, then: LeaseSighting): LeaseSighting =>
    // A word from the future is a clock that is wrong: nothing is built on it.
    then.revision === now.revision && then.sinceMs <= nowMs
      ? { ...now, sinceMs: Math.min(now.sinceMs, then.sinceMs) }
      : now;
  return {
    witness: older(seen.witness, read.body.witness),
    standby: older(seen.standby, read.body.standby),
  };
};

const isSighting = (value: unknown): value is LeaseSighting =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as LeaseSighting).revision === "number" &&
  typeof (value as LeaseSighting).sinceMs === "number";

const isKept = (body: unknown): body is KeptSightings =>
  typeof body === "object" &&
  body !== null &&
  isSighting((body as KeptSightings).witness) &&
  isSighting((body as KeptSightings).standby);
