import type { Loss } from "./loss.ts";
import type { SiteName } from "./plan.ts";
import { isPastReturn, type PhaseName } from "./phases.ts";

/**
 * The ledger: three keys per workload (`claim`, `lease`, `switch`), changed by conditional PUT only. Everything here is a
 * pure step from one body to the next; who writes it and how a lost reply is told from a lost race is
 * `operations/ledger`.
 */

/** Carried by every body: `revision` grows by one per change, `writeId` tells one's own write from another's. */
export interface Stamp {
  readonly revision: number;
  readonly writeId: string;
}

/** Who may act for the workload in the current epoch. */
export interface Holder {
  /** ARN of the Step Functions execution. */
  readonly execution: string;
  /** The site that it runs in, and moves the workload to. */
  readonly site: SiteName;
  /** The site that was active when the claim was made. */
  readonly from: SiteName;
  /** A holder that never ended and was replaced: its last step may still be running. */
  readonly succeeds: string | null;
  /** What the promotion lost, as measured once, before this epoch's first canary; null until then. */
  readonly loss: Loss | null;
  /** When the execution began, on its site's clock. Missing: written before this was kept. */
  readonly startedAtMs?: number | undefined;
  /**
   * The same of the first of those that this one takes over from past the point of no return: a promotion that it asked for may
   * take effect under this one. Missing: not known.
   */
  readonly movingSinceMs?: number | undefined;
}

/** A move whose new site is the active one, and that no execution has brought to its end: services may not run, nor traffic have moved. */
export interface UnfinishedMove {
  /** ARN of the execution that made the new site the active one. */
  readonly execution: string;
  /** The site that was left. */
  readonly from: SiteName;
  readonly loss: Loss;
  /** When that execution began, on its site's clock; null: not known. */
  readonly startedAtMs: number | null;
}

/** An execution that was asked for and has not ended: the lock that keeps a second one from starting. */
export interface Request {
  readonly execution: string;
  readonly requestedAtMs: number;
  readonly trigger: string;
}

export type Protection =
  /** The passive site replicates and is ready to take over. */
  | "protected"
  /** After a recovery, until the old site is back as the passive one. */
  | "degraded";

export interface Claim extends Stamp {
  readonly workload: string;
  /** The fencing epoch: one per holder that ever acted. */
  readonly epoch: number;
  readonly activeSite: SiteName;
  readonly holder: Holder | null;
  /** How far the holder has come; what a new holder reads first. */
  readonly phase: PhaseName | "idle";
  readonly request: Request | null;
  /** When the last finished recovery ended, on the clock of the site that it ran in. One that did not finish leaves it alone. */
  readonly recoveredAtMs: number | null;
  /** When the last execution ended, whatever its outcome: automatic requests leave a pause after one that achieved nothing. */
  readonly attemptEndedAtMs: number | null;
  readonly protection: Protection;
  /**
   * What is left of a move to the active site, for a person to have finished. Missing: nothing, or a holder is recorded that has
   * made the site the active one; see {@link moveToFinish}.
   */
  readonly unfinished?: UnfinishedMove | undefined;
  /**
   * The last move: where to, and when the execution began, on that site's clock, that may have asked for the first promotion of it. What
   * AWS says of the promotion is no older, however long people let the move hold or leave it unfinished. Missing, or to another site
   * than the active one: written before this was kept.
   */
  readonly moved?: { readonly to: SiteName; readonly sinceMs: number } | undefined;
}

export interface Lease extends Stamp {
  readonly workload: string;
  readonly site: SiteName;
  /** Whose watch wrote it: the site's own, or the other one's that stands in for a control plane that is out of order. */
  readonly by: SiteName;
  readonly epoch: number;
  readonly durationMs: number;
  /** The newest canary row that the active site's database acknowledged, by that site's clock. */
  readonly canary: {
    readonly sequence: number;
    readonly acknowledgedAtMs: number;
    readonly periodMs: number;
    /** When the renewal that reports it was sent, by the same clock: how fresh it was then. */
    readonly reportedAtMs: number;
    /**
     * The latest time, by the same clock, at which a beat may have reached the database, answered or not, as far as this lease
     * tells: the renewal's own where a beat follows it. Missing: not known.
     */
    readonly mayHaveBeatenAtMs?: number | undefined;
    /**
     * Until when, by the same clock, something may be written at the site for what was announced so far: by the terms of whoever
     * announced it, whose plan may be another version than the reader's. Missing: not told.
     */
    readonly writesUntilMs?: number | undefined;
  } | null;
  /**
   * When the first of the beats was sent, by the site's own clock, that its database has not acknowledged since, one after the
   * other without a break; and when the renewal that says so was. Missing: the last one was acknowledged, or there was none for a
   * while.
   */
  readonly unanswered?: { readonly sinceMs: number; readonly toldAtMs: number } | undefined;
  /** Written as its last act by a site that has fenced itself. */
  readonly fenced: boolean;
}

export interface KillSwitch extends Stamp {
  readonly workload: string;
  readonly on: boolean;
  readonly by: string;
  readonly why: string;
}

/** The next stamp after a body, for a write that `writeId` names. */
const next = (stamp: Stamp, writeId: string): Stamp => ({ revision: stamp.revision + 1, writeId });

/** The first claim of a workload, which bootstrap alone writes. */
export const firstClaim = (workload: string, activeSite: SiteName, writeId: string): Claim => ({
  revision: 1,
  writeId,
  workload,
  epoch: 1,
  activeSite,
  holder: null,
  phase: "idle",
  request: null,
  recoveredAtMs: null,
  attemptEndedAtMs: null,
  protection: "protected",
});

/** The first lease of a workload, run out from the start: the active site's watch renews it. */
export const firstLease = (workload: string, site: SiteName, durationMs: number, writeId: string): Lease => ({
  revision: 1,
  writeId,
  workload,
  site,
  by: site,
  epoch: 1,
  durationMs,
  canary: null,
  fenced: false,
});

export const firstKillSwitch = (workload: string, writeId: string): KillSwitch => ({
  revision: 1,
  writeId,
  workload,
  on: false,
  by: "bootstrap",
  why: "created off",
});

/** Notes that an execution was asked for, so that no second one starts. */
export const withRequest = (claim: Claim, request: Request, writeId: string): Claim => ({
  ...claim,
  ...next(claim, writeId),
  request,
});

/** Takes away the request of an execution that has ended; whoever holds the workload goes on holding it. */
export const withoutRequest = (claim: Claim, execution: string, writeId: string): Claim => ({
  ...claim,
  ...next(claim, writeId),
  request: claim.request?.execution === execution ? null : claim.request,
});

/**
 * Opens a new epoch for `holder`. The active site does not change yet: that is {@link withActiveSite}, at promotion. What one that
 * it takes over from has set going past the point of no return may still take effect: the phase does not go back behind that. Not
 * where that one's site is the active one already: everything of it has taken effect, and the site that this holder moves the
 * workload away from may go on until there is a promotion.
 */
export const withHolder = (claim: Claim, holder: Holder, writeId: string): Claim => {
  // Should this holder give up before it promotes anything, what the one before left at the active site is still to be finished.
  const left = moveLeft(claim, claim.activeSite);
  // Nobody recorded, and yet past it: not known to be over.
  const goesOn = isPastReturn(claim.phase) && claim.holder?.site !== claim.activeSite;
  const movingSinceMs = goesOn ? claim.holder?.movingSinceMs : holder.startedAtMs;
  return {
    ...withoutPastMove(claim),
    ...next(claim, writeId),
    ...(left === null ? {} : { unfinished: left }),
    epoch: claim.epoch + 1,
    holder: movingSinceMs === undefined ? holder : { ...holder, movingSinceMs },
    phase: goesOn ? claim.phase : "claim",
  };
};

export const withPhase = (claim: Claim, phase: PhaseName, writeId: string): Claim => ({
  ...claim,
  ...next(claim, writeId),
  phase,
});

/**
 * The claim without a note that is no move to its active site. A site whose functions were deployed before there were such notes writes
 * back what it does not know, so a note may have outlived a later move, back to the site that it says was left.
 */
const withoutPastMove = (claim: Claim): Claim => {
  const { unfinished, ...rest } = claim;
  return unfinished?.from === claim.activeSite ? rest : claim;
};

/**
 * The move to `site` that an execution there may finish; null: there is none, for the site is not the active one, or its move is
 * finished, or somebody moves the workload away from it.
 */
export const moveToFinish = (claim: Claim, site: SiteName): UnfinishedMove | null => {
  const { activeSite, holder, unfinished } = withoutPastMove(claim);
  if (activeSite !== site || (holder !== null && holder.site !== site)) return null;
  if (unfinished !== undefined) return unfinished;
  if (holder === null) return null;
  return {
    execution: holder.execution,
    from: holder.from,
    loss: holder.loss ?? { known: false, reason: "the ledger does not say what the promotion lost" },
    startedAtMs: holder.startedAtMs ?? null,
  };
};

/**
 * What is to be noted of {@link moveToFinish} when its holder goes; null as well where that one was let finish a move that was none. For
 * as long as it holds the workload that may be finished, or a dead one would hold it for ever.
 */
const moveLeft = (claim: Claim, site: SiteName): UnfinishedMove | null => {
  const move = moveToFinish(claim, site);
  return move?.from === site ? null : move;
};

/**
 * Opens a new epoch for an execution that finishes a move to its site. Past the point of no return from the start: nothing of it may be
 * given back to the site that was left. What the promotion lost stays what was measured then.
 */
export const withFinisher = (
  claim: Claim,
  finisher: Pick<Holder, "execution" | "site" | "startedAtMs">,
  move: UnfinishedMove,
  writeId: string,
): Claim => ({
  ...claim,
  ...next(claim, writeId),
  epoch: claim.epoch + 1,
  holder: {
    ...finisher,
    from: move.from,
    succeeds: claim.holder?.execution ?? null,
    loss: move.loss,
  },
  phase: "start-services",
  unfinished: move,
});

/**
 * The holder's site becomes the active one; nothing protects it until the other site is back. The loss is kept with it: a
 * second look would find the new epoch's own canaries. What was left of an earlier move, to the other site, is past. When this one
 * began is kept for longer than its holder is.
 */
export const withActiveSite = (
  claim: Claim,
  { activeSite, loss }: { readonly activeSite: SiteName; readonly loss: Loss },
  writeId: string,
): Claim => {
  const { unfinished: _, moved: __, ...before } = claim;
  const sinceMs = claim.holder?.movingSinceMs;
  return {
    ...before,
    ...next(claim, writeId),
    activeSite,
    ...(sinceMs === undefined ? {} : { moved: { to: activeSite, sinceMs } }),
    holder: claim.holder === null ? null : { ...claim.holder, loss },
    protection: "degraded",
  };
};

export interface Ending {
  readonly execution: string;
  readonly endedAtMs: number;
  readonly recovered: boolean;
  /** Nothing was promoted, seen in the stores themselves, and a person gave it up: the old site may go on. */
  readonly givenUp: boolean;
}

/**
 * The execution has ended and gives back what it had, and nothing of another's. Only a recovery that finished starts the
 * cooldown. One that ended unfinished past the point of no return keeps its hold: a promotion that it asked for may still
 * take effect, so the site that was left must not go on as if nothing had happened. The next execution takes over from it.
 * Once its site is the active one there is nothing left to take effect, and the hold is given back; that the move is unfinished is
 * noted, unless it recovered.
 */
export const withOutcome = (
  claim: Claim,
  { execution, endedAtMs, recovered, givenUp }: Ending,
  writeId: string,
): Claim => {
  const isHolder = claim.holder?.execution === execution;
  const before = withoutPastMove(claim);
  const { unfinished: _, ...withoutMove } = before;
  const left = isHolder && !recovered ? moveLeft(claim, claim.holder.site) : null;
  return {
    ...(isHolder && recovered ? withoutMove : before),
    ...next(claim, writeId),
    ...(left === null ? {} : { unfinished: left }),
    ...(claim.holder?.execution === execution &&
    (recovered || givenUp || !isPastReturn(claim.phase) || claim.activeSite === claim.holder.site)
      ? { holder: null, phase: "idle" }
      : {}),
    request: claim.request?.execution === execution ? null : claim.request,
    recoveredAtMs: recovered ? endedAtMs : claim.recoveredAtMs,
    attemptEndedAtMs: endedAtMs,
  };
};

export const withProtection = (claim: Claim, protection: Protection, writeId: string): Claim => ({
  ...claim,
  ...next(claim, writeId),
  protection,
});

/** A renewal for the site that is active in `epoch`, by its own watch or by one that stands in for it. */
export const renewedLease = (
  lease: Lease,
  renewal: Pick<Lease, "site" | "by" | "epoch" | "durationMs" | "canary" | "unanswered" | "fenced">,
  writeId: string,
): Lease => {
  // Whoever renews says so anew, or no longer.
  const { unanswered: _, ...before } = lease;
  return { ...before, ...renewal, ...next(lease, writeId) };
};

/**
 * A lease that the holder of a new epoch has taken from the old site: it lasts no time, and whoever read the ledger before
 * the claim can renew it no more. What the old site reported last stays in it.
 */
export const sealedLease = (lease: Lease, site: SiteName, epoch: number, writeId: string): Lease => ({
  ...lease,
  ...next(lease, writeId),
  site,
  by: site,
  epoch,
  durationMs: 0,
});

export const isSealed = (lease: Lease): boolean => lease.durationMs === 0;

/** May this execution still act? The question that every mutating step asks first. */
export const holds = (claim: Claim, execution: string, epoch: number): boolean =>
  claim.epoch === epoch && claim.holder?.execution === execution;
