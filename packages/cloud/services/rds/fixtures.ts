import { createDatabase } from "../../database/database.ts";
import { startReplication, type RdsContext } from "./context.ts";
import type { Cluster, GlobalCluster } from "./state.ts";

export interface ClusterFixture {
  readonly identifier: string;
  readonly region: string;
  /** Default 2; 0 is a headless cluster. */
  readonly instanceCount?: number;
  readonly instanceClass?: string;
  readonly kmsKeyId?: string;
  /** Default: the global database's. */
  readonly engineVersion?: string;
  readonly backupRetentionDays?: number;
  /** Default: made up. */
  readonly writerEndpoint?: string;
}

export interface GlobalClusterFixture {
  readonly identifier: string;
  readonly engineVersion: string;
  readonly databaseName?: string;
  readonly primary: ClusterFixture;
  readonly secondaries: readonly ClusterFixture[];
}

const ZONES = ["a", "b", "c"];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const createCluster = (
  context: RdsContext,
  { identifier, region, ...fixture }: ClusterFixture,
  { isPrimary, engineVersion }: { isPrimary: boolean; engineVersion: string },
): Cluster => {
  const { world, databases, random, state } = context;
  const arn = `arn:aws:rds:${region}:${world.accountId}:`;
  // One id per account and region, as in real endpoint names.
  const endpointId = `c${world.random.stream(`rds-endpoint/${region}`).hex(11)}`;
  const resource = Array.from({ length: 26 }, () => LETTERS[random.integer(0, LETTERS.length - 1)]).join("");
  const cluster: Cluster = {
    identifier,
    arn: `${arn}cluster:${identifier}`,
    resourceId: `cluster-${resource}`,
    region,
    createdAtMs: world.clock.nowMs(),
    writerEndpoint:
      fixture.writerEndpoint ?? `${identifier}.cluster-${endpointId}.${region}.rds.amazonaws.com`,
    readerEndpoint: `${identifier}.cluster-ro-${endpointId}.${region}.rds.amazonaws.com`,
    kmsKeyId: fixture.kmsKeyId,
    backupRetentionDays: fixture.backupRetentionDays ?? 7,
    database: createDatabase(world, {
      name: `${identifier}@${region}`,
      region,
      mode: isPrimary ? "read-write" : "read-only",
    }),
    instances: Array.from({ length: fixture.instanceCount ?? 2 }, (_, index) => ({
      identifier: `${identifier}-${index + 1}`,
      arn: `${arn}db:${identifier}-${index + 1}`,
      instanceClass: fixture.instanceClass ?? "db.r8g.large",
      availabilityZone: `${region}${ZONES[index % ZONES.length] ?? "a"}`,
      status: "available",
    })),
    engineVersion: fixture.engineVersion ?? engineVersion,
    status: "available",
    writerEndpointActive: isPrimary,
    deposed: false,
  };
  state.clusters.set(`${region}/${identifier}`, cluster);
  databases.bind(cluster.writerEndpoint, () => (cluster.writerEndpointActive ? cluster.database : undefined));
  databases.bind(cluster.readerEndpoint, () => (cluster.instances.length > 0 ? cluster.database : undefined));
  return cluster;
};

/** An Aurora PostgreSQL global database that exists and replicates. Identifiers are lower-case. */
export const createGlobalCluster = (context: RdsContext, fixture: GlobalClusterFixture): GlobalCluster => {
  const { world, databases, random, state } = context;
  const { identifier, engineVersion } = fixture;
  const primary = createCluster(context, fixture.primary, { isPrimary: true, engineVersion });
  const secondaries = fixture.secondaries.map((secondary) =>
    createCluster(context, secondary, { isPrimary: false, engineVersion }),
  );
  const global: GlobalCluster = {
    identifier,
    arn: `arn:aws:rds::${world.accountId}:global-cluster:${identifier}`,
    resourceId: `cluster-${random.hex(16)}`,
    engine: "aurora-postgresql",
    databaseName: fixture.databaseName ?? "app",
    endpoint: `${identifier}.global-${random.hex(12)}.global.rds.amazonaws.com`,
    members: [primary, ...secondaries],
    replications: new Map(),
    status: "available",
    writer: primary,
    move: undefined,
  };
  state.globals.set(identifier, global);
  databases.bind(global.endpoint, () =>
    global.writer.writerEndpointActive ? global.writer.database : undefined,
  );
  for (const secondary of secondaries) startReplication(context, global, secondary);
  context.changed(global);
  return global;
};
