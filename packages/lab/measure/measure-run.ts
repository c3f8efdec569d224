import { dataLoss, outages, sequencesIn, type Outage } from "@lifeboat/cloud/client/judge";
import type { ExecutionRecord } from "@lifeboat/cloud/services/sfn/execution-record";
import type { KillSwitch } from "@lifeboat/recovery/ledger";
import { outcomes, type Outcome, type PhaseTiming, type RecoveryRecord } from "@lifeboat/recovery/outcome";
import { leaseSignalAfterMs } from "@lifeboat/operations/read-signals";
import { canaryStore, forSite, otherSite, siteInRegion } from "@lifeboat/recovery/plan";
import { versionsOf } from "../checks/gather-evidence.ts";
import type { Lab } from "../create-lab.ts";
import { ROWS_TABLE } from "../workload.ts";
import type { OperationWatch } from "./aws-operations.ts";
import { phasesIn, waitsIn } from "./phases.ts";
import { lengthMs, unionWithin, type Span } from "./spans.ts";

/** One execution and what it cost, in numbers that are measured outside the control plane. */
export interface Measured {
  readonly execution: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly epoch: number;
  /** From the last write that users had acknowledged before the outage to the first after it; null without an outage. */
  readonly rtoMs: number | null;
  /** As the recovery itself recorded it, from its canaries. */
  readonly rpoMs: { readonly min: number; readonly max: number } | null;
  /** What users really lost: acknowledged writes that the surviving timeline does not have. */
  readonly lost: { readonly writes: number; readonly spanMs: { readonly min: number; readonly max: number } };
  readonly phases: readonly PhaseTiming[];
  readonly apiCalls: number;
  readonly mutatingCalls: number;
  readonly transitions: number;
  /** From the outage to the last of the votes that make the quorum; null where there was no outage, or no quorum. */
  readonly detectionMs: number | null;
  readonly safetyWaitMs: number;
  /** Waits for answers, and the time before the execution in which the kill switch let none begin. */
  readonly humanWaitMs: number;
  readonly awsMs: number;
  /** What is left of the outage without detection, safety, people, and what AWS takes; these overlap in part. */
  readonly overheadMs: number;
}

const HUMAN_STATES = ["Hold", "AskApproval"];

const regionOf = (arn: string): string => arn.split(":")[3] ?? "";

/** Measures one ended execution. `outageAtMs`: when the scenario broke something; null where it broke nothing. */
export const measureRun = (
  lab: Lab,
  record: ExecutionRecord,
  operations: OperationWatch,
  outageAtMs: number | null,
): Measured => {
  const { plan, workload, cloud, wire, rds } = lab;
  const output = (record.state.output ?? {}) as {
    outcome?: string;
    reason?: string;
    epoch?: number;
    decision?: { reason: string };
  };
  const site = siteInRegion(plan, regionOf(record.arn));
  const written =
    site === undefined
      ? undefined
      : cloud.s3.read(
          forSite(plan.ledger.buckets, site.name),
          `${plan.workload}/records/${record.name}.json`,
        );
  const recovery = written === undefined ? undefined : (JSON.parse(written) as RecoveryRecord);
  const calls = wire.filter((call) => call.origin.execution === record.arn);
  const rows = workload.client.rows();
  const outage: Outage | undefined =
    outageAtMs === null ? undefined : outages(rows).find(({ onsetMs }) => onsetMs >= outageAtMs - 5000);
  const path: Span | null =
    outage?.backAtMs === undefined
      ? null
      : { startMs: outage.lastAcknowledgedAtMs ?? outage.onsetMs, endMs: outage.backAtMs };

  const aws = operations.spansOf(record.arn);
  const human = [...waitsIn(record.history, HUMAN_STATES), ...forbiddenSpans(lab, record)];
  const safety =
    path === null
      ? waitsIn(record.history, ["ClaimWait"])
      : [leaseSpan(lab, path), ...waitsIn(record.history, ["ClaimWait"])];
  const whole: Span = path ?? {
    startMs: record.startedAtMs,
    endMs: record.stoppedAtMs ?? cloud.world.clock.nowMs(),
  };
  const lengthOf = (spans: readonly Span[]): number => lengthMs(unionWithin(spans, whole));
  const detected = path === null ? null : detectionSpan(lab, record, path);
  const accounted = lengthOf([...human, ...safety, ...aws, ...(detected === null ? [] : [detected])]);

  const store = canaryStore(plan);
  const survived =
    store === undefined
      ? new Set<number>()
      : sequencesIn(rds.global(store.globalCluster).writer.database, ROWS_TABLE);
  const until = path?.startMs ?? Number.POSITIVE_INFINITY;
  // What an earlier outage lost is that one's.
  const since =
    outages(rows).findLast(({ backAtMs }) => backAtMs !== undefined && backAtMs < until)?.backAtMs ?? 0;
  const loss = dataLoss(
    rows.filter((row) => row.sentAtMs > since && row.sentAtMs <= until),
    survived,
  );

  return {
    execution: record.arn,
    outcome: outcomes.find((outcome) => outcome === output.outcome) ?? "failed",
    reason: output.reason ?? output.decision?.reason ?? record.state.cause ?? record.state.status,
    epoch: recovery?.epoch ?? output.epoch ?? 0,
    rtoMs: path === null ? null : path.endMs - path.startMs,
    rpoMs: recovery?.rpo == null ? null : { min: recovery.rpo.minMs, max: recovery.rpo.maxMs },
    lost: { writes: loss.missing.length, spanMs: loss.spanMs },
    phases: phasesIn(record.history),
    apiCalls: calls.length,
    mutatingCalls: calls.filter((call) => call.mutating).length,
    transitions: record.transitions,
    detectionMs: detected === null ? null : lengthOf([detected]),
    safetyWaitMs: lengthOf(safety),
    humanWaitMs: lengthOf(human),
    awsMs: lengthOf(aws),
    overheadMs: Math.max(0, whole.endMs - whole.startMs - accounted),
  };
};

/** The kill switch is a person's: while it is on nothing starts. An execution that runs is held by it, and waits for an answer then. */
const forbiddenSpans = (lab: Lab, { startedAtMs }: ExecutionRecord): readonly Span[] => {
  const { witnessBucket } = lab.plan.ledger;
  const versions = versionsOf<KillSwitch>(lab, witnessBucket, `${lab.plan.workload}/switch`);
  return versions.flatMap(({ atMs, body }, index) =>
    body.on
      ? [{ startMs: atMs, endMs: Math.min(versions[index + 1]?.atMs ?? startedAtMs, startedAtMs) }]
      : [],
  );
};

/** When the lease that the lost site had was renewed last. */
const lastRenewalMs = ({ plan, wire }: Lab, path: Span): number => {
  const { durationMs } = plan.ledger.lease;
  const renewals = wire.filter(
    (call) =>
      call.service === "s3" &&
      call.operation === "PutObject" &&
      (call.input as { Key?: string }).Key === `${plan.workload}/lease` &&
      call.outcome.type === "answered" &&
      call.endedAtMs <= path.startMs + durationMs / 2,
  );
  return renewals.at(-1)?.endedAtMs ?? path.startMs;
};

/**
 * The time in which nobody may act: from the outage until the lease that the lost site renewed last has run out, margin
 * included. Detection happens within it mostly, and costs nothing extra then.
 */
const leaseSpan = (lab: Lab, path: Span): Span => {
  const { durationMs, driftMarginMs } = lab.plan.ledger.lease;
  return { startMs: path.startMs, endMs: lastRenewalMs(lab, path) + durationMs + driftMarginMs };
};

/**
 * From the outage until as many signals had voted as the quorum takes: alarms when CloudWatch changed them, the lease when enough
 * renewals had not come. What follows, up to the start of the execution, is the control plane's own. Null: there were fewer votes.
 */
const detectionSpan = (lab: Lab, { arn, startedAtMs }: ExecutionRecord, path: Span): Span | null => {
  const { plan, cloudwatch } = lab;
  const here = siteInRegion(plan, regionOf(arn));
  const regions = {
    standby: here?.region,
    active: here === undefined ? undefined : otherSite(plan, here.name).region,
    witness: plan.witness.region,
  };
  const votes = plan.decision.signals.flatMap((signal) => {
    if (signal.type === "lease")
      return [lastRenewalMs(lab, path) + leaseSignalAfterMs(plan.ledger.lease.renewEveryMs)];
    const last = cloudwatch.alarmChanges.findLast(
      ({ region, name, atMs }) =>
        region === regions[signal.from] && name === signal.alarm && atMs <= startedAtMs,
    );
    return last?.value === "ALARM" ? [last.atMs] : [];
  });
  const decisive = votes.toSorted((left, right) => left - right)[plan.decision.quorum - 1];
  return decisive === undefined || decisive > startedAtMs
    ? null
    : { startMs: path.startMs, endMs: Math.max(path.startMs, decisive) };
};
