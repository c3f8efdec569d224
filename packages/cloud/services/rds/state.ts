import type { Place } from "../../kernel/network.ts";
import type { Database } from "../../database/database.ts";
import type { Replication } from "../../database/replication.ts";
import type { Volume } from "../../database/volume.ts";

/** One instance of a cluster. The first of a writable cluster is its writer. */
export interface Instance {
  readonly identifier: string;
  readonly arn: string;
  readonly instanceClass: string;
  readonly availabilityZone: string;
  status: string;
}

/** One Aurora cluster: a member of a global database. */
export interface Cluster {
  readonly identifier: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly region: Place;
  readonly createdAtMs: number;
  readonly writerEndpoint: string;
  readonly readerEndpoint: string;
  readonly kmsKeyId: string | undefined;
  readonly backupRetentionDays: number;
  readonly database: Database;
  readonly instances: readonly Instance[];
  engineVersion: string;
  status: string;
  /** The writer endpoint's name leads somewhere: never on a secondary. */
  writerEndpointActive: boolean;
  /** The writer's role was taken from it without its knowledge: its volume is of a dead timeline until it is rebuilt. */
  deposed: boolean;
}

/** An operation that moves the writer's role. */
export interface RoleMove {
  readonly from: Cluster;
  readonly to: Cluster;
  readonly dataLossAllowed: boolean;
  status: "pending" | "failing-over" | "cancelling";
}

export interface GlobalCluster {
  readonly identifier: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly engine: string;
  readonly databaseName: string;
  readonly endpoint: string;
  readonly members: readonly Cluster[];
  /** Secondaries that replicate, by cluster. */
  readonly replications: Map<Cluster, Replication>;
  status: string;
  writer: Cluster;
  move: RoleMove | undefined;
}

export interface Snapshot {
  readonly identifier: string;
  readonly arn: string;
  readonly region: Place;
  readonly type: "manual" | "automated";
  readonly cluster: Cluster;
  readonly sourceArn: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly createdAtMs: number;
  readonly engineVersion: string;
  /** The content, as of the snapshot's point in time. */
  readonly volume: Volume;
  status: "creating" | "copying" | "available" | "failed";
  percentProgress: number;
}

/** All that RDS knows. */
export interface RdsState {
  readonly globals: Map<string, GlobalCluster>;
  /** By `region/identifier`. */
  readonly clusters: Map<string, Cluster>;
  /** By `region/identifier`. */
  readonly snapshots: Map<string, Snapshot>;
}

export const createRdsState = (): RdsState => ({
  globals: new Map(),
  clusters: new Map(),
  snapshots: new Map(),
});
