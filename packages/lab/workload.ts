import type { Cloud } from "@lifeboat/cloud/cloud";
import { createWorkloadApplication } from "@lifeboat/cloud/client/application";
import { createResidentWriter, type ResidentWriter } from "@lifeboat/cloud/client/resident-writer";
import { createWorkloadClient, type WorkloadClient } from "@lifeboat/cloud/client/workload-client";
import type { Databases } from "@lifeboat/cloud/database/databases";
import { installEnforcer } from "@lifeboat/cloud/database/enforcer";
import type { AutoScaling } from "@lifeboat/cloud/services/auto-scaling/auto-scaling";
import type { CloudWatch } from "@lifeboat/cloud/services/cloudwatch/cloudwatch";
import type { Ecs } from "@lifeboat/cloud/services/ecs/ecs";
import { createLoadBalancer, type LoadBalancer } from "@lifeboat/cloud/services/elb/load-balancer";
import type { Rds } from "@lifeboat/cloud/services/rds/rds";
import type { Route53 } from "@lifeboat/cloud/services/route-53/route-53";
import { forSite, sitesOf, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import { createSwitchRecords } from "./switch-records.ts";
import { LEASE_TABLE, LIFEBOAT_USER } from "./simulated-canary.ts";

export interface WorkloadParts {
  readonly cloud: Cloud;
  readonly databases: Databases;
  readonly rds: Rds;
  readonly ecs: Ecs;
  readonly scaling: AutoScaling;
  readonly cloudwatch: CloudWatch;
  readonly route53: Route53;
}

export interface Workload {
  /** A user who writes through the workload's name all the time. */
  readonly client: WorkloadClient;
  /** A job beside each site's database that writes to it for as long as it is let, whatever the recovery moves. */
  readonly residents: readonly ResidentWriter[];
  /** The load balancer of each site, by site name. */
  readonly balancers: ReadonlyMap<string, LoadBalancer>;
}

/** The table that the users' writes become rows of. */
export const ROWS_TABLE = "rows";
/** The table of the jobs beside the databases: apart, so that what users lose is counted from users' rows alone. */
export const RESIDENT_TABLE = "resident_rows";
const ENGINE_VERSION = "17.5";

/** Builds, in the simulated account, what a plan describes: everything that its users have before Lifeboat comes. */
export const createWorkload = (parts: WorkloadParts, plan: RecoveryPlan, writeEveryMs?: number): Workload => {
  createStores(parts, plan);
  createCompute(parts, plan);
  const balancers = createBalancers(parts, plan);
  createSwitchRecords(parts, plan, balancers);
  createOwnAlarms(parts, plan, balancers);
  const host = plan.traffic.find((traffic) => traffic.type === "switch")?.host;
  if (host === undefined)
    throw new Error(`the plan of "${plan.workload}" has no host that a client could write to`);
  const client = createWorkloadClient(parts.cloud.world, {
    name: host,
    resolve: parts.route53.resolve,
    ...(writeEveryMs === undefined ? {} : { everyMs: writeEveryMs }),
  });
  return { client, residents: createResidents(parts, plan), balancers };
};

const createResidents = (
  { cloud, databases, rds }: WorkloadParts,
  plan: RecoveryPlan,
): readonly ResidentWriter[] =>
  plan.stores.flatMap((store) =>
    store.type === "aurora-global"
      ? sitesOf(plan).map(({ name, region }) =>
          createResidentWriter(cloud.world, {
            databases,
            region,
            host: rds.cluster(region, forSite(store.clusters, name)).writerEndpoint,
            user: plan.workload,
            table: RESIDENT_TABLE,
          }),
        )
      : [],
  );

const createStores = ({ cloud, rds }: WorkloadParts, plan: RecoveryPlan): void => {
  const [primary, standby] = sitesOf(plan);
  for (const store of plan.stores) {
    if (store.type === "s3-replicated") {
      for (const site of [primary, standby])
        cloud.s3.createBucket({ name: forSite(store.buckets, site.name), region: site.region });
      const [left, right] = [forSite(store.buckets, primary.name), forSite(store.buckets, standby.name)];
      cloud.s3.replicate({ from: left, to: right, deleteMarkers: true });
      cloud.s3.replicate({ from: right, to: left, deleteMarkers: true });
      continue;
    }
    // The plan's first key encrypts everything: a copy of a snapshot needs leave to use it.
    const [key] = plan.keys;
    const clusterAt = (site: Site) => ({
      identifier: forSite(store.clusters, site.name),
      region: site.region,
      ...(store.standIn === undefined
        ? {}
        : { writerEndpoint: forSite(store.standIn.writerHosts, site.name) }),
      ...(key === undefined ? {} : { kmsKeyId: key.keyId }),
    });
    const global = rds.createGlobalCluster({
      identifier: store.globalCluster,
      engineVersion: ENGINE_VERSION,
      databaseName: store.database,
      primary: clusterAt(primary),
      secondaries: [clusterAt(standby)],
    });
    if (store.enforcer !== "postgres-job") continue;
    for (const { database } of global.members) {
      installEnforcer(cloud.world, database, {
        table: LEASE_TABLE,
        key: plan.workload,
        privilegedUser: LIFEBOAT_USER,
      });
    }
  }
};

const createCompute = ({ ecs, scaling }: WorkloadParts, plan: RecoveryPlan): void => {
  for (const site of sitesOf(plan)) {
    const isPrimary = site === plan.sites.primary;
    for (const service of plan.services) {
      ecs.createService({
        region: site.region,
        cluster: forSite(service.clusters, site.name),
        service: service.service,
        desiredCount: isPrimary ? service.activeCount : service.passiveCount,
        taskDefinition: `${service.service}:1`,
      });
    }
    for (const worker of plan.workers) {
      scaling.createGroup({
        region: site.region,
        name: forSite(worker.groups, site.name),
        minSize: 0,
        maxSize: Math.max(worker.activeCount, 1) * 2,
        desiredCapacity: isPrimary ? worker.activeCount : worker.passiveCount,
      });
    }
  }
};

/** The first service of the plan is the one behind the load balancers. */
const createBalancers = (
  { cloud, databases, rds, ecs }: WorkloadParts,
  plan: RecoveryPlan,
): ReadonlyMap<string, LoadBalancer> => {
  const server = plan.services[0];
  const store = plan.stores.find((candidate) => candidate.type === "aurora-global");
  if (server === undefined || store?.type !== "aurora-global") {
    throw new Error(`the plan of "${plan.workload}" has no service, or no database that it could write to`);
  }
  const siteIn = (region: string): Site =>
    sitesOf(plan).find((site) => site.region === region) ?? plan.sites.primary;
  const application = createWorkloadApplication({
    databases,
    writerEndpoint: (region) =>
      rds.cluster(region, forSite(store.clusters, siteIn(region).name)).writerEndpoint,
    user: plan.workload,
    table: ROWS_TABLE,
  });
  return new Map(
    sitesOf(plan).map((site) => [
      site.name,
      createLoadBalancer(cloud.world, ecs, {
        region: site.region,
        name: `${plan.workload}-${site.name}`,
        cluster: forSite(server.clusters, site.name),
        service: server.service,
        application,
      }),
    ]),
  );
};

/**
 * Alarms that the plan names but Lifeboat does not own. `active`: errors of the load balancer in that site's region;
 * `standby`: replication lag at the site; so that each role finds its alarm wherever it is. Missing data stays missing: an
 * outage that takes the metrics along makes them INSUFFICIENT_DATA, which is no vote.
 */
const createOwnAlarms = (
  { cloudwatch }: WorkloadParts,
  plan: RecoveryPlan,
  balancers: ReadonlyMap<string, LoadBalancer>,
): void => {
  for (const signal of plan.decision.signals) {
    if (signal.type !== "alarm") continue;
    for (const site of sitesOf(plan)) {
      const balancer = balancers.get(site.name);
      const common = {
        AlarmName: signal.alarm,
        EvaluationPeriods: 2,
        Period: 60,
        TreatMissingData: "missing",
      } as const;
      const store = plan.stores.find((candidate) => candidate.type === "aurora-global");
      const metric =
        signal.from === "active" || store?.type !== "aurora-global"
          ? {
              Namespace: "AWS/ApplicationELB",
              MetricName: "HTTPCode_Target_5XX_Count",
              Dimensions: [{ Name: "LoadBalancer", Value: balancer?.dimension ?? "" }],
              Statistic: "Sum" as const,
              Threshold: 10,
            }
          : {
              Namespace: "AWS/RDS",
              MetricName: "AuroraGlobalDBReplicationLag",
              Dimensions: [{ Name: "DBClusterIdentifier", Value: forSite(store.clusters, site.name) }],
              Statistic: "Maximum" as const,
              Threshold: 10_000,
            };
      cloudwatch.createMetricAlarm(
        site.region,
        { ...common, ...metric, ComparisonOperator: "GreaterThanThreshold" },
        "OK",
      );
    }
  }
};
