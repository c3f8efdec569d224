/**
 * What the control plane of one workload consists of, as data: read by `sst.config.ts` to deploy it and by the local
 * runtime to run it, so that what is deployed is what ran on the laptop.
 */
export interface Permission {
  /** Allows, unless it says otherwise. */
  readonly effect?: "Deny";
  /** IAM actions, each named in full. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** IAM condition operators → keys → values. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Where `resources` is `*`: why no resource can be named. Nothing else may have `*`. */
  readonly unbounded?: string;
}

/** What becomes of an invocation that nobody waits for (Scheduler, EventBridge) when it fails. */
export interface AsyncDelivery {
  readonly retries: 0 | 1 | 2;
  /** At least 60 (Lambda's least). What is older goes to the place's dead letters. */
  readonly maxAgeSeconds: number;
}

export interface FunctionEntry {
  /** Unique in a place; the deployed name is `deployedName`. */
  readonly name: string;
  /** Module and export, from the root of the repository: `functions/begin.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** Executions at one time that are kept free for this function, and that it may not exceed. */
  readonly reservedConcurrency: number;
  /** Inside the database's network, with no way to the internet. */
  readonly network: "none" | "database";
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
  /**
   * It has a function URL that anybody may call, and checks by itself who may see and do what. Listed before functions
   * whose environment names it as `${FunctionUrl:name}`.
   */
  readonly url?: "checks-by-itself";
  /** Runs all the time: Lambda's own lines about runs that went well stay out of its log, which they would fill. */
  readonly quiet?: true;
  /** Given where schedules or rules invoke it. */
  readonly delivery?: AsyncDelivery;
  /** ARNs of roles of another account that may invoke it; those of its own account have permissions. */
  readonly invokers?: readonly string[];
}

export interface MachineEntry {
  readonly name: string;
  /** The definition, from the root of the repository. */
  readonly definition: string;
  /** `${Placeholder}` in the definition → name of the function whose ARN takes its place. */
  readonly functions: Readonly<Record<string, string>>;
}

export interface ScheduleEntry {
  readonly name: string;
  /** EventBridge Scheduler's expression. */
  readonly expression: string;
  /** A function or a machine of the same place, by its name. */
  readonly target: { readonly function: string } | { readonly machine: string };
  readonly input: Readonly<Record<string, unknown>>;
}

/** A queue whose messages invoke a function here, one at a time. */
export interface QueueEntry {
  readonly name: string;
  readonly feeds: { readonly function: string };
  /** How long a message is hidden that is being worked on: at least the function's timeout. */
  readonly visibilityTimeoutSeconds: number;
  /** How long a message is of any use, from when it was sent. */
  readonly retentionSeconds: number;
  /** Receptions after which it goes to the place's dead letters. */
  readonly maxReceiveCount: number;
}

export interface RuleEntry {
  readonly name: string;
  /** EventBridge event pattern on the default bus of the place's region. */
  readonly pattern: Readonly<Record<string, unknown>>;
  /** A function here, or the default bus of another place. */
  readonly target: { readonly function: string } | { readonly busOf: string };
}

export interface AlarmEntry {
  readonly name: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: "Sum" | "Maximum" | "Average" | "Minimum";
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: "GreaterThanOrEqualToThreshold" | "GreaterThanThreshold" | "LessThanThreshold";
  readonly treatMissingData: "missing" | "notBreaching" | "breaching" | "ignore";
  readonly description: string;
}

/** An alarm over other alarms of the same account and region: in alarm while any of them is. */
export interface CompositeAlarmEntry {
  readonly name: string;
  readonly anyOf: readonly string[];
  readonly description: string;
}

/** A CloudWatch dashboard. `body` is what PutDashboard takes, as an object. */
export interface DashboardEntry {
  readonly name: string;
  readonly body: DashboardBody;
}

export interface DashboardBody {
  readonly widgets: readonly {
    readonly type: "metric" | "alarm" | "log" | "text";
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly properties: Readonly<Record<string, unknown>>;
  }[];
}

/** A statement of a bucket's policy. */
export interface BucketStatement {
  readonly sid: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** In the place of `actions`: all but these. */
  readonly exceptActions?: readonly string[];
  /** Keys below the bucket, with IAM's wildcards; `bucket` in addition covers the bucket itself. */
  readonly keys: readonly string[];
  /** In the place of `keys` and `bucket`: the bucket and all its keys but these. */
  readonly exceptKeys?: readonly string[];
  readonly bucket?: true;
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface BucketEntry {
  readonly kind: "ledger" | "switch";
  readonly name: string;
  /** All statements are for everybody: `Principal: "*"`. */
  readonly statements: readonly BucketStatement[];
  /** Key prefixes whose older versions may go after a day. */
  readonly shortLived: readonly string[];
}

/** A Route 53 health check. `children` are the names of others. */
export type HealthCheckEntry =
  | {
      readonly type: "object";
      readonly name: string;
      readonly scheme: "HTTP" | "HTTPS";
      readonly host: string;
      readonly path: string;
      readonly intervalSeconds: 10 | 30;
      readonly failureThreshold: number;
    }
  | {
      readonly type: "calculated";
      readonly name: string;
      readonly children: readonly string[];
      /** Healthy when at least this many children are. */
      readonly threshold: number;
      readonly inverted: boolean;
    };

/** A failover record of Route 53: one of the pair that follows a switch. */
export interface RecordEntry {
  readonly hostedZoneId: string;
  readonly host: string;
  readonly type: "CNAME";
  /** What the host resolves to at the site. */
  readonly value: string;
  readonly ttlSeconds: number;
  /** The site. */
  readonly setIdentifier: string;
  readonly failover: "PRIMARY" | "SECONDARY";
  /** The name of the health check that the primary's record follows. */
  readonly healthCheck?: string;
}

/** One stack: a site's, the witness's, or what a site has in the workload's account where that is another one. */
export interface PlaceManifest {
  readonly place: string;
  readonly region: string;
  readonly kind: "site" | "witness" | "workload";
  /** The account that it is deployed to. */
  readonly account: string;
  readonly ledgerBucket: string;
  /** The key of the published plan in the ledger's bucket. */
  readonly planKey: string;
  readonly buckets: readonly BucketEntry[];
  readonly functions: readonly FunctionEntry[];
  readonly machines: readonly MachineEntry[];
  readonly queues: readonly QueueEntry[];
  readonly schedules: readonly ScheduleEntry[];
  readonly rules: readonly RuleEntry[];
  /** What decisions are made from. */
  readonly alarms: readonly AlarmEntry[];
  /** What tells people that Lifeboat itself is not well: their changes of state go to the function `notify`. */
  readonly dutyAlarms: readonly AlarmEntry[];
  readonly compositeAlarms: readonly CompositeAlarmEntry[];
  readonly dashboards: readonly DashboardEntry[];
  readonly topics: readonly string[];
  /** Buses of EventBridge beside the default one, by their deployed names. */
  readonly buses: readonly string[];
  /** The queue for events and invocations that could not be delivered. */
  readonly deadLetters: string;
  readonly healthChecks: readonly HealthCheckEntry[];
  /** Created where the plan gives a hosted zone; a recovery never changes them. */
  readonly records: readonly RecordEntry[];
  readonly logRetentionDays: 30;
}

export interface Manifest {
  readonly workload: string;
  /** Lifeboat's own. */
  readonly account: string;
  readonly places: readonly PlaceManifest[];
}
