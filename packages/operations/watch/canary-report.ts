import { goesOn, type Unanswered } from "@lifeboat/recovery/beats";
import { isSealed, type Lease } from "@lifeboat/recovery/ledger";

/** What a renewal says of beats. */
export interface BeatWord {
  readonly sentAtMs: number;
  readonly beatFollows: boolean;
  /** A beat that was announced, and is known not to have reached the database. */
  readonly voidedAtMs?: number;
}

/** What a container of the watch knows of its site's beats. */
export interface KnownBeats {
  readonly canary: Lease["canary"];
  /** Of any container, as far as is known. */
  readonly announced: Announced;
  /** Beats that the database has not acknowledged, as far as this container knows; null: the last one was. */
  readonly unanswered: Unanswered | null;
}

export interface CanaryReport {
  readonly canary: Lease["canary"];
  readonly unanswered?: Lease["unanswered"];
  /** The latest beat that what lay there before told of. */
  readonly others: Announced;
}

/** What was announced of a site's beats; 0: nothing. */
export interface Announced {
  /** The latest beat that may have reached the database. */
  readonly mayHaveBeatenAtMs: number;
  /** Until when something may be written for it; see `Lease`. */
  readonly writesUntilMs: number;
}

export const NOTHING_ANNOUNCED: Announced = { mayHaveBeatenAtMs: 0, writesUntilMs: 0 };

export const latestOf = (...all: readonly Announced[]): Announced => ({
  mayHaveBeatenAtMs: Math.max(0, ...all.map((each) => each.mayHaveBeatenAtMs)),
  writesUntilMs: Math.max(0, ...all.map((each) => each.writesUntilMs)),
});

/** By which terms a site renews. */
export interface RenewalTerms {
  readonly renewEveryMs: number;
  /** For how long something may be written after a renewal that a beat follows; see `writesForMs` of the lease. */
  readonly writesForMs: number;
  readonly enforcerBesideWriter: boolean;
}

/**
 * What a renewal reports of the database: by what this container knows and by what lies in the lease already, for containers
 * of the watch take turns, and each knows its own beats only. `before`: the lease of this site and epoch as it lies there; null:
 * it is another one's. No report goes back in time.
 */
export const canaryReport = (
  memory: KnownBeats,
  before: Lease | null,
  here: string,
  word: BeatWord,
  terms: RenewalTerms,
): CanaryReport => {
  const { sentAtMs, beatFollows } = word;
  // What another site wrote here for this one is of another clock.
  const own = before !== null && before.by === here && !isSealed(before) ? before : null;
  // What lay there before this epoch told of beats as well, to whoever reads it no more.
  const others = told(own, word, terms);
  const newest = newestCanary(memory.canary, own?.canary ?? null);
  const acknowledgedAtMs = newest?.acknowledgedAtMs ?? Number.NEGATIVE_INFINITY;
  const rows = [memory.unanswered, rowTold(own)]
    .filter((row) => row !== null)
    .filter((row) => goesOn(row, acknowledgedAtMs, sentAtMs, terms.renewEveryMs));
  const sinceMs = Math.min(...rows.map((row) => row.sinceMs));
  const announced = latestOf(memory.announced, others, {
    mayHaveBeatenAtMs: beatFollows ? sentAtMs : 0,
    // Nobody but its lease stops a writer without an enforcer.
    writesUntilMs: beatFollows || !terms.enforcerBesideWriter ? sentAtMs + terms.writesForMs : 0,
  });
  return {
    others,
    canary: newest === null ? null : { ...newest, reportedAtMs: sentAtMs, ...announced },
    ...(rows.length === 0 ? {} : { unanswered: { sinceMs, toldAtMs: sentAtMs } }),
  };
};

/**
 * Every beat was announced at one of the two places first, by whichever container sent it. A lease that carries no canary yet tells of
 * none: what was sent before this renewal in its epoch counts as sent with it.
 */
const told = (
  own: Lease | null,
  { sentAtMs, voidedAtMs }: BeatWord,
  { writesForMs, enforcerBesideWriter }: RenewalTerms,
): Announced => {
  const beatenAtMs = own?.canary?.mayHaveBeatenAtMs ?? sentAtMs;
  const untilMs = own?.canary?.writesUntilMs ?? beatenAtMs + writesForMs;
  if (voidedAtMs === undefined || beatenAtMs !== voidedAtMs)
    return { mayHaveBeatenAtMs: beatenAtMs, writesUntilMs: untilMs };
  // What was announced with the one that is void; an earlier one that lasts longer stays.
  const isItsOwn = enforcerBesideWriter && untilMs <= voidedAtMs + writesForMs;
  return { mayHaveBeatenAtMs: 0, writesUntilMs: isItsOwn ? 0 : untilMs };
};

const rowTold = (own: Lease | null): Unanswered | null =>
  own?.unanswered === undefined ? null : { sinceMs: own.unanswered.sinceMs, lastMs: own.unanswered.toldAtMs };

const newestCanary = (one: Lease["canary"], other: Lease["canary"]): Lease["canary"] =>
  one === null || (other !== null && other.acknowledgedAtMs > one.acknowledgedAtMs) ? other : one;
