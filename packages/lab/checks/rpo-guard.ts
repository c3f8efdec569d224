import type { Commit } from "@lifeboat/cloud/client/judge";
import { forSite, siteNamed } from "@lifeboat/recovery/plan";
import { firstPromotionsIn } from "./acts.ts";
import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { Checker, Evidence } from "./evidence.ts";
import { tenuresIn } from "./epoch-at-every-act.ts";
import { approvalsIn, hasOverride } from "./read-execution.ts";

/** Canaries come with every renewal. Where so many have stayed away, what the last one says is no evidence. */
const MISSED_CANARIES = 3;

interface Left {
  readonly region: string;
  /** The last canary that its database took, and what its leases told, both before the claim. */
  readonly claimedAtMs: number;
  readonly canary: Commit | undefined;
  readonly told: Evidence["leases"];
}

/** What the site that is left had told and done before the claim; null: there is no claim, or it names no site. */
const leftBy = (evidence: Evidence, promotion: WireRecord): Left | null => {
  const { plan, claims, leases, canaries } = evidence;
  const tenure = tenuresIn(evidence).find(
    ({ execution, fromMs, untilMs }) =>
      execution === promotion.origin.execution && promotion.atMs >= fromMs && promotion.atMs < untilMs,
  );
  const from = claims.find(({ body }) => body.epoch === tenure?.epoch && body.holder !== null)?.body.holder
    ?.from;
  if (tenure === undefined || from === undefined) return null;
  const { region } = siteNamed(plan, from);
  const told = leases.filter(
    ({ atMs, body, bucket }) =>
      // In its own bucket lies no lease of its own.
      bucket !== forSite(plan.ledger.buckets, from) &&
      body.by === from &&
      body.durationMs > 0 &&
      !body.fenced &&
      atMs < tenure.fromMs,
  );
  const canary = canaries.findLast((commit) => commit.region === region && commit.atMs < tenure.fromMs);
  return { region, claimedAtMs: tenure.fromMs, canary, told };
};

/**
 * How long the site that is left went on renewing its lease after its database had taken its last canary: by the database
 * itself and by the lease's own history, both before the claim. Null where one of them says nothing.
 */
export const blindForMs = (evidence: Evidence, promotion: WireRecord): number | null => {
  const left = leftBy(evidence, promotion);
  if (left?.canary === undefined || left.told.length === 0) return null;
  return Math.max(...left.told.map(({ atMs }) => atMs)) - left.canary.atMs;
};

/**
 * The site told, at both places, that no beat had reached its database for long; an enforcer stands beside that, and the
 * database itself bears it out: nobody wrote there later than the loss limit allows after the last beat.
 */
const saysTruly = ({ plan, commits }: Evidence, { region, claimedAtMs, canary, told }: Left): boolean => {
  const hasEnforcer = plan.stores.some(
    (store) => store.type === "aurora-global" && store.enforcer !== "none",
  );
  const buckets = [...new Set(told.map(({ bucket }) => bucket))];
  const words = buckets.map((place) => told.findLast(({ bucket }) => bucket === place)?.body.canary);
  if (!hasEnforcer || canary === undefined || buckets.length < 2) return false;
  const beatMs = words.map((word) => word?.mayHaveBeatenAtMs ?? Number.POSITIVE_INFINITY);
  const acknowledgedMs = words.map((word) => word?.acknowledgedAtMs ?? Number.NEGATIVE_INFINITY);
  const doubtMs = Math.max(0, Math.max(...beatMs) - Math.max(...acknowledgedMs));
  const admittedUntilMs = canary.atMs + doubtMs + plan.decision.lossLimitMs;
  return (
    doubtMs <= MISSED_CANARIES * plan.ledger.lease.renewEveryMs &&
    !commits.some(
      (commit) => commit.region === region && commit.atMs > admittedUntilMs && commit.atMs < claimedAtMs,
    )
  );
};

/**
 * Were canaries at the left site still coming when it fell silent, or is it known when its writer was stopped? Without either
 * nobody knows what a promotion loses.
 */
export const isLossKnown = (evidence: Evidence, promotion: WireRecord): boolean => {
  const blindMs = blindForMs(evidence, promotion);
  if (blindMs === null || blindMs <= MISSED_CANARIES * evidence.plan.ledger.lease.renewEveryMs) return true;
  const left = leftBy(evidence, promotion);
  return left !== null && saysTruly(evidence, left);
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
