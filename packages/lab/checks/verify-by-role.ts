import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { textOf } from "@lifeboat/cloud/wire/bytes";
import { forSite, siteNamed, type AuroraGlobalStore, type RecoveryPlan } from "@lifeboat/recovery/plan";
import { answerOf, callsOf, inputOf, promotionsIn } from "./acts.ts";
import type { Checker, Evidence } from "./evidence.ts";

type Answer = Readonly<Record<string, unknown>>;

/** Does the answer say that this cluster is the writer of its global database, and that nothing moves it any more? */
const saysWriter = (call: WireRecord, store: AuroraGlobalStore, site: string): boolean => {
  if (call.operation !== "DescribeGlobalClusters") return false;
  const [global] = (answerOf(call)?.["GlobalClusters"] ?? []) as readonly Answer[];
  if (global?.["GlobalClusterIdentifier"] !== store.globalCluster) return false;
  const members = (global["GlobalClusterMembers"] ?? []) as readonly Answer[];
  const isWriter = members.some(
    ({ DBClusterArn, IsWriter }) =>
      IsWriter === true && String(DBClusterArn).endsWith(`:cluster:${forSite(store.clusters, site)}`),
  );
  return isWriter && (global["FailoverState"] ?? null) === null;
};

const asksForCanary = (call: WireRecord): boolean => {
  if (call.service !== "lambda" || call.operation !== "Invoke") return false;
  const { Payload } = inputOf(call);
  const text = Payload instanceof Uint8Array ? textOf(Payload) : String(Payload);
  return text.includes('"action":"beat"');
};

const databasesIn = (plan: RecoveryPlan): readonly AuroraGlobalStore[] =>
  plan.stores.filter((store) => store.type === "aurora-global");

/**
 * Verified by role, not by status (invariant 10). An execution that says that it has recovered the workload had asked
 * `DescribeGlobalClusters` after its last promotion and been told that the new site's cluster is the writer of each database,
 * with no move under way; and after that a canary that it sent was committed by the database of that site: by the database's
 * own log, for a status is "available" before, during and after.
 */
export const verifyByRole: Checker = (evidence) =>
  evidence.records.flatMap(({ body: record, atMs }) => {
    if (record.outcome !== "recovered") return [];
    const { plan } = evidence;
    const { region } = siteNamed(plan, record.to);
    const promotedAtMs = promotionsIn(evidence).reduce(
      (latestMs, call) =>
        call.origin.execution === record.execution ? Math.max(latestMs, call.atMs) : latestMs,
      Number.NEGATIVE_INFINITY,
    );
    const own = callsOf(evidence, record.execution).filter(
      (call) => call.atMs > promotedAtMs && call.endedAtMs <= atMs,
    );
    const said = (message: string) => [
      { invariant: "verify-by-role", message: `${record.execution} ${message}`, atMs },
    ];
    return databasesIn(plan).flatMap((store) => {
      const told = own.find((call) => saysWriter(call, store, record.to));
      if (told === undefined)
        return said(
          `recovered, and nobody had told it that the writer of stores/${store.name} is in ${region}`,
        );
      return tookCanary(evidence, own, region, told.endedAtMs)
        ? []
        : said(`recovered without a canary that the database in ${region} took`);
    });
  });

const tookCanary = (
  { canaries }: Evidence,
  own: readonly WireRecord[],
  region: string,
  sinceMs: number,
): boolean =>
  own
    .filter((call) => asksForCanary(call) && call.atMs >= sinceMs && call.outcome.type === "answered")
    .some(({ atMs, endedAtMs }) =>
      canaries.some((commit) => commit.region === region && commit.atMs >= atMs && commit.atMs <= endedAtMs),
    );
