import { sequencesIn } from "@lifeboat/cloud/client/judge";
import type { ObjectVersion } from "@lifeboat/cloud/services/s3/bucket";
import { textOf } from "@lifeboat/cloud/wire/bytes";
import { deployedName } from "@lifeboat/control-plane/names";
import type { Claim, KillSwitch, Lease } from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { canaryStore, forSite, sitesOf } from "@lifeboat/recovery/plan";
import type { Lab } from "../create-lab.ts";
import { SECRET_VALUE } from "../dependencies.ts";
import { ROWS_TABLE } from "../workload.ts";
import type { Evidence, Version } from "./evidence.ts";
import { lookAtStanding } from "./look-at-standing.ts";

/** Collected when it is read, and then kept. */
const once = <Collected>(collect: () => Collected): (() => Collected) => {
  let kept: { readonly collected: Collected } | undefined;
  return () => (kept ??= { collected: collect() }).collected;
};

/**
 * Collects what a run left behind. Reads only; may be called at any time of a run, and is read before virtual time goes on. What
 * takes long to collect is collected when it is read, for a run that waits for its end is looked at every few seconds.
 */
export const gatherEvidence = (lab: Lab): Evidence => {
  const { plan, cloud, workload, rds, wire, log, commits, canaries, events, controlLosses } = lab;
  const { witnessBucket } = plan.ledger;
  const siteBuckets = sitesOf(plan).map((site) => forSite(plan.ledger.buckets, site.name));
  const versionsOf = <Body>(bucket: string, key: string): readonly Version<Body>[] =>
    (cloud.s3.bucket(bucket).objects.get(key) ?? [])
      .filter(({ isDeleteMarker }) => !isDeleteMarker)
      .map(read<Body>)
      .reverse();
  const store = canaryStore(plan);
  const recordsPrefix = `${plan.workload}/records/`;
  const residentRows = once(() => workload.residents.flatMap((resident) => resident.rows()));
  const survived = once(() =>
    store === undefined
      ? new Set<number>()
      : sequencesIn(rds.global(store.globalCluster).writer.database, ROWS_TABLE),
  );
  const leases = once(() =>
    [witnessBucket, ...siteBuckets].flatMap((bucket) =>
      versionsOf<Lease>(bucket, `${plan.workload}/lease`).map((version) => ({ ...version, bucket })),
    ),
  );
  const executions = once(() =>
    [...cloud.sfn.executions.values()]
      .filter((record) => record.machine.name === deployedName(plan.workload, "failover"))
      .map((record) => ({
        arn: record.arn,
        region: record.machine.region,
        status: record.state.status,
        input: JSON.parse(record.input) as unknown,
        output: record.state.output,
        error: record.state.error,
        cause: record.state.cause,
        startedAtMs: record.startedAtMs,
        stoppedAtMs: record.stoppedAtMs,
        history: record.history,
      })),
  );
  const records = once(() =>
    siteBuckets
      .flatMap((bucket) =>
        [...cloud.s3.bucket(bucket).objects.keys()]
          .filter((key) => key.startsWith(recordsPrefix))
          .flatMap((key) => versionsOf<RecoveryRecord>(bucket, key)),
      )
      .sort((left, right) => left.atMs - right.atMs),
  );
  const standing = once(() => lookAtStanding(lab));
  return {
    plan,
    endedAtMs: cloud.world.clock.nowMs(),
    rows: workload.client.rows(),
    get residentRows() {
      return residentRows();
    },
    commits,
    canaries,
    get survived() {
      return survived();
    },
    wire,
    claims: versionsOf<Claim>(witnessBucket, `${plan.workload}/claim`),
    get leases() {
      return leases();
    },
    switches: versionsOf<KillSwitch>(witnessBucket, `${plan.workload}/switch`),
    get executions() {
      return executions();
    },
    events,
    alarms: lab.cloudwatch.alarmChanges,
    log,
    notices: cloud.sns.messages,
    signatures: cloud.sts.told,
    get records() {
      return records();
    },
    get standing() {
      return standing();
    },
    controlLosses,
    secrets: [SECRET_VALUE],
  };
};

/** A version never changes: it is read once, however often a run is looked at. */
const readings = new WeakMap<ObjectVersion, Version<unknown>>();

const read = <Body>(version: ObjectVersion): Version<Body> => {
  const known = readings.get(version) as Version<Body> | undefined;
  if (known !== undefined) return known;
  const { body, lastModifiedMs } = version;
  const reading = { atMs: lastModifiedMs, body: JSON.parse(textOf(body)) as Body };
  readings.set(version, reading);
  return reading;
};
