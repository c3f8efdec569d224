import { databaseStanding, sightLease, type LeaseSighting } from "@lifeboat/recovery/lease";
import type { Lease } from "@lifeboat/recovery/ledger";
import type { LeaseTerms, SiteName } from "@lifeboat/recovery/plan";
import type { BasicPort, Context } from "./context.ts";
import { readEntry } from "./ledger/change-entry.ts";
import { leasePlaces } from "./ledger/places.ts";
import type { LedgerPlace } from "./ports.ts";

/** What a waiter has seen of the active site's two leases, on its own clock. Travels through an execution as JSON. */
export interface LeaseSightings {
  readonly witness: LeaseSighting | null;
  readonly standby: LeaseSighting | null;
}

export const NO_SIGHTINGS: LeaseSightings = { witness: null, standby: null };

export interface Standing {
  readonly standing: "answers" | "silent" | "lost";
  readonly silentForMs: number;
}

export interface LeaseObservation {
  readonly sightings: LeaseSightings;
  /** What lies at each place; null: it could not be read. */
  readonly bodies: { readonly witness: Lease | null; readonly standby: Lease | null };
  /** The newer of the two bodies; null: neither could be read. */
  readonly newest: Lease | null;
}

/**
 * Looks at both leases of the active site and brings the sightings up to date. A lease that cannot be read loses its
 * sighting: unseen, it may have been renewed any number of times.
 */
export const observeLeases = async (
  { plan, ports }: Context<BasicPort>,
  activeSite: SiteName,
  earlier: LeaseSightings,
): Promise<LeaseObservation> => {
  const places = leasePlaces(plan, activeSite);
  const look = async (place: LedgerPlace): Promise<Lease | null> => {
    try {
      return (await readEntry(ports, plan, place, "lease")).body;
    } catch {
      return null;
    }
  };
  const [atWitness, atStandby] = await Promise.all([look(places.witness), look(places.standby)]);
  const nowMs = ports.clock.nowMs();
  // By the active site's own clock: the place that was out of its reach has an older report.
  const reportedAtMs = (lease: Lease | null): number =>
    lease?.canary?.reportedAtMs ?? Number.NEGATIVE_INFINITY;
  return {
    sightings: {
      witness: atWitness === null ? null : sightLease(earlier.witness, atWitness, nowMs),
      standby: atStandby === null ? null : sightLease(earlier.standby, atStandby, nowMs),
    },
    bodies: { witness: atWitness, standby: atStandby },
    newest: withEveryBeat(
      reportedAtMs(atWitness) >= reportedAtMs(atStandby) ? (atWitness ?? atStandby) : atStandby,
      [atWitness, atStandby],
    ),
  };
};

/** A beat is announced at one of the two places only. Unless both can be read and tell of it, the last one is not known. */
const withEveryBeat = (newest: Lease | null, both: readonly (Lease | null)[]): Lease | null => {
  if (newest === null || newest.canary === null) return newest;
  const toldMs = both.map((lease) => lease?.canary?.mayHaveBeatenAtMs ?? Number.NaN);
  const lastMs = Math.max(...toldMs);
  const mayHaveBeatenAtMs = Number.isNaN(lastMs) ? undefined : lastMs;
  const untilMs = both.flatMap((lease) => lease?.canary?.writesUntilMs ?? []);
  const writesUntilMs = untilMs.length === 0 ? undefined : Math.max(...untilMs);
  return { ...newest, canary: { ...newest.canary, mayHaveBeatenAtMs, writesUntilMs } };
};

/** What the active site says of its own database in the renewal that was seen last. */
export const databaseOf = ({ witness, standby }: LeaseSightings, terms: LeaseTerms): Standing => {
  const seen = [witness, standby].filter((sighting) => sighting !== null);
  const newestMs = Math.max(...seen.map(({ sinceMs }) => sinceMs));
  // Both seen for the first time at once: either may be the newer one, and the better word counts.
  const newest = seen.filter(({ sinceMs }) => sinceMs === newestMs);
  const silentForMs = newest.length === 0 ? 0 : Math.min(...newest.map((each) => each.canarySilentForMs));
  return { silentForMs, standing: databaseStanding(silentForMs, terms) };
};

/** For how long the more recently renewed of the two leases has not changed, as far as was seen; null: not both readable. */
export const unrenewedForMs = ({ witness, standby }: LeaseSightings, nowMs: number): number | null =>
  witness === null || standby === null ? null : nowMs - Math.max(witness.sinceMs, standby.sinceMs);
