/**
 * What the control plane of one workload consists of, as data: read by `sst.config.ts` to deploy it and by the local
 * runtime to run it, so that what is deployed is what ran on the laptop.
 */
export interface Permission {
  /** IAM actions, each named in full. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export interface FunctionEntry {
  /** Unique in a place; the deployed name is {@link deployedName}. */
  readonly name: string;
  /** Module and export, from the root of the repository: `functions/begin.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** Inside the database's network, with no way to the internet. */
  readonly network: "none" | "database";
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
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
  readonly target: { readonly function: string };
  readonly input: Readonly<Record<string, unknown>>;
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

/** One stack: a site's, or the witness's. */
export interface PlaceManifest {
  readonly place: string;
  readonly region: string;
  readonly kind: "site" | "witness";
  readonly ledgerBucket: string;
  readonly functions: readonly FunctionEntry[];
  readonly machines: readonly MachineEntry[];
  readonly schedules: readonly ScheduleEntry[];
  readonly rules: readonly RuleEntry[];
  readonly alarms: readonly AlarmEntry[];
  readonly topics: readonly string[];
}

export interface Manifest {
  readonly workload: string;
  readonly account: string;
  readonly places: readonly PlaceManifest[];
}
