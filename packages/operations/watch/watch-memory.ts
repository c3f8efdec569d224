import type { Claim } from "@lifeboat/recovery/ledger";
import { NO_SIGHTINGS, type LeaseSightings } from "../observe-leases.ts";
import { freshRenewalMemory, type RenewalMemory } from "./renew-leases.ts";
import { NOT_STANDING_IN, type StandInMemory } from "./stand-in.ts";

/** What a container of the watch remembers between two ticks. */
export interface WatchMemory {
  readonly renewal: RenewalMemory;
  readonly sightings: LeaseSightings;
  readonly standIn: StandInMemory;
  /** The claim as it was last read, and when; null: not since this container started. */
  readonly claim: { readonly body: Claim; readonly readAtMs: number } | null;
  /** This site may have stopped its own services, and has not looked yet. */
  readonly mayBeFenced: boolean;
  /** When a fence was last asked for of which nobody answered what became of it; null: none. See `own-fence.ts`. */
  readonly fenceAskedAtMs: number | null;
}

export const freshMemory = (nowMs: number): WatchMemory => ({
  renewal: freshRenewalMemory(nowMs),
  sightings: NO_SIGHTINGS,
  standIn: NOT_STANDING_IN,
  claim: null,
  mayBeFenced: true,
  fenceAskedAtMs: null,
});

/**
 * What a container may still rely on that has not ticked for a while: others have ticked meanwhile, and renewed, or fenced,
 * or neither. When the lease was last renewed it does not know, so it counts anew, as one that has just started does. What it
 * saw of the other site's lease holds: a revision never comes back.
 */
export const afterPause = (memory: WatchMemory, nowMs: number): WatchMemory => ({
  ...freshMemory(nowMs),
  renewal: {
    ...freshRenewalMemory(nowMs),
    fenceUnnoted: memory.renewal.fenceUnnoted,
    unanswered: memory.renewal.unanswered,
    unreached: memory.renewal.unreached,
  },
  sightings: memory.sightings,
  standIn: memory.standIn,
  fenceAskedAtMs: memory.fenceAskedAtMs,
});

export interface TickReport {
  readonly role: "active" | "passive" | "unknown";
  readonly detail: string;
  readonly memory: WatchMemory;
  /**
   * The lease could not be renewed and self-fencing will be due, or a fence was asked for and not answered: only this container
   * knows since when.
   */
  readonly countsDown: boolean;
}

export const idle = (role: TickReport["role"], detail: string, memory: WatchMemory): TickReport => ({
  role,
  detail,
  memory,
  countsDown: false,
});
