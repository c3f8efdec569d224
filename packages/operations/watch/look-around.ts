import type { Lease } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { observeLeases, type LeaseObservation, type LeaseSightings } from "../observe-leases.ts";
import { probeFrom } from "./probe-from.ts";

/** What the standing-by site sees of the active one in a tick. */
export interface Surroundings extends Omit<LeaseObservation, "newest"> {
  readonly newest: Lease | null;
  /** The active site's own watch has renewed its lease, somewhere, when it was last due. */
  readonly renewed: boolean;
  /** Probes from here were made, and all of them got an answer. */
  readonly answers: boolean;
  readonly failedProbes: readonly string[];
}

const LOOK_EVERY_MS = 1000;
/** A renewal that is due comes a little later where ticks wait for a queue or a container. */
const LATE_MS = 5000;

/** How long ago the active site's own watch was last seen to renew its lease anywhere; infinite: never. */
const ownRenewalAgeMs = (
  { sightings, bodies }: LeaseObservation,
  activeSite: string,
  nowMs: number,
): number => {
  const sinceMs = (["witness", "standby"] as const).flatMap((where) => {
    const sighting = sightings[where];
    return sighting !== null && bodies[where]?.by === activeSite ? [sighting.sinceMs] : [];
  });
  return nowMs - Math.max(Number.NEGATIVE_INFINITY, ...sinceMs);
};

/**
 * Looks at the active site's leases and asks its endpoint. A renewal that is just due is waited for, a few seconds at most:
 * both sites tick at one pace, and which of them is first is chance.
 */
export const lookAround = async (
  context: SiteContext<"alarms">,
  activeSite: string,
  earlier: LeaseSightings,
): Promise<Surroundings> => {
  const { plan, ports } = context;
  const { renewEveryMs } = plan.ledger.lease;
  let observed = await observeLeases(context, activeSite, earlier);
  const ageMs = (): number => ownRenewalAgeMs(observed, activeSite, ports.clock.nowMs());
  while (ageMs() >= renewEveryMs - LOOK_EVERY_MS && ageMs() < renewEveryMs + LATE_MS) {
    await ports.clock.sleep(LOOK_EVERY_MS);
    observed = await observeLeases(context, activeSite, observed.sightings);
  }
  const renewed = ageMs() < renewEveryMs + LATE_MS;
  const { asked, failed } = await probeFrom(context, "standby", activeSite);
  return { ...observed, renewed, answers: asked > 0 && failed.length === 0, failedProbes: failed };
};
