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
  const own = before !== null && before.by === here && !isSealed(before) ? before.canary : null;
  const othersBeatAtMs = before === null ? 0 : beatTold(own, sentAtMs, voidedAtMs);
  const newest = newestCanary(memory.canary, own);
  if (newest === null) return { canary: null, othersBeatAtMs };
  const { sequence, acknowledgedAtMs } = newest;
  const rows = [memory.unanswered, rowTold(own)]
    .filter((row) => row !== null)
    .filter((row) => goesOn(row, acknowledgedAtMs, sentAtMs, periodMs));
  return {
    othersBeatAtMs,
    canary: {
      sequence,
      acknowledgedAtMs,
      periodMs: newest.periodMs,
      reportedAtMs: sentAtMs,
      mayHaveBeatenAtMs: beatFollows ? sentAtMs : Math.max(memory.mayHaveBeatenAtMs, othersBeatAtMs),
      ...(rows.length === 0 ? {} : { unansweredSinceMs: Math.min(...rows.map(({ sinceMs }) => sinceMs)) }),
    },
  };
};

/** Every beat was announced at one of the two places first, by whichever container sent it. */
const beatTold = (own: Lease["canary"], sentAtMs: number, voidedAtMs: number | undefined): number => {
  const toldMs = own?.mayHaveBeatenAtMs ?? sentAtMs;
  return toldMs === voidedAtMs ? 0 : toldMs;
};

const rowTold = (own: Lease["canary"]): Unanswered | null =>
  own === null || own.unansweredSinceMs === undefined
    ? null
    : { sinceMs: own.unansweredSinceMs, lastMs: own.reportedAtMs };

const newestCanary = (one: Lease["canary"], other: Lease["canary"]): Lease["canary"] =>
  one === null || (other !== null && other.acknowledgedAtMs > one.acknowledgedAtMs) ? other : one;
