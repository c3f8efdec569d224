import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { deployedName } from "@lifeboat/control-plane/names";
import { TICKS } from "@lifeboat/control-plane/queues";
import { forSite, sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";
import type { Evidence } from "./evidence.ts";

const inputOf = (record: WireRecord): Readonly<Record<string, unknown>> =>
  typeof record.input === "object" && record.input !== null
    ? (record.input as Readonly<Record<string, unknown>>)
    : {};

export const bucketOf = (record: WireRecord): unknown => inputOf(record)["Bucket"];
export const keyOf = (record: WireRecord): unknown => inputOf(record)["Key"];

export const ledgerBuckets = ({ ledger, ...plan }: RecoveryPlan): ReadonlySet<unknown> =>
  new Set([
    ledger.witnessBucket,
    ...sitesOf({ ledger, ...plan }).map((site) => forSite(ledger.buckets, site.name)),
  ]);

/** A tick that a site's watch puts into its own queue. */
const isTick = (plan: RecoveryPlan, record: WireRecord): boolean =>
  record.service === "sqs" &&
  String(inputOf(record)["QueueUrl"]).endsWith(`/${deployedName(plan.workload, TICKS)}`);

/** A write of Lifeboat's own books: its ledger, its records, its own clockwork. Nothing of the workload changes by it. */
export const isBookkeeping = (plan: RecoveryPlan, record: WireRecord): boolean =>
  (record.service === "s3" && ledgerBuckets(plan).has(bucketOf(record))) || isTick(plan, record);

/** Words to people and to whoever hooks in, measurements, and the bell that wakes a waiting machine. */
export const isSpeech = ({ service, operation }: WireRecord): boolean =>
  service === "sns" ||
  service === "cloudwatch" ||
  service === "eventbridge" ||
  (service === "sfn" && operation === "SendTaskSuccess");

/** Calls that change something of the workload: what has to be allowed at the moment when it is done. */
export const actsIn = ({ plan, wire }: Evidence): readonly WireRecord[] =>
  wire.filter((record) => record.mutating && !isBookkeeping(plan, record) && !isSpeech(record));

export const isOurs = ({ origin }: WireRecord): boolean =>
  origin.principal.startsWith("function/") || origin.principal.startsWith("states/");

/** `rds:FailoverGlobalCluster in eu-west-3` */
export const nameOf = ({ service, operation, region }: WireRecord): string =>
  `${service}:${operation} in ${region}`;
