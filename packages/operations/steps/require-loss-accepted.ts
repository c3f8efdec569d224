import { approvalAccepts, overrideAccepts, type Approval, type Override } from "@lifeboat/recovery/decide";
import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Claim, Holder } from "@lifeboat/recovery/ledger";
import { judgeLoss } from "@lifeboat/recovery/loss";
import type { SiteContext } from "../context.ts";
import { measureLoss } from "../measure-loss.ts";
import { observeLeases, type LeaseObservation, type LeaseSightings } from "../observe-leases.ts";

/** What people have accepted beyond the plan's limit. */
export interface Acceptance {
  readonly override: Override | null;
  /** What people have approved, and in which epoch; null: nobody was asked. */
  readonly approval: (Approval & { readonly epoch: number }) | null;
}

/**
 * What neither the plan nor people accept of what would be lost now; null: nothing. What may be known in a moment is thrown as
 * `AwsUnavailable` or `LedgerUnreadable`. `approvedIn`: the epoch in which people were asked about this claim.
 */
export const findUnacceptedLoss = async (
  context: SiteContext<"canary">,
  observed: Pick<LeaseObservation, "bodies" | "newest">,
  { override, approval }: Acceptance,
  approvedIn: number,
  why: string,
): Promise<{ readonly isKnown: boolean; readonly reason: string } | null> => {
  const { lossLimitMs, approvals } = context.plan.decision;
  const measured = await measureLoss(context, observed);
  const loss = judgeLoss(measured, lossLimitMs);
  if (loss.allowed || overrideAccepts(override, loss.maxMs)) return null;
  const given = approval?.epoch === approvedIn ? approval : null;
  if (approvalAccepts(given, approvals.lossy, loss.maxMs)) return null;
  const reason = `${why}: ${loss.reason}`;
  const { witness, standby } = observed.bodies;
  if (!measured.known && (witness === null || standby === null))
    throw new RecoveryError("LedgerUnreadable", reason);
  if (!measured.known && measured.passing === true) throw new RecoveryError("AwsUnavailable", reason);
  return { isKnown: measured.known, reason };
};

/**
 * A site that came back between the decision and the claim has renewed, and served: the loss that was judged is another one
 * now. It may be where a lease could not be read at the decision. It is measured again, and what nobody accepts waits for a person:
 * throws `LossUnaccepted`.
 */
export const requireLossOfReturn = async (
  context: SiteContext<"canary">,
  { holder: { from }, epoch }: Claim & { readonly holder: Holder },
  request: Acceptance & {
    readonly memo: { readonly sightings: LeaseSightings; readonly decidedOn?: LeaseSightings };
  },
): Promise<void> => {
  const observed = await observeLeases(context, from, request.memo.sightings);
  const before = request.memo.decidedOn ?? request.memo.sightings;
  // One change is the seal of this very claim.
  const hasServed = (["witness", "standby"] as const).some(
    (where) =>
      (observed.sightings[where]?.revision ?? 0) > (before[where]?.revision ?? Number.POSITIVE_INFINITY) + 1,
  );
  // Where neither could be read the loss was unknown, and people have accepted that.
  const wasUnread = (before.witness === null) !== (before.standby === null);
  if (!hasServed && !wasUnread) return;
  const why = hasServed
    ? `${from} came back after the decision`
    : `a lease of ${from} could not be read at the decision`;
  // People were asked in the epoch that this very claim has followed.
  const unaccepted = await findUnacceptedLoss(context, observed, request, epoch - 1, why);
  if (unaccepted !== null) throw new RecoveryError("LossUnaccepted", unaccepted.reason);
};
