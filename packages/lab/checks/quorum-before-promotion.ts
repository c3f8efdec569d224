import { siteNamed, type Signal } from "@lifeboat/recovery/plan";
import type { Checker, Evidence, ExecutionEvidence } from "./evidence.ts";
import { exitedAtMs, hasOverride } from "./read-execution.ts";

/** How long before an execution a signal may have failed and still be what it was started for. */
const BEFORE_MS = 60_000;
/** Renewals that may fail to come before a lease counts as not renewed. */
const MISSED_RENEWALS = 2;

interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Was the alarm in ALARM at any time of the window, by its own history? */
const alarmed = (
  { alarms }: Evidence,
  region: string,
  alarm: string,
  { fromMs, untilMs }: Window,
): boolean => {
  let state = "OK";
  for (const { atMs, region: seenIn, name, value } of alarms) {
    if (name !== alarm || seenIn !== region) continue;
    if (atMs > untilMs) break;
    if (atMs > fromMs && state === "ALARM") return true;
    state = value;
  }
  return state === "ALARM";
};

/** Did neither copy of the site's lease change for some renewals, at the end of the window? */
const unrenewed = ({ plan, leases }: Evidence, site: string, { untilMs }: Window): boolean => {
  const last = leases.findLast(({ atMs, body }) => body.site === site && atMs <= untilMs);
  return last === undefined || untilMs - last.atMs >= MISSED_RENEWALS * plan.ledger.lease.renewEveryMs;
};

/** Had the site's database taken no canary for as long as a lease holds, by its own commits? Its lease is a vote then. */
const databaseLost = ({ plan, canaries }: Evidence, region: string, { untilMs }: Window): boolean => {
  const last = canaries.findLast((commit) => commit.region === region && commit.atMs <= untilMs);
  return last !== undefined && untilMs - last.atMs >= plan.ledger.lease.durationMs;
};

/**
 * No promotion without a quorum (invariant 4): before each one that no person ordered, the plan's number of signals failed,
 * at least one of them seen from outside the active region, by the alarms' and the leases' own history.
 */
export const quorumBeforePromotion: Checker = (evidence) =>
  evidence.wire
    .filter(({ service, operation }) => service === "rds" && operation === "FailoverGlobalCluster")
    .flatMap((promotion) => {
      const execution = evidence.executions.find(({ arn }) => arn === promotion.origin.execution);
      if (execution === undefined) {
        const message = `a promotion by ${promotion.origin.principal}, of no execution`;
        return [{ invariant: "quorum", message, atMs: promotion.atMs }];
      }
      if (hasOverride(execution)) return [];
      const failing = failingFor(evidence, execution, promotion.atMs);
      const outside = failing.filter((signal) => signal.type !== "alarm" || signal.from !== "active");
      const { quorum } = evidence.plan.decision;
      if (failing.length >= quorum && outside.length > 0) return [];
      const names = failing.map(({ name }) => name).join(", ") || "none";
      const message = `${execution.arn} promoted with ${failing.length} of ${quorum} signals failing (${names})`;
      return [{ invariant: "quorum", message, atMs: promotion.atMs }];
    });

const failingFor = (
  evidence: Evidence,
  execution: ExecutionEvidence,
  promotedAtMs: number,
): readonly Signal[] => {
  const { plan, claims } = evidence;
  const assessedAtMs = exitedAtMs(execution, "Assess")[0] ?? promotedAtMs;
  const window: Window = { fromMs: execution.startedAtMs - BEFORE_MS, untilMs: assessedAtMs };
  const claim = claims.findLast(({ atMs }) => atMs <= assessedAtMs)?.body;
  const active = claim?.activeSite ?? plan.sites.primary.name;
  const regionOf = {
    standby: execution.region,
    witness: plan.witness.region,
    active: siteNamed(plan, active).region,
  };
  return plan.decision.signals.filter((signal) =>
    signal.type === "lease"
      ? unrenewed(evidence, active, window) || databaseLost(evidence, regionOf.active, window)
      : alarmed(evidence, regionOf[signal.from], signal.alarm, window),
  );
};
