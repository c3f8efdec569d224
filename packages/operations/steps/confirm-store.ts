import { RecoveryError } from "@lifeboat/recovery/errors";
import { forSite, type AuroraGlobalStore } from "@lifeboat/recovery/plan";
import { awaitGoal, type Observation } from "../await-goal.ts";
import { reached, type Mandate, type SiteContext, type StepMemo, type StepResult } from "../context.ts";
import { requireMandate } from "../ledger/hold-mandate.ts";

const CONFIRM_USUAL_MS = 5000;
const CONFIRM_LIMIT_MS = 1_800_000;
/** A describe may be stale: a writer elsewhere is believed only after so long. */
const BELIEVED_AFTER_MS = 60_000;

/**
 * Before a move is finished: is this site's copy of a store the writable one? Looks, and never promotes: what was promoted once may
 * have been moved on purpose since. Throws `StandbyUnfit` where the writer is elsewhere, `StepExpired` where a move under way does
 * not end, and what {@link requireMandate} throws.
 */
export const confirmStore = async (
  context: SiteContext<"databases">,
  mandate: Mandate,
  storeName: string,
  memo: StepMemo | null,
): Promise<StepResult> => {
  const { plan, ports } = context;
  await requireMandate(ports, plan, mandate);
  const store = plan.stores.find((candidate) => candidate.name === storeName);
  if (store === undefined) throw new RecoveryError("InputInvalid", `the plan has no store "${storeName}"`);
  const first = memo ?? { startedAtMs: ports.clock.nowMs() };
  // It takes writes at any time; nothing was promoted.
  if (store.type !== "aurora-global") return reached(first, `${store.name} takes writes`);
  return awaitGoal(ports.clock, first, {
    observe: () => whoWrites(context, store, first.startedAtMs),
    act: () => Promise.reject(new RecoveryError("StandbyUnfit", `nothing moves "${store.globalCluster}"`)),
    usualMs: CONFIRM_USUAL_MS,
    limitMs: CONFIRM_LIMIT_MS,
    what: `the look at who writes "${store.globalCluster}"`,
  });
};

/** By role, not by status: a cluster's status is "available" before, during and after a promotion. */
const whoWrites = async (
  { here, ports }: SiteContext<"databases">,
  store: AuroraGlobalStore,
  sinceMs: number,
): Promise<Observation> => {
  const clusterId = forSite(store.clusters, here.name);
  const [global, cluster] = await Promise.all([
    ports.databases.globalCluster(here.region, store.globalCluster),
    ports.databases.cluster(here.region, clusterId),
  ]);
  if (global === null || cluster === null) {
    throw new RecoveryError(
      "AwsRejected",
      `"${store.globalCluster}" or its member "${clusterId}" does not exist in ${here.region}`,
    );
  }
  if (global.transition !== null)
    return { type: "moving", detail: `${store.globalCluster} is ${global.transition.status}` };
  const writer = global.members.find((member) => member.isWriter);
  if (writer?.arn === cluster.arn) {
    const isUp =
      cluster.status === "available" &&
      cluster.instances.some((instance) => instance.isWriter && instance.status === "available");
    return isUp
      ? { type: "reached", detail: `${clusterId} is the writer of ${store.globalCluster}` }
      : { type: "moving", detail: `${clusterId} is ${cluster.status}` };
  }
  const detail = `the writer of "${store.globalCluster}" is ${writer?.arn ?? "unknown"}, not "${clusterId}"`;
  if (ports.clock.nowMs() - sinceMs < BELIEVED_AFTER_MS) return { type: "moving", detail };
  throw new RecoveryError("StandbyUnfit", `${detail}; who finishes a move promotes nothing`);
};
