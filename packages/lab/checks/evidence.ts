import type { Commit } from "@lifeboat/cloud/client/judge";
import type { WriteRow } from "@lifeboat/cloud/client/rows";
import type { AlarmChange } from "@lifeboat/cloud/services/cloudwatch/alarms";
import type { CloudEvent } from "@lifeboat/cloud/kernel/cloud-event";
import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import type { ToldIdentity } from "@lifeboat/cloud/services/sts/create-sts";
import type { HistoryEvent } from "@lifeboat/cloud/services/sfn/interpreter-port";
import type { Claim, KillSwitch, Lease } from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";

/**
 * What a run left behind, seen from outside: nothing of it was written for the checkers' sake, and nothing of it is what
 * the control plane believes, except where that is what is being checked.
 */
export interface Evidence {
  readonly plan: RecoveryPlan;
  readonly endedAtMs: number;
  /** The users' receipts. */
  readonly rows: readonly WriteRow[];
  /** Receipts of the jobs beside the databases, which no name or switch moves: their numbers are of each job's own. */
  readonly residentRows: readonly WriteRow[];
  /** Commits of users' writes, in any of the databases, in order of time. */
  readonly commits: readonly Commit[];
  /** Commits of canaries, in any of the databases, in order of time. */
  readonly canaries: readonly Commit[];
  /** Sequence numbers that the present writer has. */
  readonly survived: ReadonlySet<number>;
  readonly wire: readonly WireRecord[];
  /** Versions of the ledger's objects, oldest first. */
  readonly claims: readonly Version<Claim>[];
  readonly leases: readonly (Version<Lease> & { readonly bucket: string })[];
  readonly switches: readonly Version<KillSwitch>[];
  /** Executions of the failover machine. */
  readonly executions: readonly ExecutionEvidence[];
  readonly events: readonly EmittedEvent[];
  /** When alarms changed, by the alarms themselves: an announcement needs a control plane that lives. */
  readonly alarms: readonly AlarmChange[];
  readonly log: readonly LoggedLine[];
  readonly notices: readonly Notice[];
  /** Whose signatures STS has confirmed, and what they were given for. */
  readonly signatures: readonly ToldIdentity[];
  readonly records: readonly Version<RecoveryRecord>[];
  readonly standing: Standing;
  /** When the control plane of a region was lost, and came back, by the network itself. */
  readonly controlLosses: readonly ControlLoss[];
  /** Values that may appear in no log, history, record or notice. */
  readonly secrets: readonly string[];
}

export interface ControlLoss {
  readonly region: string;
  readonly fromMs: number;
  /** Infinity: it is lost still. */
  readonly untilMs: number;
}

/** How things stand at the end, by the service models and not by any describe. */
export interface Standing {
  /** Regions that are lost, wholly or in part. */
  readonly lost: readonly string[];
  readonly stores: readonly {
    readonly name: string;
    readonly writerRegion: string;
    readonly isMoving: boolean;
  }[];
  readonly compute: readonly {
    readonly name: string;
    readonly site: string;
    readonly desired: number;
    readonly activeCount: number;
    readonly passiveCount: number;
  }[];
  /** `on`: traffic comes here; `closed`: traffic stays elsewhere. */
  readonly switches: readonly {
    readonly name: string;
    readonly site: string;
    readonly on: boolean;
    readonly closed: boolean;
  }[];
}

/** One version of an object, and when it became the newest. */
export interface Version<Body> {
  readonly atMs: number;
  readonly body: Body;
}

export interface ExecutionEvidence {
  readonly arn: string;
  readonly region: string;
  readonly status: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number | undefined;
  readonly history: readonly HistoryEvent[];
}

export interface EmittedEvent {
  readonly atMs: number;
  readonly region: string;
  readonly event: CloudEvent;
}

export interface LoggedLine {
  readonly atMs: number;
  readonly functionName: string;
  readonly region: string;
  readonly line: string;
}

export interface Notice {
  readonly atMs: number;
  readonly region: string;
  readonly subject: string | undefined;
  readonly message: string;
}

/** Something that must never happen, and did. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  readonly atMs: number;
}

/** Looks at the evidence for one invariant. */
export type Checker = (evidence: Evidence) => readonly Violation[];
