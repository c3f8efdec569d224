import { goesOn, type Unanswered } from "@lifeboat/recovery/lease";
import { isSealed, type Lease } from "@lifeboat/recovery/ledger";
import type { RenewalMemory } from "./renew-leases.ts";

/** What a renewal says of beats. */
export interface BeatWord {
  readonly sentAtMs: number;
  readonly beatFollows: boolean;
  /** A beat that was announced, and is known not to have reached the database. */
  readonly voidedAtMs?: number;
}

export interface CanaryReport {
  readonly canary: Lease["canary"];
  readonly unanswered?: Lease["unanswered"];
  /** The latest beat that what lay there before told of. */
  readonly othersBeatAtMs: number;
}

/**
 * What a renewal reports of the database: by what this container knows and by what lies in the lease already, for containers
 * of the watch take turns, and each knows its own beats only. `before`: the lease of this site and epoch as it lies there; null:
 * it is another one's. No report goes back in time.
 */
export const canaryReport = (
  memory: Pick<RenewalMemory, "canary" | "mayHaveBeatenAtMs" | "unanswered">,
  before: Lease | null,
  here: string,
  { sentAtMs, beatFollows, voidedAtMs }: BeatWord,
  periodMs: number,
): CanaryReport => {
  // What another site wrote here for this one is of another clock.
  const own = before !== null && before.by === here && !isSealed(before) ? before : null;
  // What lay there before this epoch told of beats as well, to whoever reads it no more.
  const othersBeatAtMs = beatTold(own, sentAtMs, voidedAtMs);
  const newest = newestCanary(memory.canary, own?.canary ?? null);
  const acknowledgedAtMs = newest?.acknowledgedAtMs ?? Number.NEGATIVE_INFINITY;
  const rows = [memory.unanswered, rowTold(own)]
    .filter((row) => row !== null)
    .filter((row) => goesOn(row, acknowledgedAtMs, sentAtMs, periodMs));
  const sinceMs = Math.min(...rows.map((row) => row.sinceMs));
  const mayHaveBeatenAtMs = Math.max(
    memory.mayHaveBeatenAtMs,
    othersBeatAtMs,
    beatFollows ? sentAtMs : Number.NEGATIVE_INFINITY,
  );
  return {
    othersBeatAtMs,
    canary: newest === null ? null : { ...newest, reportedAtMs: sentAtMs, mayHaveBeatenAtMs },
    ...(rows.length === 0 ? {} : { unanswered: { sinceMs, toldAtMs: sentAtMs } }),
  };
};

/** Every beat was announced at one of the two places first, by whichever container sent it. */
const beatTold = (own: Lease | null, sentAtMs: number, voidedAtMs: number | undefined): number => {
  const toldMs = own?.canary?.mayHaveBeatenAtMs ?? sentAtMs;
  return toldMs === voidedAtMs ? 0 : toldMs;
};

const rowTold = (own: Lease | null): Unanswered | null =>
  own?.unanswered === undefined ? null : { sinceMs: own.unanswered.sinceMs, lastMs: own.unanswered.toldAtMs };

const newestCanary = (one: Lease["canary"], other: Lease["canary"]): Lease["canary"] =>
  one === null || (other !== null && other.acknowledgedAtMs > one.acknowledgedAtMs) ? other : one;
