import { hasCanaryStopped } from "./beats.ts";
import type { Lease } from "./ledger.ts";
import type { LeaseTerms } from "./plan.ts";

/**
 * Lease arithmetic. No clock is compared with another one: the holder counts from before it sent its renewal, the waiter
 * from when it saw the revision change, each on its own clock (Gray and Cheriton 1989; Patroni's `ttl` works alike).
 */

/** The moment, on the holder's clock, at which self-fencing must begin so that it has finished when the lease ends. */
export const fenceDueAtMs = (renewalSentAtMs: number, terms: LeaseTerms): number =>
  renewalSentAtMs + terms.durationMs - terms.fenceWithinMs;

/** More than any act on a site's own resources takes, each of its calls with its two attempts. */
const LONGEST_ACT_MS = 60_000;

/**
 * The longest that one act on a site's own services may go on, milliseconds. Such acts wait for each other, and the site may
 * begin one right after a renewal: it is over when the next fence can be due, so that no fence ever waits for it.
 */
export const actWithinMs = (terms: LeaseTerms): number =>
  Math.min(LONGEST_ACT_MS, terms.durationMs - terms.fenceWithinMs);

/** Fewer missed renewals than this must never stop a writer. */
const LEAST_RENEWALS = 2.5;

/**
 * How much later than planned a beat usually follows the one before, milliseconds: ticks wait for a queue, a container, and the
 * renewal that goes first. Of 1,500 beats before the outage in 100 runs of `lifeboat simulate --scenario region-loss`, one in a
 * hundred came more than 0.55 s late, and one in a thousand more than 0.78 s.
 */
export const USUAL_LATENESS_MS = 1000;

/**
 * Within this time after its row has run out the enforcer has ended every session, milliseconds: its job looks every five seconds, and who
 * reconnects in the instant in which it shuts the door stays until it looks again. Guarded tables refuse writes at once. See
 * docs/enforcer.md.
 */
export const ENFORCED_WITHIN_MS = 10_000;

/**
 * How long after a renewal was sent the enforcer goes on admitting writers, milliseconds: until self-fencing is due, and no
 * longer than the plan's loss limit allows. A primary that is cut off but alive goes on writing rows that reach nobody; what
 * it writes then is lost by the promotion that follows, and neither the standby nor the witness can tell it from a dead
 * one. The limit has to cover one period with its usual lateness besides,
 * for the beat of the last renewal may not have been written, or not have arrived. A copy that lags
 * by more is above the limit, and a person decides. A limit that is shorter than a few renewals would
 * stop writers in everyday life: it is not enforced then, and shows up in the loss instead.
 */
export const writerGraceMs = (terms: LeaseTerms, lossLimitMs: number): number => {
  const withinLimitMs = lossLimitMs - terms.renewEveryMs - USUAL_LATENESS_MS;
  const leastMs = LEAST_RENEWALS * terms.renewEveryMs;
  return Math.min(terms.durationMs - terms.fenceWithinMs, Math.max(withinLimitMs, leastMs));
};

/**
 * For how long after the last renewal that a beat followed something may have been written, milliseconds. With an enforcer beside
 * the writer guarded tables take nothing after that (others may until the job has run: {@link ENFORCED_WITHIN_MS}); without one the
 * site is presumed to have stopped itself when its lease ended.
 */
export const writesForMs = (
  terms: LeaseTerms,
  lossLimitMs: number,
  { enforcerBesideWriter }: { readonly enforcerBesideWriter: boolean },
): number => (enforcerBesideWriter ? writerGraceMs(terms, lossLimitMs) : terms.durationMs);

/** The most that is lost in a usual outage, milliseconds: its last beat has not arrived, and its writer was not dead but cut off. */
export const usualLossMs = (
  terms: LeaseTerms,
  lossLimitMs: number,
  writer: { readonly enforcerBesideWriter: boolean },
): number => terms.renewEveryMs + USUAL_LATENESS_MS + writesForMs(terms, lossLimitMs, writer);

/** A beat as it was asked for: writers are admitted for so long, counted from then. Both by the site's clock. */
export interface Admission {
  readonly askedAtMs: number;
  readonly validForMs: number;
}

/**
 * For how much longer a beat admits writers, milliseconds, when `nowMs` has come; 0: it has come too late to admit anybody.
 * `startedAtMs` is when whoever writes the beat was started, by its own clock: what it took since counts even if the
 * asker's clock is ahead of it.
 */
export const admitsForMs = (
  { askedAtMs, validForMs }: Admission,
  startedAtMs: number,
  nowMs: number,
): number => Math.max(0, validForMs - (nowMs - Math.min(askedAtMs, startedAtMs)));

/**
 * For how long beat after beat had gone unanswered when the renewal that says so was sent, by the holder's own clock. Not the
 * age of the newest canary: a site that could not renew sent no beats, and its database may be well.
 */
export const canarySilentForMs = ({ unanswered }: Pick<Lease, "unanswered">): number =>
  unanswered === undefined ? 0 : unanswered.toldAtMs - unanswered.sinceMs;

/**
 * What a site that goes on renewing its lease says of its own database. `lost`: it has taken no canary for as long as a lease
 * holds. A site that has fallen silent is waited for so long, and for no less; one that lives and says itself that its
 * database is gone is waited for just as long, and then is no reason to move nothing.
 */
export const databaseStanding = (silentForMs: number, terms: LeaseTerms): "answers" | "silent" | "lost" =>
  silentForMs >= terms.durationMs
    ? "lost"
    : hasCanaryStopped(silentForMs, terms.renewEveryMs)
      ? "silent"
      : "answers";

/** What a waiter has seen of one lease: the revision, and when (on its own clock) it first saw that revision. */
export interface LeaseSighting {
  readonly revision: number;
  readonly sinceMs: number;
  /** For how long the site's database had taken no canary when it renewed, by its own word; see {@link databaseStanding}. */
  readonly canarySilentForMs: number;
  /** How long the renewal said that it holds: its holder may go by another version of the plan. 0: sealed. */
  readonly durationMs: number;
  readonly fenced: boolean;
}

/** Looks again: the same revision keeps its time, another one starts anew. */
export const sightLease = (earlier: LeaseSighting | null, lease: Lease, nowMs: number): LeaseSighting =>
  earlier?.revision === lease.revision
    ? earlier.fenced === lease.fenced
      ? earlier
      : { ...earlier, fenced: lease.fenced }
    : {
        revision: lease.revision,
        sinceMs: nowMs,
        canarySilentForMs: canarySilentForMs(lease),
        durationMs: lease.durationMs,
        fenced: lease.fenced,
      };

/**
 * When, on the waiter's clock, the lease has run out if the revision does not change before. By the longer of what it says
 * itself and of what this site's plan says: while a plan with another duration is published, the two sites differ.
 */
export const runsOutAtMs = (sighting: LeaseSighting, terms: LeaseTerms): number =>
  sighting.sinceMs + Math.max(sighting.durationMs, terms.durationMs) + terms.driftMarginMs;

export const hasRunOut = (sighting: LeaseSighting, terms: LeaseTerms, nowMs: number): boolean =>
  nowMs >= runsOutAtMs(sighting, terms);
