import type {
  DBCluster,
  DBClusterSnapshot,
  DBInstance,
  GlobalCluster as GlobalClusterShape,
} from "@aws-sdk/client-rds";
import type { Cluster, GlobalCluster, Instance, Snapshot } from "./state.ts";

const PORT = 5432;

/** `GlobalCluster` as the API shows it. Members, the writer flag and the state of a move come from here, not from cluster statuses. */
export const describeGlobal = (global: GlobalCluster): GlobalClusterShape => ({
  GlobalClusterIdentifier: global.identifier,
  GlobalClusterResourceId: global.resourceId,
  GlobalClusterArn: global.arn,
  Status: global.status,
  Engine: global.engine,
  EngineVersion: global.writer.engineVersion,
  DatabaseName: global.databaseName,
  StorageEncrypted: true,
  DeletionProtection: true,
  Endpoint: global.endpoint,
  GlobalClusterMembers: global.members.map((member) => {
    const isWriter = member === global.writer;
    return {
      DBClusterArn: member.arn,
      Readers: isWriter ? global.members.filter((other) => other !== member).map((other) => other.arn) : [],
      IsWriter: isWriter,
      GlobalWriteForwardingStatus: "disabled",
      SynchronizationStatus: isWriter || global.replications.has(member) ? "connected" : "pending-resync",
    };
  }),
  FailoverState: global.move && {
    Status: global.move.status,
    FromDbClusterArn: global.move.from.arn,
    ToDbClusterArn: global.move.to.arn,
    IsDataLossAllowed: global.move.dataLossAllowed,
  },
});

const isWriter = (cluster: Cluster, instance: Instance): boolean =>
  cluster.database.mode() === "read-write" && instance === cluster.instances[0];

export const describeCluster = (cluster: Cluster, global: GlobalCluster): DBCluster => ({
  DBClusterIdentifier: cluster.identifier,
  DBClusterArn: cluster.arn,
  DbClusterResourceId: cluster.resourceId,
  Status: cluster.status,
  Engine: global.engine,
  EngineVersion: cluster.engineVersion,
  EngineMode: "provisioned",
  DatabaseName: global.databaseName,
  Endpoint: cluster.writerEndpoint,
  ReaderEndpoint: cluster.readerEndpoint,
  Port: PORT,
  MasterUsername: "postgres",
  BackupRetentionPeriod: cluster.backupRetentionDays,
  ClusterCreateTime: new Date(cluster.createdAtMs),
  StorageEncrypted: true,
  ...(cluster.kmsKeyId === undefined ? {} : { KmsKeyId: cluster.kmsKeyId }),
  MultiAZ: cluster.instances.length > 1,
  AvailabilityZones: ["a", "b", "c"].map((zone) => `${cluster.region}${zone}`),
  ReplicationSourceIdentifier: "",
  ReadReplicaIdentifiers: [],
  DBClusterMembers: cluster.instances.map((instance, index) => ({
    DBInstanceIdentifier: instance.identifier,
    IsClusterWriter: isWriter(cluster, instance),
    DBClusterParameterGroupStatus: "in-sync",
    PromotionTier: index,
  })),
  DeletionProtection: true,
  IAMDatabaseAuthenticationEnabled: true,
  HttpEndpointEnabled: false,
});

export const describeInstance = (
  instance: Instance,
  cluster: Cluster,
  global: GlobalCluster,
): DBInstance => ({
  DBInstanceIdentifier: instance.identifier,
  DBInstanceArn: instance.arn,
  DBInstanceClass: instance.instanceClass,
  DBInstanceStatus: instance.status,
  DBClusterIdentifier: cluster.identifier,
  Engine: global.engine,
  EngineVersion: cluster.engineVersion,
  AvailabilityZone: instance.availabilityZone,
  InstanceCreateTime: new Date(cluster.createdAtMs),
  BackupRetentionPeriod: cluster.backupRetentionDays,
  StorageEncrypted: true,
  PromotionTier: cluster.instances.indexOf(instance),
  Endpoint: {
    Address: cluster.writerEndpoint.replace(/^[^.]+\.cluster-/, `${instance.identifier}.`),
    Port: PORT,
  },
});

export const describeSnapshot = (snapshot: Snapshot): DBClusterSnapshot => ({
  DBClusterSnapshotIdentifier: snapshot.identifier,
  DBClusterSnapshotArn: snapshot.arn,
  DBClusterIdentifier: snapshot.cluster.identifier,
  DbClusterResourceId: snapshot.cluster.resourceId,
  SnapshotCreateTime: new Date(snapshot.createdAtMs),
  ClusterCreateTime: new Date(snapshot.cluster.createdAtMs),
  SnapshotType: snapshot.type,
  Status: snapshot.status,
  PercentProgress: snapshot.percentProgress,
  Engine: "aurora-postgresql",
  EngineMode: "provisioned",
  EngineVersion: snapshot.engineVersion,
  Port: PORT,
  MasterUsername: "postgres",
  StorageEncrypted: true,
  ...(snapshot.kmsKeyId === undefined ? {} : { KmsKeyId: snapshot.kmsKeyId }),
  ...(snapshot.sourceArn === undefined ? {} : { SourceDBClusterSnapshotArn: snapshot.sourceArn }),
});
