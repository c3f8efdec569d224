import { AwsError } from "../../kernel/service.ts";
import type { Volume } from "../../database/volume.ts";
import { between, type RdsContext } from "./context.ts";
import type { Cluster, Snapshot } from "./state.ts";

const DAY_MS = 86_400_000;

const store = (
  context: RdsContext,
  snapshot: Snapshot,
  {
    leastSeconds,
    mostSeconds,
    doneEventId,
  }: { leastSeconds: number; mostSeconds: number; doneEventId: string },
): Snapshot => {
  const { world, random, state, events } = context;
  const key = `${snapshot.region}/${snapshot.identifier}`;
  state.snapshots.set(key, snapshot);
  const source = {
    type: "db-cluster-snapshot",
    identifier: snapshot.identifier,
    arn: snapshot.arn,
    region: snapshot.region,
  } as const;
  const kind = snapshot.type;
  events.record(
    source,
    "backup",
    kind === "manual" ? "RDS-EVENT-0074" : "RDS-EVENT-0168",
    `Creating ${kind} cluster snapshot`,
  );
  world.clock.after(between(random, leastSeconds, mostSeconds), () => {
    // Copies and snapshots of a region that died under them come to nothing.
    if (world.network.isLost(snapshot.region)) {
      snapshot.status = "failed";
      return;
    }
    snapshot.status = "available";
    snapshot.percentProgress = 100;
    events.record(
      source,
      "backup",
      doneEventId,
      kind === "manual" ? "Manual cluster snapshot created" : "Automated cluster snapshot created",
    );
  });
  if (kind === "automated") {
    world.clock.after(snapshot.cluster.backupRetentionDays * DAY_MS, () => state.snapshots.delete(key));
  }
  return snapshot;
};

const arnOf = (context: RdsContext, region: string, identifier: string): string =>
  `arn:aws:rds:${region}:${context.world.accountId}:cluster-snapshot:${identifier}`;

/** Starts a snapshot of the cluster's present volume. The content is that of this moment; it is usable when available. */
export const takeSnapshot = (
  context: RdsContext,
  { identifier, type, cluster }: { identifier: string; type: "manual" | "automated"; cluster: Cluster },
): Snapshot =>
  store(
    context,
    {
      identifier,
      arn: arnOf(context, cluster.region, identifier),
      region: cluster.region,
      type,
      cluster,
      sourceArn: undefined,
      kmsKeyId: cluster.kmsKeyId,
      createdAtMs: context.world.clock.nowMs(),
      engineVersion: cluster.engineVersion,
      volume: cluster.database.volume().clone(),
      status: "creating",
      percentProgress: 0,
    },
    {
      leastSeconds: 60,
      mostSeconds: 240,
      doneEventId: type === "manual" ? "RDS-EVENT-0075" : "RDS-EVENT-0169",
    },
  );

/** Starts a manual copy of a snapshot in `region`: minutes within a region, more across regions. */
export const copySnapshot = (
  context: RdsContext,
  {
    source,
    identifier,
    region,
    kmsKeyId,
  }: { source: Snapshot; identifier: string; region: string; kmsKeyId: string | undefined },
): Snapshot => {
  const across = source.region !== region;
  return store(
    context,
    {
      identifier,
      arn: arnOf(context, region, identifier),
      region,
      type: "manual",
      cluster: source.cluster,
      sourceArn: source.arn,
      kmsKeyId: kmsKeyId ?? source.kmsKeyId,
      createdAtMs: context.world.clock.nowMs(),
      engineVersion: source.engineVersion,
      volume: source.volume.clone(),
      status: "copying",
      percentProgress: 0,
    },
    { leastSeconds: across ? 300 : 60, mostSeconds: across ? 1800 : 300, doneEventId: "RDS-EVENT-0075" },
  );
};

/** The snapshot of that name or ARN, or `DBClusterSnapshotNotFoundFault`. */
export const snapshotNamed = (context: RdsContext, region: string, nameOrArn: string): Snapshot => {
  const parts = /^arn:aws:rds:([^:]+):\d+:cluster-snapshot:(.+)$/.exec(nameOrArn);
  const place = parts?.[1] ?? region;
  const found = context.state.snapshots.get(`${place}/${parts?.[2] ?? nameOrArn}`);
  // Nothing can be read out of a region that does not answer.
  if (found === undefined || !context.world.network.reaches(region, place)) {
    throw new AwsError("DBClusterSnapshotNotFoundFault", `DBClusterSnapshot ${nameOrArn} not found.`, 404);
  }
  return found;
};

/** For judges: the content of a snapshot. */
export const snapshotContent = (snapshot: Snapshot): Volume => snapshot.volume;
