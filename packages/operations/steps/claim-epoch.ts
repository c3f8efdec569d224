import { RecoveryError } from "@lifeboat/recovery/errors";
import { judgeFencing, type FencingBasis, type FencingVerdict } from "@lifeboat/recovery/fencing";
import type { LeaseSighting } from "@lifeboat/recovery/lease";
import { sealedLease, withHolder, type Claim, type Holder, type Lease } from "@lifeboat/recovery/ledger";
import type { LeaseTerms, SiteName } from "@lifeboat/recovery/plan";
import type { Override } from "@lifeboat/recovery/decide";
import type { SiteContext, StepMemo } from "../context.ts";
import { changeEntry, readEntry } from "../ledger/change-entry.ts";
import { requireSwitchOff } from "../ledger/hold-mandate.ts";
import { leasePlaces, witnessPlace } from "../ledger/places.ts";
import type { LedgerPlace } from "../ports.ts";
import { databaseOf, observeLeases, type LeaseSightings } from "../observe-leases.ts";
import { findUnacceptedLoss, requireLossOfReturn, type Acceptance } from "./require-loss-accepted.ts";

export interface ClaimMemo extends StepMemo {
  readonly sightings: LeaseSightings;
  /** The leases as they were when the failover was decided on. */
  readonly decidedOn?: LeaseSightings;
  /** When this claim began to wait for the lease, on this site's clock. */
  readonly waitingSinceMs?: number;
  /** Since when the loss has been unknown while the old site lives and renews. */
  readonly lossUnknownSinceMs?: number;
  /** Set while a previous holder's steps may still be running: nothing is done before this time. */
  readonly quietUntilMs?: number;
}

export interface ClaimRequest extends Acceptance {
  readonly execution: string;
  readonly memo: ClaimMemo;
  /** The longest that a step of a previous holder can still be running: the functions' timeout and a margin. */
  readonly longestStepMs: number;
}

export type ClaimResult =
  | {
      readonly type: "waiting";
      readonly pollAfterSeconds: number;
      readonly memo: ClaimMemo;
      readonly waitingFor: "lease" | "previous-holder";
      readonly detail: string;
    }
  | {
      readonly type: "claimed";
      readonly epoch: number;
      /** Null: an epoch in which a move is finished, and nothing fenced. */
      readonly basis: FencingBasis | null;
      readonly memo: ClaimMemo;
      readonly detail: string;
    }
  /** The active site has renewed: there is nothing to recover from any more. */
  | { readonly type: "renewed"; readonly memo: ClaimMemo; readonly detail: string };

/** A lease that never changes runs out within one of its durations; after this many somebody goes on renewing it. */
const PATIENCE = 3;

const MINUTE_MS = 60_000;

/** How often the leases are looked at while the old site may say any moment what becomes of it. */
const LOOK_AGAIN_MS = 5000;

/**
 * A database that answers again is told of by the renewals after its first beat, and only then is its loss nobody's concern. A watch
 * that died between the two tells by its next tick: after a renewal's time, or when the Scheduler starts it anew, every minute.
 */
const watchIsBackWithinMs = (terms: LeaseTerms): number => MINUTE_MS + terms.renewEveryMs;

export const waitSeconds = (untilMs: number, nowMs: number): number =>
  Math.max(1, Math.ceil((untilMs - nowMs) / 1000));

/** A lease that cannot be read now may be read in a moment; what the plan does not accept is for people to. */
const unproven = ({ witness, standby }: LeaseSightings, reason: string): RecoveryError =>
  new RecoveryError(witness === null || standby === null ? "LedgerUnreadable" : "FencingUnproven", reason);

/** Waits for the lease, but not for ever. Throws `StepExpired` when a living site goes on renewing it. */
const waitForLease = (
  { plan, ports }: SiteContext<"canary">,
  activeSite: SiteName,
  verdict: Extract<FencingVerdict, { type: "wait" }>,
  memo: ClaimMemo,
): ClaimResult => {
  const nowMs = ports.clock.nowMs();
  const waitingSinceMs = memo.waitingSinceMs ?? nowMs;
  const { durationMs, driftMarginMs } = plan.ledger.lease;
  if (nowMs - waitingSinceMs > PATIENCE * (durationMs + driftMarginMs)) {
    throw new RecoveryError(
      "StepExpired",
      `${activeSite} goes on renewing its lease, and nothing overtakes a living site: stop it there first`,
    );
  }
  return {
    type: "waiting",
    waitingFor: "lease",
    pollAfterSeconds: waitSeconds(verdict.untilMs, nowMs),
    memo: { ...memo, waitingSinceMs },
    detail: verdict.reason,
  };
};

/**
 * The old site lives, and nobody accepts what a promotion would lose. Where that is unknown the site may be about to say that its
 * database is well: it is asked for a while before a person is. Throws `LossUnaccepted`.
 */
const waitForWord = (
  { plan, ports }: SiteContext<"canary">,
  verdict: Extract<FencingVerdict, { type: "wait" }>,
  memo: ClaimMemo,
  unaccepted: { readonly isKnown: boolean; readonly reason: string },
): ClaimResult => {
  const nowMs = ports.clock.nowMs();
  const lossUnknownSinceMs = memo.lossUnknownSinceMs ?? nowMs;
  if (unaccepted.isKnown || nowMs - lossUnknownSinceMs >= watchIsBackWithinMs(plan.ledger.lease))
    throw new RecoveryError("LossUnaccepted", unaccepted.reason);
  return {
    type: "waiting",
    waitingFor: "lease",
    pollAfterSeconds: waitSeconds(Math.min(verdict.untilMs, nowMs + LOOK_AGAIN_MS), nowMs),
    memo: { ...memo, lossUnknownSinceMs },
    detail: unaccepted.reason,
  };
};

export const isHeldBy = (claim: Claim, execution: string): claim is Claim & { readonly holder: Holder } =>
  claim.holder?.execution === execution;

/** Did either lease change since the execution began to watch? */
const wasRenewed = (before: LeaseSightings, after: LeaseSightings): boolean =>
  (["witness", "standby"] as const).some((where) => {
    const earlier = before[where];
    const later = after[where];
    return earlier !== null && later !== null && earlier.revision !== later.revision && !later.fenced;
  });

/**
 * Waits until the active site's leases have run out (or it said that it is fenced), then opens a new epoch for this
 * execution by compare-and-swap at the witness. A site that goes on renewing is alive, and nothing is moved; unless it says
 * itself that its database is lost. Then the epoch is opened first, the site reads that and steps down, and its leases
 * are waited for after that: nothing is promoted over a lease in either case. If an earlier holder never ended, it then keeps quiet for as long as one
 * of that holder's steps could still be running (in October 2025 an enactor that acted late on an old plan took us-east-1's
 * DNS down: checking and then acting late is not checking). Throws `FencingUnproven` when nothing allows to go on,
 * `LossUnaccepted` when the old site came back meanwhile, or lives and what it wrote stays unknown for more than a minute, `LedgerUnreadable` while a lease cannot be read (its next reading may settle it), and `StepExpired` when an override
 * waits for a site that goes on renewing.
 */
export const claimEpoch = async (
  context: SiteContext<"canary">,
  first: ClaimRequest,
): Promise<ClaimResult> => {
  const { plan, here, ports } = context;
  const decidedOn = first.memo.decidedOn ?? first.memo.sightings;
  const request: ClaimRequest = { ...first, memo: { ...first.memo, decidedOn } };
  const place = witnessPlace(plan);
  await requireSwitchOff(ports, plan);
  const { body: claim } = await readEntry(ports, plan, place, "claim");
  if (isHeldBy(claim, request.execution)) return afterClaim(context, claim, request);

  const observed = await observeLeases(context, claim.activeSite, request.memo.sightings);
  const { sightings } = observed;
  const memo: ClaimMemo = { ...request.memo, sightings };
  const { standing } = databaseOf(sightings, plan.ledger.lease);
  if (request.override === null && standing === "answers" && wasRenewed(request.memo.sightings, sightings)) {
    return {
      type: "renewed",
      memo,
      detail: `${claim.activeSite} has renewed its lease: it is alive, nothing is moved`,
    };
  }
  const verdict = judge(context, sightings, request.override);
  if (verdict.type === "ask") throw unproven(sightings, verdict.reason);
  // A site that renews and has lost its database steps down for a claim, and for nothing else: there is nothing to wait for.
  if (verdict.type === "wait" && standing !== "lost") {
    const lookAgainMs = standing === "silent" ? ports.clock.nowMs() + LOOK_AGAIN_MS : verdict.untilMs;
    const untilMs = Math.min(verdict.untilMs, lookAgainMs);
    return waitForLease(context, claim.activeSite, { ...verdict, untilMs }, memo);
  }
  // Before the site is told to step down for it: what nobody accepts must not stop what may serve again in a moment.
  if (verdict.type === "wait") {
    const why = `${claim.activeSite} lives and has lost its database`;
    const unaccepted = await findUnacceptedLoss(context, observed, request, claim.epoch, why);
    if (unaccepted !== null) return waitForWord(context, verdict, memo, unaccepted);
  }
  const changed = await changeEntry(ports, plan, place, "claim", (body, writeId) => {
    if (body.holder?.execution === request.execution) return null;
    if (body.request?.execution !== request.execution || body.epoch !== claim.epoch) {
      throw new RecoveryError(
        "EpochStale",
        `the claim of "${plan.workload}" changed hands: epoch ${body.epoch}, requested by ${body.request?.execution ?? "nobody"}`,
      );
    }
    const succeeds = body.holder?.execution ?? null;
    return withHolder(
      body,
      {
        execution: request.execution,
        site: here.name,
        from: body.activeSite,
        succeeds,
        loss: null,
        startedAtMs: request.memo.startedAtMs,
      },
      writeId,
    );
  });
  if (!isHeldBy(changed, request.execution))
    throw new RecoveryError(
      "LedgerContended",
      `the claim of "${plan.workload}" changed hands while it was made`,
    );
  return afterClaim(context, changed, { ...request, memo });
};

const judge = (
  { plan, ports }: SiteContext<"canary">,
  sightings: LeaseSightings,
  override: Override | null,
) =>
  judgeFencing(
    {
      atWitness: sightings.witness,
      atStandby: sightings.standby,
      enforcerBesideWriter: plan.stores.every(
        (store) => store.type !== "aurora-global" || store.enforcer !== "none",
      ),
      acceptPresumedFencing: plan.decision.acceptPresumedFencing,
      override,
    },
    plan.ledger.lease,
    ports.clock.nowMs(),
  );

/**
 * Takes the leases from the old site, each on the condition that nobody renewed it since it was seen run out. A site that
 * read the ledger before the claim and renews after it is thereby either refused or noticed; a lease that an override went
 * on without is taken if it answers by now. Answers the sightings of the sealed leases, or null if one was renewed.
 */
const sealLeases = async (
  { plan, here, ports }: SiteContext<"canary">,
  from: SiteName,
  epoch: number,
  sightings: LeaseSightings,
): Promise<LeaseSightings | null> => {
  const places = leasePlaces(plan, from);
  const seal = (place: LedgerPlace, sighting: LeaseSighting | null): Promise<Lease> =>
    changeEntry(ports, plan, place, "lease", (lease, writeId) =>
      lease.epoch >= epoch || (sighting !== null && lease.revision !== sighting.revision)
        ? null
        : sealedLease(lease, here.name, epoch, writeId),
    );
  const sealed = async (where: keyof LeaseSightings): Promise<LeaseSighting | null | "renewed"> => {
    const sighting = sightings[where];
    if (sighting === null)
      return seal(places[where], null).then(
        () => null,
        () => null,
      );
    const lease = await seal(places[where], sighting);
    return lease.epoch < epoch ? "renewed" : { ...sighting, revision: lease.revision };
  };
  const [witness, standby] = await Promise.all([sealed("witness"), sealed("standby")]);
  return witness === "renewed" || standby === "renewed" ? null : { witness, standby };
};

/** The old site steps down for the claim, and says so in its leases: until it does they are waited for. */
const lookAgain = async (
  context: SiteContext<"canary">,
  from: SiteName,
  { memo, override }: ClaimRequest,
): Promise<ClaimResult> => {
  const { clock } = context.ports;
  const seen = (await observeLeases(context, from, memo.sightings)).sightings;
  // What cannot be read now stays as it was seen: whether it has changed since is asked when it is taken.
  const sightings = {
    witness: seen.witness ?? memo.sightings.witness,
    standby: seen.standby ?? memo.sightings.standby,
  };
  const verdict = judge(context, sightings, override);
  if (verdict.type === "ask") throw unproven(sightings, verdict.reason);
  const untilMs =
    verdict.type === "wait" ? Math.min(verdict.untilMs, clock.nowMs() + LOOK_AGAIN_MS) : clock.nowMs();
  return waitForLease(
    context,
    from,
    { type: "wait", untilMs, reason: verdict.reason },
    { ...memo, sightings },
  );
};

/** For as long as a step of a holder that never let go may still be running nothing is done; null: nobody has to wait. */
export const keepQuiet = (
  { succeeds }: Holder,
  memo: ClaimMemo,
  nowMs: number,
  longestStepMs: number,
): ClaimResult | null => {
  if (succeeds === null) return null;
  const quietUntilMs = memo.quietUntilMs ?? nowMs + longestStepMs;
  if (nowMs < quietUntilMs) {
    return {
      type: "waiting",
      waitingFor: "previous-holder",
      pollAfterSeconds: waitSeconds(quietUntilMs, nowMs),
      memo: { ...memo, quietUntilMs },
      detail: `a step of ${succeeds} may still be running`,
    };
  }
  return null;
};

/**
 * The claim is ours: take the leases, wait out a previous holder, then say on what ground a promotion stands. The fencing
 * is judged again, for a call whose reply was lost comes back with what it knew before.
 */
const afterClaim = async (
  context: SiteContext<"canary">,
  claim: Claim & { readonly holder: Holder },
  request: ClaimRequest,
): Promise<ClaimResult> => {
  const { clock } = context.ports;
  const { holder, epoch } = claim;
  const verdict = judge(context, request.memo.sightings, request.override);
  if (verdict.type !== "may-promote") return lookAgain(context, holder.from, request);
  const sealed = await sealLeases(context, holder.from, epoch, request.memo.sightings);
  if (sealed === null) {
    const { sightings } = await observeLeases(context, holder.from, request.memo.sightings);
    const again = judge(context, sightings, request.override);
    const memo = { ...request.memo, sightings };
    if (again.type === "ask") throw new RecoveryError("LedgerUnreadable", again.reason);
    // What changed may be the old site's word that it is fenced: then there is nothing to wait for but the next look.
    const untilMs = again.type === "wait" ? again.untilMs : clock.nowMs();
    return waitForLease(context, holder.from, { type: "wait", untilMs, reason: again.reason }, memo);
  }
  const memo = { ...request.memo, sightings: sealed };
  const quiet = keepQuiet(holder, memo, clock.nowMs(), request.longestStepMs);
  if (quiet !== null) return quiet;
  await requireLossOfReturn(context, claim, request);
  return {
    type: "claimed",
    epoch,
    basis: verdict.basis,
    memo,
    detail: `epoch ${epoch}: ${verdict.reason}`,
  };
};
