import type { ProtectionRecord, RecoveryRecord } from "@lifeboat/recovery/outcome";
import type { Identity } from "@lifeboat/recovery/approvals";
import type { SiteName } from "@lifeboat/recovery/plan";
import type { RecoveryEvent } from "@lifeboat/recovery/recovery-event";
import type { Finding, ReadinessPart } from "@lifeboat/recovery/readiness";

/**
 * What the steps need of the world. Adapters over the AWS SDK are in `packages/aws`; in simulation the same adapters talk
 * to a simulated cloud. Every method that calls AWS throws RecoveryError `AwsUnavailable` (call again) or `AwsRejected`
 * (calling again does not help) unless its result type says otherwise.
 */

export interface Clock {
  /** Milliseconds since the Unix epoch on this machine's clock. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

/** Unique texts: write ids, names. */
export interface Ids {
  next(): string;
}

export interface LedgerPlace {
  readonly region: string;
  readonly bucket: string;
}

export type LedgerRead =
  | { readonly type: "found"; readonly body: unknown; readonly etag: string }
  | { readonly type: "missing" }
  | { readonly type: "unreachable"; readonly reason: string };

export type LedgerWrite =
  | { readonly type: "written"; readonly etag: string }
  /** Somebody else (or an own write whose reply was lost) was faster: read again and compare write ids. */
  | { readonly type: "conflict" }
  /** No usable answer: it may or may not have taken effect. */
  | { readonly type: "unknown"; readonly reason: string };

/** Objects that are changed by conditional PUT only. Never throws for what AWS or the network does. */
export interface LedgerStore {
  read(place: LedgerPlace, key: string): Promise<LedgerRead>;
  /** Replaces the object whose ETag is `etag`. */
  replace(place: LedgerPlace, key: string, body: unknown, etag: string): Promise<LedgerWrite>;
  /** Creates an object that does not exist. */
  create(place: LedgerPlace, key: string, body: unknown): Promise<LedgerWrite>;
}

export interface GlobalMember {
  readonly arn: string;
  readonly region: string;
  readonly isWriter: boolean;
  readonly connected: boolean;
}

export interface GlobalCluster {
  readonly id: string;
  readonly status: string;
  readonly engineVersion: string;
  readonly members: readonly GlobalMember[];
  /** A failover or switchover that is in flight. */
  readonly transition: {
    readonly status: string;
    readonly toArn: string;
    readonly allowsDataLoss: boolean;
  } | null;
}

export interface ClusterState {
  readonly arn: string;
  readonly status: string;
  readonly engineVersion: string;
  readonly kmsKeyId: string | null;
  readonly instances: readonly { readonly id: string; readonly status: string; readonly isWriter: boolean }[];
}

export interface Snapshot {
  readonly id: string;
  readonly status: string;
  readonly type: string;
}

export interface Databases {
  globalCluster(region: string, id: string): Promise<GlobalCluster | null>;
  cluster(region: string, id: string): Promise<ClusterState | null>;
  /** Unplanned failover; in the target's region, with AllowDataLoss. `busy`: the global cluster is in no state for it now. */
  failOver(region: string, globalCluster: string, targetArn: string): Promise<"accepted" | "busy">;
  /** RDS events of a cluster, newest last. */
  events(
    region: string,
    cluster: string,
    sinceMs: number,
  ): Promise<readonly { readonly atMs: number; readonly message: string }[]>;
  snapshots(region: string, cluster: string): Promise<readonly Snapshot[]>;
  /** Copies an automated snapshot to a manual one. `exists`: an earlier call did. */
  copySnapshot(region: string, sourceId: string, targetId: string): Promise<"accepted" | "exists">;
}

export interface Buckets {
  /** Null: there is no such bucket. */
  replication(
    region: string,
    bucket: string,
  ): Promise<{ readonly versioned: boolean; readonly enabledRules: number } | null>;
}

export interface Protection {
  /** Null: there is no such key. */
  key(
    region: string,
    keyId: string,
  ): Promise<{ readonly enabled: boolean; readonly multiRegion: boolean } | null>;
  secret(
    region: string,
    secretId: string,
  ): Promise<{ readonly exists: boolean; readonly replicating: string | null }>;
  certificate(region: string, arn: string): Promise<{ readonly status: string } | null>;
}

/** Asks the functions that look at the standby. */
export interface Readiness {
  /** Throws where the function does not answer in time, or fails. */
  look(
    region: string,
    part: ReadinessPart,
    request: { readonly workload: string; readonly planHash: string },
  ): Promise<readonly Finding[]>;
}

export interface ServiceState {
  readonly status: string;
  readonly desired: number;
  readonly running: number;
  /** The newest deployment has reached its steady state. */
  readonly settled: boolean;
}

export interface GroupState {
  readonly desired: number;
  readonly inService: number;
  readonly max: number;
}

export interface Compute {
  service(region: string, cluster: string, service: string): Promise<ServiceState | null>;
  scaleService(region: string, cluster: string, service: string, count: number): Promise<void>;
  group(region: string, name: string): Promise<GroupState | null>;
  scaleGroup(region: string, name: string, count: number): Promise<void>;
}

export interface TrafficPort {
  readSwitch(region: string, bucket: string, key: string): Promise<"present" | "absent">;
  setSwitch(region: string, bucket: string, key: string, body: string): Promise<void>;
  clearSwitch(region: string, bucket: string, key: string): Promise<void>;
  /** What a resolver answers for a host: the names and addresses that clients are sent to now; empty: no answer. */
  resolve(host: string): Promise<readonly string[]>;
}

/** Message brokers with a domain of the workload's own. */
export interface Brokers {
  iotDomain(
    region: string,
    configuration: string,
  ): Promise<{ readonly enabled: boolean; readonly host: string } | null>;
}

export interface Alarms {
  /** `INSUFFICIENT_DATA`, `OK` or `ALARM` of each alarm of that region, by its name; an alarm that does not exist is left out. */
  states(region: string, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** One failing probe, as a metric of this region. */
  reportProbe(region: string, workload: string, signal: string): Promise<void>;
}

export interface Http {
  /** The status, or why there was none. Never throws for what the network does. */
  get(
    url: string,
    timeoutMs: number,
  ): Promise<{ readonly status: number } | { readonly unreachable: string }>;
}

export interface Beat {
  readonly sequence: number;
  readonly writtenAtMs: number;
}

/** `unreached`: no connection was made, so that nothing was written. A failure of which that is not known is thrown. */
export type BeatAnswer =
  | ({ readonly type: "written" } & Beat)
  | { readonly type: "unreached"; readonly reason: string };

/** The SQL side of a store, by a function inside the database's network. */
export interface CanaryPort {
  /**
   * Writes one canary row and refreshes the lease row that the enforcer watches, at the writer of that region (`here`), or
   * from there at the other site's (`peer`). Whoever refreshes announces that in a lease first: the bound of a loss counts from
   * there. Throws when the database does not take it (the lease row may be a later epoch's: nothing is written then), or nobody
   * knows whether it did.
   */
  beat(
    region: string,
    request: {
      readonly at: "here" | "peer";
      readonly store: string;
      readonly workload: string;
      readonly holder: SiteName;
      readonly epoch: number;
      /** The enforcer admits writers for `validForMs` from `askedAtMs` on, by that region's clock, however long the beat takes. */
      readonly askedAtMs?: number;
      /** Missing: the canary row alone is written, and the lease row is left as it is. */
      readonly validForMs?: number;
    },
  ): Promise<BeatAnswer>;
  /**
   * The newest canary on the copy in that region, read at its reader endpoint (`here`), at its writer, or at the other site's
   * writer (`peer`); null: no row.
   */
  newest(
    region: string,
    request: { readonly at: "here" | "writer" | "peer"; readonly store: string; readonly workload: string },
  ): Promise<Beat | null>;
}

/** Decided on one version of the claim, and good for that one alone. */
export interface ClaimedRequest {
  readonly workload: string;
  readonly claimRevision: number;
}

export interface ProtectRequest extends ClaimedRequest {
  /** What of the site's services is not known to have stopped. */
  readonly running: readonly string[];
}

export interface FenceRequest {
  readonly workload: string;
  /** What to tell whoever hooks in once the site is stopped; null: the ledger has said it already. */
  readonly news: {
    readonly epoch: number | null;
    readonly reason: string;
    readonly distinct: string;
  } | null;
  /** Whoever asks knows of a fence that could not be noted: it is to be noted now, although nothing runs any more. */
  readonly unnoted: boolean;
}

export interface FenceAnswer {
  /** What ran when it looked, or did not say. */
  readonly ran: readonly string[];
  /** False: the site was stopped, and could not note that it was itself that did it. Nothing else tells a later resume. */
  readonly noted: boolean;
}

export interface ResumeRequest extends ClaimedRequest {
  /** Whoever asks knows of a fence that could not be noted: what stands still was stopped by it. */
  readonly unnoted: boolean;
}

export interface SilenceRequest {
  readonly workload: string;
  /** Whose control plane is silent, and in which epoch it is the active one. */
  readonly activeSite: SiteName;
  readonly epoch: number;
  readonly silentForMs: number;
  readonly standsIn: boolean;
  readonly detail: string;
}

export type RetireAnswer =
  | { readonly type: "ledger-changed" }
  | { readonly type: "retired"; readonly ran: readonly string[] };

export type ResumeAnswer =
  | { readonly type: "ledger-changed" }
  | { readonly type: "resumed"; readonly started: readonly string[] };

export type ProtectAnswer =
  | { readonly type: "ledger-changed" }
  | { readonly type: "looked"; readonly protected: boolean; readonly missing: readonly string[] };

/**
 * What the watch of a site may not do by itself: acts on the site's own services, database, switches and people, by functions
 * each of which does one at a time. Throws where one is busy, fails, or does not answer in time: what was asked for may come
 * about all the same, but never beside another act on the same.
 */
export interface Tending {
  /** Stops the site's services and workers; answers what still ran, or did not say. Needs no ledger. */
  fence(region: string, request: FenceRequest): Promise<FenceAnswer>;
  /** Starts what the site's own fence has stopped. */
  resume(region: string, request: ResumeRequest): Promise<ResumeAnswer>;
  /** Stops services and workers of a site that has become the passive one; answers what still ran, or did not say. */
  retire(region: string, request: ClaimedRequest): Promise<RetireAnswer>;
  /** One look at what still stands between the workload and its protection, and a step towards it. */
  protect(region: string, request: ProtectRequest): Promise<ProtectAnswer>;
  /** Tells people that the other site's control plane is silent, if nobody has told them lately. */
  tellSilence(region: string, request: SilenceRequest): Promise<void>;
}

/** The ticks of this site's watch that a queue holds back until they are due. */
export interface Metronome {
  /** Sends ticks that come due after so many whole seconds, 900 at most. One that is sent twice comes twice. */
  send(ticks: readonly { readonly inSeconds: number; readonly body: unknown }[]): Promise<void>;
  /** How many ticks are due, and nobody has taken: one at most, or about so, as long as the queue delivers. */
  overdue(): Promise<number>;
}

/** Where a store's SQL is reached from inside its network. */
export interface DatabaseEndpoint {
  readonly writerHost: string;
  readonly readerHost: string;
  readonly database: string;
  readonly user: string;
  /** Where the hosts are; the function's own region where left out. Logins are signed for a region. */
  readonly region?: string | undefined;
}

/** SQL itself, for the one function that sits beside the database. Throws when the database does not answer or refuses. */
export interface CanaryDatabase {
  writeBeat(
    endpoint: DatabaseEndpoint,
    beat: {
      readonly workload: string;
      readonly holder: SiteName;
      readonly epoch: number;
      /**
       * For how much longer the enforcer admits writers; 0: for no longer. Asked once the database has told its time, from which
       * that is counted: a statement that the database carries out late admits nobody for that. null: the lease row is left as
       * it is, and nothing is written at all where it is a later epoch's.
       */
      readonly admitsForMs: (() => number) | null;
      readonly writtenAtMs: number;
    },
  ): Promise<BeatAnswer>;
  readNewest(endpoint: DatabaseEndpoint, workload: string): Promise<Beat | null>;
}

export interface Executions {
  /** `NONE`: there is no such execution. */
  status(
    arn: string,
  ): Promise<"RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE" | "NONE">;
  /** The name of the error that an execution has `FAILED` with; null: it has not, or it has no name. */
  failure(arn: string): Promise<string | null>;
  /** Starts the machine under that name; the same name and input again is no error. */
  start(machineArn: string, name: string, input: unknown): Promise<void>;
}

export interface Notices {
  publish(subject: string, message: string): Promise<void>;
}

export interface RecoveryEvents {
  /** Tells whoever hooks in. Never throws, and takes less than a second: nothing may depend on it. */
  tell(
    event: RecoveryEvent,
  ): Promise<{ readonly told: true } | { readonly told: false; readonly reason: string }>;
}

export interface Records {
  /** Appends; the same record again is no error. */
  append(place: LedgerPlace, record: RecoveryRecord): Promise<void>;
  /** As {@link append}, one for each epoch that a workload was protected again after. */
  appendProtection(place: LedgerPlace, record: ProtectionRecord): Promise<void>;
}

/** Who signed a proof: AWS's own word. */
export type Identified =
  | { readonly type: "proven"; readonly identity: Identity }
  | { readonly type: "refused"; readonly reason: string }
  | { readonly type: "unreachable"; readonly reason: string };

/** What questions to people need beyond the ledger. */
export interface Approvals {
  /** The keys below a prefix. */
  keys(place: LedgerPlace, prefix: string): Promise<readonly string[]>;
  /** Ends the wait that a task token stands for. `gone`: it is over. Never throws: nobody depends on being heard. */
  wake(token: string): Promise<"woken" | "gone">;
  /** Asks AWS who signed a proof, and whether it was for this purpose. Never throws for what AWS or the network does. */
  identify(proof: string, purpose: string): Promise<Identified>;
}

export interface Ports {
  readonly approvals: Approvals;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly ledger: LedgerStore;
  readonly databases: Databases;
  readonly buckets: Buckets;
  readonly protection: Protection;
  readonly compute: Compute;
  readonly traffic: TrafficPort;
  readonly brokers: Brokers;
  readonly alarms: Alarms;
  readonly http: Http;
  readonly canary: CanaryPort;
  readonly readiness: Readiness;
  readonly executions: Executions;
  readonly metronome: Metronome;
  readonly tending: Tending;
  readonly notices: Notices;
  readonly events: RecoveryEvents;
  readonly records: Records;
}
