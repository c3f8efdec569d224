import {
  CopyDBClusterSnapshotCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeGlobalClustersCommand,
  FailoverGlobalClusterCommand,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeEvents,
  RDSClient,
  type GlobalCluster as SdkGlobalCluster,
} from "@aws-sdk/client-rds";
import type { Databases, GlobalCluster } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAws, callAwsForOne, failureOf } from "./failures.ts";

/** `arn:aws:rds:eu-west-3:111122223333:cluster:name` */
const regionOf = (arn: string): string => arn.split(":")[3] ?? "";

/** RDS keeps events for 14 days: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const EVENTS_KEPT_MS = 14 * 24 * 3_600_000;

/** All that is described, however many pages that is: RDS answers a hundred at a time. */
const allOf = async <Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<readonly Item[]> => {
  const items: Item[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
};

const toGlobalCluster = (cluster: SdkGlobalCluster): GlobalCluster => {
  const transition = cluster.FailoverState;
  return {
    id: cluster.GlobalClusterIdentifier ?? "",
    status: cluster.Status ?? "unknown",
    engineVersion: cluster.EngineVersion ?? "",
    members: (cluster.GlobalClusterMembers ?? []).map((member) => ({
      arn: member.DBClusterArn ?? "",
      region: regionOf(member.DBClusterArn ?? ""),
      isWriter: member.IsWriter ?? false,
      connected: member.SynchronizationStatus === "connected",
    })),
    transition:
      transition?.ToDbClusterArn === undefined
        ? null
        : {
            status: transition.Status ?? "pending",
            toArn: transition.ToDbClusterArn,
            allowsDataLoss: transition.IsDataLossAllowed ?? false,
          },
  };
};

/**
 * Aurora global databases: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html.
 * Everything is asked in one region and answered there.
 */
export const createDatabases = (connection: Connection): Databases => {
  const rds = (region: string): RDSClient =>
    clientFor(connection, "rds", region, (settings) => new RDSClient(settings));
  return {
    async globalCluster(region, id) {
      const answer = await callAwsForOne("DescribeGlobalClusters", ["GlobalClusterNotFoundFault"], () =>
        rds(region).send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: id })),
      );
      const cluster = answer?.GlobalClusters?.[0];
      return cluster === undefined ? null : toGlobalCluster(cluster);
    },
    async cluster(region, id) {
      const answer = await callAwsForOne("DescribeDBClusters", ["DBClusterNotFoundFault"], () =>
        rds(region).send(new DescribeDBClustersCommand({ DBClusterIdentifier: id })),
      );
      const cluster = answer?.DBClusters?.[0];
      if (cluster === undefined) return null;
      const instances = await callAws("DescribeDBInstances", () =>
        rds(region).send(
          new DescribeDBInstancesCommand({ Filters: [{ Name: "db-cluster-id", Values: [id] }] }),
        ),
      );
      const statusOf = new Map(
        (instances.DBInstances ?? []).map((instance) => [
          instance.DBInstanceIdentifier,
          instance.DBInstanceStatus,
        ]),
      );
      return {
        arn: cluster.DBClusterArn ?? "",
        status: cluster.Status ?? "unknown",
        engineVersion: cluster.EngineVersion ?? "",
        kmsKeyId: cluster.KmsKeyId ?? null,
        instances: (cluster.DBClusterMembers ?? []).map((member) => ({
          id: member.DBInstanceIdentifier ?? "",
          status: statusOf.get(member.DBInstanceIdentifier) ?? "unknown",
          isWriter: member.IsClusterWriter ?? false,
        })),
      };
    },
    failOver: (region, globalCluster, targetArn) =>
      callAws("FailoverGlobalCluster", async () => {
        try {
          await rds(region).send(
            new FailoverGlobalClusterCommand({
              GlobalClusterIdentifier: globalCluster,
              TargetDbClusterIdentifier: targetArn,
              AllowDataLoss: true,
            }),
          );
          return "accepted";
        } catch (error) {
          // In flight already, or one of its members is changing: the next look tells.
          if (
            ["InvalidGlobalClusterStateFault", "InvalidDBClusterStateFault"].includes(failureOf(error).name)
          )
            return "busy";
          throw error;
        }
      }),
    async events(region, cluster, sinceMs) {
      const events = await callAws("DescribeEvents", () =>
        allOf(
          paginateDescribeEvents(
            { client: rds(region) },
            { SourceType: "db-cluster", SourceIdentifier: cluster, Duration: EVENTS_KEPT_MS / 60_000 },
          ),
          ({ Events }) => Events,
        ),
      );
      return events
        .map((event) => ({ atMs: event.Date?.getTime() ?? 0, message: event.Message ?? "" }))
        .filter((event) => event.atMs >= sinceMs);
    },
    async snapshots(region, cluster) {
      const snapshots = await callAws("DescribeDBClusterSnapshots", () =>
        allOf(
          paginateDescribeDBClusterSnapshots({ client: rds(region) }, { DBClusterIdentifier: cluster }),
          ({ DBClusterSnapshots }) => DBClusterSnapshots,
        ),
      );
      return snapshots.map((snapshot) => ({
        id: snapshot.DBClusterSnapshotIdentifier ?? "",
        status: snapshot.Status ?? "unknown",
        type: snapshot.SnapshotType ?? "unknown",
      }));
    },
    copySnapshot: (region, sourceId, targetId) =>
      callAws("CopyDBClusterSnapshot", async () => {
        try {
          await rds(region).send(
            new CopyDBClusterSnapshotCommand({
              SourceDBClusterSnapshotIdentifier: sourceId,
              TargetDBClusterSnapshotIdentifier: targetId,
              CopyTags: true,
            }),
          );
          return "accepted";
        } catch (error) {
          if (failureOf(error).name === "DBClusterSnapshotAlreadyExistsFault") return "exists";
          throw error;
        }
      }),
  };
};
