import type { WriteRow } from "@lifeboat/cloud/client/rows";
import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { HistoryEvent } from "@lifeboat/cloud/services/sfn/interpreter-port";
import { checkers } from "@lifeboat/lab/checks/check-run";
import type { Evidence, ExecutionEvidence, Version } from "@lifeboat/lab/checks/evidence";
import {
  firstClaim,
  firstKillSwitch,
  firstLease,
  type Claim,
  type KillSwitch,
  type Lease,
} from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { recordOf } from "../unit/record-example.ts";

export const { plan } = readValid(exampleText);

export const EXECUTION = "arn:aws:states:eu-west-3:111122223333:execution:lifeboat-spacelift-failover:one";
export const OTHER = "arn:aws:states:eu-west-3:111122223333:execution:lifeboat-spacelift-failover:two";

/** A run in which nothing happened. */
export const nothing: Evidence = {
  plan,
  endedAtMs: 1_000_000,
  rows: [],
  residentRows: [],
  commits: [],
  canaries: [],
  survived: new Set(),
  wire: [],
  claims: [],
  leases: [],
  switches: [],
  executions: [],
  events: [],
  alarms: [],
  log: [],
  notices: [],
  signatures: [],
  records: [],
  standing: { lost: [], stores: [], compute: [], switches: [] },
  controlLosses: [],
  secrets: ["hunter2"],
};

/** What a checker says of a run that differs from nothing by the planted evidence. */
export const found = (name: keyof typeof checkers, planted: Partial<Evidence>): readonly string[] =>
  checkers[name]({ ...nothing, ...planted }).map(({ message }) => message);

/** A user's write, and the receipt of it. */
export const acknowledged = (sequence: number, sentAtMs: number, region = "eu-west-1"): WriteRow => ({
  sequence,
  sentAtMs,
  outcome: { type: "acknowledged", atMs: sentAtMs + 5, region, status: 200 },
});

/** A call of a function on behalf of {@link EXECUTION}, unless told otherwise. */
export const call = (more: Partial<WireRecord> & { readonly execution?: string | null } = {}): WireRecord => {
  const { execution = EXECUTION, ...record } = more;
  const origin = { place: "eu-west-3", principal: "function/lifeboat-spacelift-promote@eu-west-3" };
  return {
    atMs: 100,
    endedAtMs: (more.atMs ?? 100) + 10,
    origin: execution === null ? origin : { ...origin, execution },
    service: "rds",
    region: "eu-west-3",
    operation: "FailoverGlobalCluster",
    input: {},
    mutating: true,
    outcome: { type: "answered", output: {} },
    ...record,
  };
};

export const claimAt = (atMs: number, more: Partial<Claim>): Version<Claim> => ({
  atMs,
  body: { ...firstClaim("spacelift", "ireland", "w"), ...more },
});

/** A claim held by an execution in an epoch. */
export const heldAt = (atMs: number, epoch: number, execution = EXECUTION): Version<Claim> =>
  claimAt(atMs, { epoch, holder: { execution, site: "paris", from: "ireland", succeeds: null, loss: null } });

/** When {@link EXECUTION} promotes the standby's cluster. */
export const PROMOTED_MS = 100_000;
/** The cluster that it promotes. */
export const TARGET = "arn:aws:rds:eu-west-3:111122223333:cluster:spacelift-paris";

export const promotion = call({
  atMs: PROMOTED_MS,
  input: { GlobalClusterIdentifier: "spacelift", TargetDbClusterIdentifier: TARGET, AllowDataLoss: true },
});

/** The claims of a run with that promotion. */
export const claimsOfPromotion = [claimAt(1, {}), heldAt(90_000, 2)];

export const leaseAt = (atMs: number, more: Partial<Lease>): Evidence["leases"][number] => ({
  atMs,
  bucket: plan.ledger.witnessBucket,
  body: { ...firstLease("spacelift", "ireland", 90_000, "w"), revision: 2, ...more },
});

export const switchAt = (atMs: number, on: boolean): Version<KillSwitch> => ({
  atMs,
  body: { ...firstKillSwitch("spacelift", "w"), on },
});

export const execution = (more: Partial<ExecutionEvidence> = {}): ExecutionEvidence => ({
  arn: EXECUTION,
  region: "eu-west-3",
  status: "SUCCEEDED",
  input: { workload: "spacelift", trigger: "automatic" },
  output: { outcome: "recovered" },
  error: undefined,
  cause: undefined,
  startedAtMs: 0,
  stoppedAtMs: 500_000,
  history: [],
  ...more,
});

/** An event of a history with its details. */
export const historyEvent = (
  timestampMs: number,
  type: string,
  details: Readonly<Record<string, unknown>>,
): HistoryEvent => ({ id: timestampMs, previousEventId: 0, type, timestampMs, ...details });

export const entered = (timestampMs: number, name: string): HistoryEvent =>
  historyEvent(timestampMs, "TaskStateEntered", { stateEnteredEventDetails: { name } });

export const exited = (timestampMs: number, name: string): HistoryEvent =>
  historyEvent(timestampMs, "TaskStateExited", { stateExitedEventDetails: { name } });

export const recordAt = (atMs: number, more: Partial<RecoveryRecord> = {}): Version<RecoveryRecord> => ({
  atMs,
  body: recordOf({ execution: EXECUTION, startedAtMs: 0, endedAtMs: atMs, ...more }),
});
