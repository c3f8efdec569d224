import type {
  DescribeDBClustersCommandInput,
  DescribeDBClusterSnapshotsCommandInput,
  DescribeDBEngineVersionsCommandInput,
  DescribeDBInstancesCommandInput,
  DescribeEventsCommandInput,
  DescribeGlobalClustersCommandInput,
  GlobalCluster as GlobalClusterShape,
} from "@aws-sdk/client-rds";
import { AwsError, type Call } from "../../kernel/service.ts";
import type { RdsContext } from "./context.ts";
import { describeCluster, describeGlobal, describeInstance, describeSnapshot } from "./describe.ts";
import { matchFilters, page } from "./page.ts";
import { snapshotNamed } from "./snapshots.ts";
import type { Cluster, GlobalCluster } from "./state.ts";

const MINUTE_MS = 60_000;
const MOST_EVENT_MINUTES = 14 * 24 * 60;

/** What a view that lags behind may answer. */
export type View = (global: GlobalCluster) => GlobalClusterShape;

/** The global database that a cluster belongs to. */
export const globalOf = (context: RdsContext, cluster: Cluster): GlobalCluster => {
  const found = [...context.state.globals.values()].find((global) => global.members.includes(cluster));
  if (found === undefined) throw new Error(`${cluster.identifier} belongs to no global database`);
  return found;
};

/** The cluster of that name or ARN in `region`, or `DBClusterNotFoundFault`. */
export const clusterNamed = (context: RdsContext, region: string, nameOrArn: string): Cluster => {
  const found = [...context.state.clusters.values()].find(
    (cluster) =>
      cluster.region === region &&
      (cluster.arn === nameOrArn || cluster.identifier === nameOrArn.toLowerCase()),
  );
  if (found === undefined) {
    throw new AwsError("DBClusterNotFoundFault", `DBCluster ${nameOrArn} not found.`, 404);
  }
  return found;
};

/** A global database is known in the regions that it has members in, or `GlobalClusterNotFoundFault`. */
export const globalNamed = (context: RdsContext, region: string, identifier: string): GlobalCluster => {
  const found = context.state.globals.get(identifier.toLowerCase());
  if (found === undefined || !found.members.some((member) => member.region === region)) {
    throw new AwsError("GlobalClusterNotFoundFault", `Global cluster ${identifier} not found`, 404);
  }
  return found;
};

/** The operations that change nothing (Amazon RDS API Reference). */
export const readOperations = (context: RdsContext, view: View = describeGlobal) => ({
  DescribeGlobalClusters(input: DescribeGlobalClustersCommandInput, { region }: Call) {
    const all =
      input.GlobalClusterIdentifier === undefined
        ? [...context.state.globals.values()].filter((global) =>
            global.members.some((m) => m.region === region),
          )
        : [globalNamed(context, region, input.GlobalClusterIdentifier)];
    const matches = matchFilters<GlobalCluster>(input.Filters, {
      "db-cluster-id": ({ members }) => members.flatMap(({ identifier, arn }) => [identifier, arn]),
    });
    const { items, ...rest } = page(all.filter(matches), input);
    return { GlobalClusters: items.map(view), ...rest };
  },

  DescribeDBClusters(input: DescribeDBClustersCommandInput, { region }: Call) {
    const all =
      input.DBClusterIdentifier === undefined
        ? [...context.state.clusters.values()].filter((cluster) => cluster.region === region)
        : [clusterNamed(context, region, input.DBClusterIdentifier)];
    const matches = matchFilters<Cluster>(input.Filters, {
      "db-cluster-id": ({ identifier, arn }) => [identifier, arn],
      "db-cluster-resource-id": ({ resourceId }) => [resourceId],
      engine: (cluster) => [globalOf(context, cluster).engine],
    });
    const { items, ...rest } = page(all.filter(matches), input);
    return {
      DBClusters: items.map((cluster) => describeCluster(cluster, globalOf(context, cluster))),
      ...rest,
    };
  },

  DescribeDBInstances(input: DescribeDBInstancesCommandInput, { region }: Call) {
    const all = [...context.state.clusters.values()]
      .filter((cluster) => cluster.region === region)
      .flatMap((cluster) => cluster.instances.map((instance) => ({ cluster, instance })));
    const wanted = input.DBInstanceIdentifier;
    const named =
      wanted === undefined
        ? all
        : all.filter(
            ({ instance }) => instance.identifier === wanted.toLowerCase() || instance.arn === wanted,
          );
    if (wanted !== undefined && named.length === 0) {
      throw new AwsError("DBInstanceNotFoundFault", `DBInstance ${wanted} not found.`, 404);
    }
    const matches = matchFilters<(typeof all)[number]>(input.Filters, {
      "db-cluster-id": ({ cluster }) => [cluster.identifier, cluster.arn],
      "db-instance-id": ({ instance }) => [instance.identifier, instance.arn],
    });
    const { items, ...rest } = page(named.filter(matches), input);
    return {
      DBInstances: items.map(({ cluster, instance }) =>
        describeInstance(instance, cluster, globalOf(context, cluster)),
      ),
      ...rest,
    };
  },

  DescribeDBClusterSnapshots(input: DescribeDBClusterSnapshotsCommandInput, { region }: Call) {
    const { DBClusterIdentifier: cluster, DBClusterSnapshotIdentifier: name, SnapshotType: type } = input;
    const all =
      name === undefined
        ? [...context.state.snapshots.values()].filter((snapshot) => snapshot.region === region)
        : [snapshotNamed(context, region, name)];
    const matches = matchFilters<(typeof all)[number]>(input.Filters, {
      "db-cluster-id": (snapshot) => [snapshot.cluster.identifier, snapshot.cluster.arn],
      "db-cluster-snapshot-id": (snapshot) => [snapshot.identifier],
      "snapshot-type": (snapshot) => [snapshot.type],
    });
    const { items, ...rest } = page(
      all.filter(
        (snapshot) =>
          matches(snapshot) &&
          (cluster === undefined || [snapshot.cluster.identifier, snapshot.cluster.arn].includes(cluster)) &&
          (type === undefined || snapshot.type === type),
      ),
      input,
    );
    return { DBClusterSnapshots: items.map(describeSnapshot), ...rest };
  },

  DescribeEvents(input: DescribeEventsCommandInput, { region }: Call) {
    if (input.SourceIdentifier !== undefined && input.SourceType === undefined) {
      throw new AwsError("InvalidParameterCombination", "SourceType must be specified with SourceIdentifier");
    }
    const minutes = input.Duration ?? 60;
    if (minutes > MOST_EVENT_MINUTES) {
      throw new AwsError("InvalidParameterValue", "Duration cannot be more than 14 days");
    }
    const nowMs = context.world.clock.nowMs();
    const endMs = input.EndTime?.getTime() ?? nowMs;
    const startMs = Math.max(
      input.StartTime?.getTime() ?? endMs - minutes * MINUTE_MS,
      nowMs - MOST_EVENT_MINUTES * MINUTE_MS,
    );
    const found = context.events
      .all()
      .filter(
        ({ region: place, atMs, event }) =>
          place === region &&
          atMs >= startMs &&
          atMs <= endMs &&
          (input.SourceType === undefined || event.SourceType === input.SourceType) &&
          (input.SourceIdentifier === undefined || event.SourceIdentifier === input.SourceIdentifier) &&
          (input.EventCategories === undefined ||
            input.EventCategories.some((category) => event.EventCategories?.includes(category))),
      );
    const { items, ...rest } = page(found, input);
    return { Events: items.map(({ event }) => event), ...rest };
  },

  DescribeDBEngineVersions(input: DescribeDBEngineVersionsCommandInput) {
    const versions = new Map(
      [...context.state.clusters.values()].map((cluster) => [
        cluster.engineVersion,
        globalOf(context, cluster).engine,
      ]),
    );
    const { items, ...rest } = page(
      [...versions].filter(
        ([version, engine]) =>
          (input.Engine === undefined || input.Engine === engine) &&
          (input.EngineVersion === undefined || input.EngineVersion === version),
      ),
      input,
    );
    return {
      DBEngineVersions: items.map(([version, engine]) => ({
        Engine: engine,
        EngineVersion: version,
        MajorEngineVersion: version.split(".")[0],
        DBParameterGroupFamily: `${engine}${version.split(".")[0]}`,
        Status: "available",
        SupportsGlobalDatabases: true,
      })),
      ...rest,
    };
  },
});
