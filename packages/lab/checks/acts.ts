import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { deployedName } from "@lifeboat/control-plane/names";
import { TICKS } from "@lifeboat/control-plane/queues";
import { forSite, sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";
import type { Evidence } from "./evidence.ts";
import { oncePer } from "../once-per.ts";

/** What a call asks for, by the names of its operation's shape. */
export const inputOf = (record: WireRecord): Readonly<Record<string, unknown>> =>
  typeof record.input === "object" && record.input !== null
    ? (record.input as Readonly<Record<string, unknown>>)
    : {};

export const bucketOf = (record: WireRecord): unknown => inputOf(record)["Bucket"];
export const keyOf = (record: WireRecord): unknown => inputOf(record)["Key"];

/** The key of an object that the call has put into a bucket; undefined: it was another call, or nobody was told that it took effect. */
export const keyPutBy = (record: WireRecord): string | undefined =>
  record.operation === "PutObject" && record.outcome.type === "answered" ? String(keyOf(record)) : undefined;

export const ledgerBuckets = oncePer((plan: RecoveryPlan): ReadonlySet<unknown> => {
  const { witnessBucket, buckets } = plan.ledger;
  return new Set([witnessBucket, ...sitesOf(plan).map((site) => forSite(buckets, site.name))]);
});

/** Writes of Lifeboat's own books: its ledger, its records, its own clockwork. Nothing of the workload changes by them. */
const bookkeepingOf = oncePer((plan: RecoveryPlan): ((record: WireRecord) => boolean) => {
  const buckets = ledgerBuckets(plan);
  const ticks = `/${deployedName(plan.workload, TICKS)}`;
  return (record) =>
    (record.service === "s3" && buckets.has(bucketOf(record))) ||
    // A tick that a site's watch puts into its own queue.
    (record.service === "sqs" && String(inputOf(record)["QueueUrl"]).endsWith(ticks));
});

/** Words to people and to whoever hooks in, measurements, and the bell that wakes a waiting machine. */
export const isSpeech = ({ service, operation }: WireRecord): boolean =>
  service === "sns" ||
  service === "cloudwatch" ||
  service === "eventbridge" ||
  (service === "sfn" && operation === "SendTaskSuccess");

/**
 * Calls that change something of the workload: what has to be allowed at the moment when it is done. Evidence does not change, and
 * many checkers ask the same of it: the whole wire is gone through once for each such question.
 */
export const actsIn = oncePer(({ plan, wire }: Pick<Evidence, "plan" | "wire">): readonly WireRecord[] => {
  const isBookkeeping = bookkeepingOf(plan);
  return wire.filter((record) => record.mutating && !isBookkeeping(record) && !isSpeech(record));
});

const callsByExecution = oncePer(({ wire }: Pick<Evidence, "wire">) =>
  Map.groupBy(wire, ({ origin }) => origin.execution),
);

/** Calls on behalf of an execution, in the order of their ends. */
export const callsOf = (
  evidence: Pick<Evidence, "wire">,
  execution: string | undefined,
): readonly WireRecord[] => callsByExecution(evidence).get(execution) ?? [];

export const isOurs = ({ origin }: WireRecord): boolean =>
  origin.principal.startsWith("function/") || origin.principal.startsWith("states/");

/** `rds:FailoverGlobalCluster in eu-west-3` */
export const nameOf = ({ service, operation, region }: WireRecord): string =>
  `${service}:${operation} in ${region}`;

/** Calls that move a database's writer to another region, whatever became of them. */
export const movesIn = oncePer(({ wire }: Pick<Evidence, "wire">): readonly WireRecord[] =>
  wire.filter(
    ({ service, operation }) =>
      service === "rds" && (operation === "FailoverGlobalCluster" || operation === "SwitchoverGlobalCluster"),
  ),
);

/** Calls that move it and may lose what had not arrived: the first of them is a failover's point of no return. */
export const promotionsIn = (evidence: Pick<Evidence, "wire">): readonly WireRecord[] =>
  movesIn(evidence).filter(({ operation }) => operation === "FailoverGlobalCluster");

/** The first promotion of each execution. */
export const firstPromotionsIn = (evidence: Pick<Evidence, "wire">): readonly WireRecord[] => {
  const first = new Map<string, WireRecord>();
  for (const promotion of promotionsIn(evidence)) {
    const { execution } = promotion.origin;
    const before = execution === undefined ? undefined : first.get(execution);
    // The log is in the order of the calls' ends.
    if (execution !== undefined && (before === undefined || promotion.atMs < before.atMs))
      first.set(execution, promotion);
  }
  return [...first.values()];
};

/** What a call was answered; undefined where it was refused or got no answer. */
export const answerOf = ({ outcome }: WireRecord): Readonly<Record<string, unknown>> | undefined =>
  outcome.type === "answered" && typeof outcome.output === "object" && outcome.output !== null
    ? (outcome.output as Readonly<Record<string, unknown>>)
    : undefined;
