import { siteNamed } from "@lifeboat/recovery/plan";
import { firstPromotionsIn } from "./acts.ts";
import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { Checker, Evidence } from "./evidence.ts";
import { tenuresIn } from "./epoch-at-every-act.ts";
import { approvalsIn, hasOverride } from "./read-execution.ts";

/** Canaries come with every renewal. Where so many have stayed away, what the last one says is no evidence. */
const MISSED_CANARIES = 3;

/**
 * How long the site that is left went on renewing its lease after its database had taken its last canary: by the database
 * itself and by the lease's own history, both before the claim. Null where one of them says nothing.
 */
export const blindForMs = (evidence: Evidence, promotion: WireRecord): number | null => {
  const { plan, claims, leases, canaries } = evidence;
  const tenure = tenuresIn(evidence).find(
    ({ execution, fromMs, untilMs }) =>
      execution === promotion.origin.execution && promotion.atMs >= fromMs && promotion.atMs < untilMs,
  );
  const from = claims.find(({ body }) => body.epoch === tenure?.epoch && body.holder !== null)?.body.holder
    ?.from;
  if (tenure === undefined || from === undefined) return null;
  const { region } = siteNamed(plan, from);
  const renewal = leases
    .filter(
      ({ atMs, body }) => body.by === from && body.durationMs > 0 && !body.fenced && atMs < tenure.fromMs,
    )
    .reduce((latestMs, { atMs }) => Math.max(latestMs, atMs), Number.NEGATIVE_INFINITY);
  const canary = canaries.findLast((commit) => commit.region === region && commit.atMs < tenure.fromMs);
  return canary === undefined || renewal === Number.NEGATIVE_INFINITY ? null : renewal - canary.atMs;
};

/** Were canaries at the left site still coming when it fell silent? Without that nobody knows what a promotion loses. */
export const isLossKnown = (evidence: Evidence, promotion: WireRecord): boolean => {
  const blindMs = blindForMs(evidence, promotion);
  return blindMs === null || blindMs <= MISSED_CANARIES * evidence.plan.ledger.lease.renewEveryMs;
};

/**
 * The guard of the loss (invariant 5): nothing is promoted, unless people say so, whose loss was unknown at the onset of the
 * outage. How much was lost in the end, and whether it was within the limit, is `loss-reported`.
 */
export const rpoGuard: Checker = (evidence) =>
  firstPromotionsIn(evidence).flatMap((promotion) => {
    const execution = evidence.executions.find(({ arn }) => arn === promotion.origin.execution);
    const accepted = execution !== undefined && (hasOverride(execution) || approvalsIn(execution) > 0);
    if (accepted || isLossKnown(evidence, promotion)) return [];
    const blindMs = blindForMs(evidence, promotion);
    const message = `${promotion.origin.execution} promoted by itself, and the old site's database had taken no canary for ${blindMs} ms before its last renewal`;
    return [{ invariant: "rpo-guard", message, atMs: promotion.atMs }];
  });
