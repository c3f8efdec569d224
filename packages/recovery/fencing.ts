import { hasRunOut, runsOutAtMs, type LeaseSighting } from "./lease.ts";
import type { LeaseTerms } from "./plan.ts";

/** What is known about the old primary when somebody wants to promote its standby. */
export interface FencingEvidence {
  /** The lease as seen at the witness and at the standby; null: it could not be read there. */
  readonly atWitness: LeaseSighting | null;
  readonly atStandby: LeaseSighting | null;
  /** Every store's writer has an enforcer beside it that acts on the same lease. */
  readonly enforcerBesideWriter: boolean;
  readonly acceptPresumedFencing: boolean;
  /** A person took the responsibility on record. */
  readonly override: { readonly who: string; readonly why: string } | null;
}

export type FencingBasis = "confirmed" | "lease-run-out" | "presumed" | "override";

export type FencingVerdict =
  | { readonly type: "may-promote"; readonly basis: FencingBasis; readonly reason: string }
  | { readonly type: "wait"; readonly untilMs: number; readonly reason: string }
  | { readonly type: "ask"; readonly reason: string };

const byOverride = ({ who, why }: NonNullable<FencingEvidence["override"]>): FencingVerdict => ({
  type: "may-promote",
  basis: "override",
  reason: `${who} took responsibility: ${why}`,
});

/**
 * Who may promote: the one rule that keeps a workload from having two writers. In this order: the old primary says at both
 * places that it is fenced; both leases have run out and an enforcer beside the writer acts on them; they have run out and
 * the plan accepts that as presumed fencing; a person's override. A lease that is seen alive is waited for, whatever else
 * is known. `nowMs` and the sightings are of one clock.
 */
export const judgeFencing = (evidence: FencingEvidence, terms: LeaseTerms, nowMs: number): FencingVerdict => {
  const { atWitness, atStandby, override } = evidence;
  // One place alone may still hold the word of an earlier epoch while the site renews at the other.
  if (atWitness?.fenced === true && atStandby?.fenced === true) {
    return {
      type: "may-promote",
      basis: "confirmed",
      reason: "the old primary has fenced itself and said so",
    };
  }
  const alive = [atWitness, atStandby].filter((sighting) => sighting !== null);
  const untilMs = Math.max(...alive.map((sighting) => runsOutAtMs(sighting, terms)));
  const mustWait = alive.some((sighting) => !hasRunOut(sighting, terms, nowMs));
  if (atWitness === null || atStandby === null) {
    // A lease that cannot be read may be renewed this very moment.
    const where = atWitness === null ? "the witness" : "the standby";
    if (override === null) {
      return {
        type: "ask",
        reason: `the lease cannot be read at ${where}: nothing proves that the old primary has stopped`,
      };
    }
    if (!mustWait) return byOverride(override);
  }
  if (mustWait) {
    // No override shortens this wait: a writer that is alive and renewing must never be overtaken.
    return { type: "wait", untilMs, reason: "the old primary's lease has not run out yet" };
  }
  if (evidence.enforcerBesideWriter) {
    return {
      type: "may-promote",
      basis: "lease-run-out",
      reason:
        "the lease has run out at the witness and at the standby, and the enforcer beside the writer has ended its sessions",
    };
  }
  if (evidence.acceptPresumedFencing) {
    return {
      type: "may-promote",
      basis: "presumed",
      reason: "the lease has run out, and the plan accepts presumed fencing",
    };
  }
  return override === null
    ? {
        type: "ask",
        reason:
          "the lease has run out, but no enforcer sits beside the writer and the plan does not accept presumed fencing",
      }
    : byOverride(override);
};
