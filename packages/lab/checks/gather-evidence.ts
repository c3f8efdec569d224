import { sequencesIn } from "@lifeboat/cloud/client/judge";
import type { ObjectVersion } from "@lifeboat/cloud/services/s3/bucket";
import { textOf } from "@lifeboat/cloud/wire/bytes";
import { deployedName } from "@lifeboat/control-plane/names";
import type { Claim, KillSwitch, Lease } from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { canaryStore, forSite, sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";
import type { Lab } from "../create-lab.ts";
import { SECRET_VALUE } from "../dependencies.ts";
import { ROWS_TABLE } from "../workload.ts";
import type { Evidence, Version } from "./evidence.ts";
import { lookAtStanding } from "./look-at-standing.ts";

/**
 * What a lab shows. What takes long to collect is collected when it is read, and then kept. A class, for accessors of an object
 * literal stay in V8's old space, and with them the lab that they read: see `worker-process.ts`. A spread takes none of its accessors along.
 */
class LabEvidence implements Evidence {
  readonly plan: Evidence["plan"];
  readonly endedAtMs: number;
  readonly rows: Evidence["rows"];
  readonly commits: Evidence["commits"];
  readonly canaries: Evidence["canaries"];
  readonly wire: Evidence["wire"];
  readonly claims: Evidence["claims"];
  readonly switches: Evidence["switches"];
  readonly events: Evidence["events"];
  readonly alarms: Evidence["alarms"];
  readonly log: Evidence["log"];
  readonly notices: Evidence["notices"];
  readonly signatures: Evidence["signatures"];
  readonly controlLosses: Evidence["controlLosses"];
  readonly secrets = [SECRET_VALUE];
  readonly #lab: Lab;
  #residentRows: Evidence["residentRows"] | undefined;
  #survived: Evidence["survived"] | undefined;
  #leases: Evidence["leases"] | undefined;
  #executions: Evidence["executions"] | undefined;
  #records: Evidence["records"] | undefined;
  #standing: Evidence["standing"] | undefined;

  constructor(lab: Lab) {
    const { plan, cloud } = lab;
    const { witnessBucket } = plan.ledger;
    this.#lab = lab;
    this.plan = plan;
    this.endedAtMs = cloud.world.clock.nowMs();
    this.rows = lab.workload.client.rows();
    this.commits = lab.commits;
    this.canaries = lab.canaries;
    this.wire = lab.wire;
    this.claims = versionsOf<Claim>(lab, witnessBucket, `${plan.workload}/claim`);
    this.switches = versionsOf<KillSwitch>(lab, witnessBucket, `${plan.workload}/switch`);
    this.events = lab.events;
    this.alarms = lab.cloudwatch.alarmChanges;
    this.log = lab.log;
    this.notices = cloud.sns.messages;
    this.signatures = cloud.sts.told;
    this.controlLosses = lab.controlLosses;
  }

  get residentRows(): Evidence["residentRows"] {
    return (this.#residentRows ??= this.#lab.workload.residents.flatMap((resident) => resident.rows()));
  }

  get survived(): Evidence["survived"] {
    const store = canaryStore(this.plan);
    return (this.#survived ??=
      store === undefined
        ? new Set<number>()
        : sequencesIn(this.#lab.rds.global(store.globalCluster).writer.database, ROWS_TABLE));
  }

  get leases(): Evidence["leases"] {
    const { workload, ledger } = this.plan;
    return (this.#leases ??= [ledger.witnessBucket, ...siteBuckets(this.plan)].flatMap((bucket) =>
      versionsOf<Lease>(this.#lab, bucket, `${workload}/lease`).map((version) => ({ ...version, bucket })),
    ));
  }

  get executions(): Evidence["executions"] {
    return (this.#executions ??= [...this.#lab.cloud.sfn.executions.values()]
      .filter((record) => record.machine.name === deployedName(this.plan.workload, "failover"))
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
      })));
  }

  get records(): Evidence["records"] {
    const prefix = `${this.plan.workload}/records/`;
    return (this.#records ??= siteBuckets(this.plan)
      .flatMap((bucket) =>
        [...this.#lab.cloud.s3.bucket(bucket).objects.keys()]
          .filter((key) => key.startsWith(prefix))
          .flatMap((key) => versionsOf<RecoveryRecord>(this.#lab, bucket, key)),
      )
      .sort((left, right) => left.atMs - right.atMs));
  }

  get standing(): Evidence["standing"] {
    return (this.#standing ??= lookAtStanding(this.#lab));
  }
}

/**
 * Collects what a run left behind. Reads only; may be called at any time of a run, and is read before virtual time goes on: a run
 * that waits for its end is looked at every few seconds.
 */
export const gatherEvidence = (lab: Lab): Evidence => new LabEvidence(lab);

const siteBuckets = (plan: RecoveryPlan): readonly string[] =>
  sitesOf(plan).map((site) => forSite(plan.ledger.buckets, site.name));

/** What an object was, oldest first. */
export const versionsOf = <Body>({ cloud }: Lab, bucket: string, key: string): readonly Version<Body>[] =>
  (cloud.s3.bucket(bucket).objects.get(key) ?? [])
    .filter(({ isDeleteMarker }) => !isDeleteMarker)
    .map(read<Body>)
    .reverse();

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
