import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { siteNamed, type Signal } from "@lifeboat/recovery/plan";
import { bucketOf, callsOf, inputOf, keyOf, promotionsIn } from "./acts.ts";
import type { Checker, Evidence, ExecutionEvidence } from "./evidence.ts";
import { enteredAtMs, exitedAtMs, hasOverride } from "./read-execution.ts";

/** So many renewals have to have failed to come before a lease is a signal. */
const MISSED_RENEWALS = 2.5;
/** What clocks that drift by a little make of that time. */
const DRIFT_MS = 1000;
/** States in which an execution decides, and may decide anew. */
const DECIDING = ["Assess", "Reassess"];

interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The last decision of the execution before the promotion; undefined: it never decided. */
const decisionBefore = (execution: ExecutionEvidence, promotedAtMs: number): Window | undefined => {
  const exits = DECIDING.flatMap((state) => exitedAtMs(execution, state)).filter((ms) => ms <= promotedAtMs);
  if (exits.length === 0) return undefined;
  const untilMs = Math.max(...exits);
  const entries = DECIDING.flatMap((state) => enteredAtMs(execution, state)).filter((ms) => ms <= untilMs);
  return { fromMs: Math.max(0, ...entries), untilMs };
};

/** What the execution was told while it decided. A call that had no answer told it nothing. */
const toldIn = (evidence: Evidence, arn: string, { fromMs, untilMs }: Window): readonly WireRecord[] =>
  callsOf(evidence, arn).filter(
    ({ outcome, atMs, endedAtMs }) => outcome.type === "answered" && atMs >= fromMs && endedAtMs <= untilMs,
  );

/** Was the alarm in ALARM, by its own history, at a time at which the execution was told of it? */
const alarmed = (
  { alarms }: Evidence,
  told: readonly WireRecord[],
  region: string,
  alarm: string,
): boolean => {
  const changes = alarms.filter((change) => change.name === alarm && change.region === region);
  return told
    .filter((call) => {
      const { AlarmNames } = inputOf(call);
      const isAsked = Array.isArray(AlarmNames) && AlarmNames.includes(alarm);
      return call.operation === "DescribeAlarms" && call.region === region && isAsked;
    })
    .some(
      ({ atMs, endedAtMs }) =>
        changes.findLast((change) => change.atMs <= atMs)?.value === "ALARM" ||
        changes.some((change) => change.atMs > atMs && change.atMs <= endedAtMs && change.value === "ALARM"),
    );
};

/** Where the leases lie that the execution was told of, and when that was last. */
const leaseReads = (told: readonly WireRecord[]): ReadonlyMap<unknown, number> =>
  new Map(
    told
      .filter((call) => call.operation === "GetObject" && String(keyOf(call)).endsWith("/lease"))
      .map((call) => [bucketOf(call), call.endedAtMs]),
  );

/**
 * Was the execution told of both leases, and had neither been renewed by then for as long as the signal takes to speak? A
 * renewal that came after it had looked it could not know.
 */
const unrenewed = (
  { plan, leases }: Evidence,
  told: readonly WireRecord[],
  site: string,
  { untilMs }: Window,
): boolean => {
  const reads = leaseReads(told);
  if (reads.size < 2) return false;
  const lookedAtMs = Math.max(...reads.values());
  const last = leases
    // Where it looked; a site's word that it is fenced, and its own note of that, are no renewals.
    .filter(
      ({ atMs, body, bucket }) =>
        reads.has(bucket) && body.site === site && !body.fenced && atMs <= lookedAtMs,
    )
    .reduce((latestMs, { atMs }) => Math.max(latestMs, atMs), Number.NEGATIVE_INFINITY);
  return untilMs - last >= MISSED_RENEWALS * plan.ledger.lease.renewEveryMs - DRIFT_MS;
};

/**
 * Was the execution told of both leases, and had the site's database taken no canary for as long as a lease holds by then, by
 * its own commits? A lease that is renewed is a vote then.
 */
const databaseLost = ({ plan, canaries }: Evidence, told: readonly WireRecord[], region: string): boolean => {
  const reads = leaseReads(told);
  const lookedAtMs = Math.max(...reads.values());
  const last = canaries.findLast((commit) => commit.region === region && commit.atMs <= lookedAtMs);
  const silentMs = lookedAtMs - (last?.atMs ?? Number.POSITIVE_INFINITY);
  return reads.size >= 2 && silentMs >= plan.ledger.lease.durationMs - DRIFT_MS;
};

/**
 * No promotion without a quorum (invariant 4): when the execution decided on it, the plan's number of signals failed, at least
 * one of them seen from outside the active region, unless a person had ordered it. By what the alarms' and the leases' own
 * history says of the moments at which the execution was told of them: what had failed a minute before, or failed a minute
 * later, is no vote, and neither is what it never asked for or had no answer to.
 */
export const quorumBeforePromotion: Checker = (evidence) =>
  promotionsIn(evidence).flatMap((promotion) => {
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
  const window = decisionBefore(execution, promotedAtMs);
  if (window === undefined) return [];
  const told = toldIn(evidence, execution.arn, window);
  const claim = claims.findLast(({ atMs }) => atMs <= window.untilMs)?.body;
  const active = claim?.activeSite ?? plan.sites.primary.name;
  const regionOf = {
    standby: execution.region,
    witness: plan.witness.region,
    active: siteNamed(plan, active).region,
  };
  return plan.decision.signals.filter((signal) =>
    signal.type === "lease"
      ? unrenewed(evidence, told, active, window) || databaseLost(evidence, told, regionOf.active)
      : alarmed(evidence, told, regionOf[signal.from], signal.alarm),
  );
};
