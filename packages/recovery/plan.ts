/**
 * The recovery plan of one workload, as every part of Lifeboat sees it after it was read and checked (`packages/plan`).
 * Durations are milliseconds; what differs between the two sites is a {@link PerSite}.
 */

/** The name of a site, as the plan gives it (`ireland`), never a role: roles change with every recovery. */
export type SiteName = string;

/** One value for each of the plan's two sites, by the site's name. */
export type PerSite<Value> = Readonly<Record<SiteName, Value>>;

/** A region, optionally narrowed to zones and subnets: some workloads recover across zones, others across regions. */
export interface Site {
  readonly name: SiteName;
  readonly region: string;
  readonly availabilityZones?: readonly string[] | undefined;
  readonly subnets?: readonly string[] | undefined;
}

export interface Objectives {
  readonly rtoMs: number;
  readonly rpoMs: number;
}

export interface LeaseTerms {
  /** How long a renewal holds. */
  readonly durationMs: number;
  readonly renewEveryMs: number;
  /** How long self-fencing takes at most: it starts this long before the lease ends, so that it has finished by then. */
  readonly fenceWithinMs: number;
  /** Added by whoever waits for the lease to run out: clocks of two sites tick at slightly different speeds. */
  readonly driftMarginMs: number;
}

export interface LedgerPlan {
  /** Versioned buckets: one beside each site, one at the witness. */
  readonly buckets: PerSite<string>;
  readonly witnessBucket: string;
  readonly lease: LeaseTerms;
}

/** Where a signal is observed: the site that stands by now (roles change with recoveries), or the witness. */
export type Vantage = "standby" | "witness";

export type Signal =
  | {
      /** An HTTP probe of the active site's endpoint; failing probes raise the alarm of this name at the vantage. */
      readonly type: "probe";
      readonly name: string;
      readonly from: Vantage;
      readonly urls: PerSite<string>;
      readonly alarm: string;
    }
  | {
      /** A CloudWatch alarm, at the vantage or in the active site's own region. */
      readonly type: "alarm";
      readonly name: string;
      readonly from: Vantage | "active";
      readonly alarm: string;
    }
  | {
      /** The active site's lease is not being renewed, at the witness and at the standby. */
      readonly type: "lease";
      readonly name: string;
    };

export interface DecisionPolicy {
  readonly mode: "automatic" | "approval";
  readonly quorum: number;
  readonly signals: readonly Signal[];
  readonly cooldownMs: number;
  /** The most data, in time, that a promotion without a person may lose. */
  readonly lossLimitMs: number;
  /** Whether the end of a lease counts as fencing where no enforcer sits beside the writer. */
  readonly acceptPresumedFencing: boolean;
  readonly approvals: { readonly usual: number; readonly lossy: number };
  /** Patterns of the ARNs of those who may answer; none: anybody in the account who may invoke the function. */
  readonly approvers: readonly string[];
  /** How long a hold or an approval waits for a person. */
  readonly answerWithinMs: number;
}

export interface AuroraGlobalStore {
  readonly type: "aurora-global";
  readonly name: string;
  readonly globalCluster: string;
  readonly clusters: PerSite<string>;
  readonly database: string;
  /** A job inside Postgres that ends writers' sessions when its lease row is stale. */
  readonly enforcer: "postgres-job" | "none";
  /** How each site's writer is reached from the other site's network; left out where there is no route. */
  readonly standIn?: { readonly writerHosts: PerSite<string>; readonly cidrs: PerSite<string> } | undefined;
}

export interface ReplicatedBucketStore {
  readonly type: "s3-replicated";
  readonly name: string;
  readonly buckets: PerSite<string>;
}

export type Store = AuroraGlobalStore | ReplicatedBucketStore;

export interface KeyResource {
  readonly type: "kms-multi-region";
  readonly name: string;
  readonly keyId: string;
}

export interface SecretResource {
  readonly name: string;
  readonly secretIds: PerSite<string>;
  /** The name of the key (in `keys`) that encrypts it. */
  readonly key: string;
}

export interface CertificateResource {
  readonly name: string;
  readonly arns: PerSite<string>;
}

export interface EcsService {
  readonly type: "ecs";
  readonly name: string;
  readonly clusters: PerSite<string>;
  readonly service: string;
  /** Tasks while the site is active, and while it is passive. */
  readonly activeCount: number;
  readonly passiveCount: number;
}

export interface WorkerGroup {
  readonly type: "auto-scaling-group";
  readonly name: string;
  readonly groups: PerSite<string>;
  readonly activeCount: number;
  readonly passiveCount: number;
}

/** A bucket and key whose presence, read over HTTPS by Route 53's health checks, decides where traffic goes. */
export interface SwitchObject {
  readonly bucket: string;
  readonly key: string;
}

export type Traffic =
  | {
      readonly type: "switch";
      readonly name: string;
      readonly host: string;
      /** The load balancer of each site, what the host resolves to. */
      readonly endpoints: PerSite<string>;
      readonly switches: PerSite<SwitchObject>;
      /** Where the stack creates the records that follow the switch; elsewhere they are managed by others. */
      readonly records?: { readonly hostedZoneId: string } | undefined;
      readonly ttlMs: number;
    }
  | {
      /** A custom domain of AWS IoT Core: both regions hold a configuration of the same name; the switch moves its DNS. */
      readonly type: "iot-custom-domain";
      readonly name: string;
      readonly host: string;
      readonly configurations: PerSite<string>;
      /** The data endpoint of each site's region, what the host resolves to. */
      readonly endpoints?: PerSite<string> | undefined;
      /** The switch (in `traffic`) whose health checks this name's records follow. */
      readonly follows: string;
    };

export type Check =
  | {
      readonly type: "http";
      readonly name: string;
      /** Asked at each site's own endpoint, without the public name. */
      readonly urls: PerSite<string>;
      readonly expectStatus: number;
    }
  | {
      readonly type: "sql-canary";
      readonly name: string;
      /** The store (in `stores`) that takes the canary row. */
      readonly store: string;
    };

/** What a person has to know or do, printed when the phase is reached. */
export interface Note {
  readonly phase: string;
  readonly text: string;
}

export interface Observation {
  /** A CloudWatch dashboard and a composite alarm, at the witness. */
  readonly dashboard: boolean;
  /** The health check that moves a failover's traffic looks every 10 s instead of every 30 s. */
  readonly fastHealthChecks: boolean;
}

/** How Lifeboat gets into the workload's account, where that is another one than its own. */
export interface WorkloadAccess {
  /** The ARN of the role that Lifeboat's functions assume. */
  readonly role: string;
  readonly externalId: string;
}

export interface RecoveryPlan {
  readonly version: 1;
  readonly workload: string;
  /** Lifeboat's own: the ledger, the switches, the machines and the alarms of the signals are there. */
  readonly account: string;
  /** Left out where the workload lies in the same account. */
  readonly access?: WorkloadAccess | undefined;
  readonly sites: { readonly primary: Site; readonly standby: Site };
  readonly witness: { readonly region: string };
  readonly objectives: Objectives;
  readonly ledger: LedgerPlan;
  readonly decision: DecisionPolicy;
  readonly stores: readonly Store[];
  readonly keys: readonly KeyResource[];
  readonly secrets: readonly SecretResource[];
  readonly certificates: readonly CertificateResource[];
  readonly services: readonly EcsService[];
  readonly workers: readonly WorkerGroup[];
  readonly traffic: readonly Traffic[];
  readonly checks: readonly Check[];
  readonly notes: readonly Note[];
  readonly observe: Observation;
}

/** The account that the workload's resources lie in: that of the role which Lifeboat assumes, or Lifeboat's own. */
export const workloadAccount = ({ account, access }: Pick<RecoveryPlan, "account" | "access">): string =>
  access?.role.split(":")[4] ?? account;

/** The value for one site. Throws RangeError for a site the plan does not know: {@link RecoveryPlan} was checked before. */
export const forSite = <Value>(values: PerSite<Value>, site: SiteName): Value => {
  const value = values[site];
  if (value === undefined) throw new RangeError(`no value for the site "${site}"`);
  return value;
};

/** Both sites, the one built as primary first. */
export const sitesOf = (plan: RecoveryPlan): readonly [Site, Site] => [
  plan.sites.primary,
  plan.sites.standby,
];

/** The site of that name. Throws RangeError when the plan has none. */
export const siteNamed = (plan: RecoveryPlan, name: SiteName): Site => {
  const site = sitesOf(plan).find((candidate) => candidate.name === name);
  if (site === undefined) throw new RangeError(`the plan of "${plan.workload}" has no site "${name}"`);
  return site;
};

/** The other site of the two. */
export const otherSite = (plan: RecoveryPlan, name: SiteName): Site => {
  const [primary, standby] = sitesOf(plan);
  return primary.name === siteNamed(plan, name).name ? standby : primary;
};

/** The site that lies in a region, if one does. */
export const siteInRegion = (plan: RecoveryPlan, region: string): Site | undefined =>
  sitesOf(plan).find((site) => site.region === region);

/** The store that takes the canary rows: the one that the SQL check names. */
export const canaryStore = (plan: RecoveryPlan): AuroraGlobalStore | undefined => {
  const check = plan.checks.find((candidate) => candidate.type === "sql-canary");
  if (check === undefined) return undefined;
  return plan.stores.find(
    (store): store is AuroraGlobalStore => store.type === "aurora-global" && store.name === check.store,
  );
};
