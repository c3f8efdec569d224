import { RecoveryError } from "@lifeboat/recovery/errors";
import { forSite, type AuroraGlobalStore, type ReplicatedBucketStore } from "@lifeboat/recovery/plan";
import { awaitGoal } from "../await-goal.ts";
import { reached, type Mandate, type SiteContext, type StepMemo, type StepResult } from "../context.ts";
import { requireMandate } from "../ledger/hold-mandate.ts";
import { watchWriter } from "./watch-writer.ts";

/** Aurora says "minutes" for a managed unplanned failover; a first look before this finds nothing. */
const FAILOVER_USUAL_MS = 75_000;
const FAILOVER_LIMIT_MS = 1_800_000;

/** Makes this site's copy of one store the writable one. */
export const promoteStore = async (
  context: SiteContext<"buckets" | "databases">,
  mandate: Mandate,
  storeName: string,
  memo: StepMemo | null,
): Promise<StepResult> => {
  const store = context.plan.stores.find((candidate) => candidate.name === storeName);
  if (store === undefined) throw new RecoveryError("InputInvalid", `the plan has no store "${storeName}"`);
  return store.type === "aurora-global"
    ? promoteAurora(context, mandate, store, memo)
    : promoteBucket(context, store, memo);
};

const promoteAurora = (
  context: SiteContext<"buckets" | "databases">,
  mandate: Mandate,
  store: AuroraGlobalStore,
  memo: StepMemo | null,
): Promise<StepResult> => {
  const { plan, here, ports } = context;
  const writer = watchWriter(context, store);
  return awaitGoal(ports.clock, memo, {
    observe: writer.observe,
    act: async () => {
      await requireMandate(ports, plan, mandate);
      await ports.databases.failOver(here.region, store.globalCluster, writer.targetArn());
    },
    usualMs: FAILOVER_USUAL_MS,
    limitMs: FAILOVER_LIMIT_MS,
    what: `the failover of "${store.globalCluster}" to ${here.region}`,
  });
};

/**
 * A replicated bucket takes writes at any time; what decides is who is sent to it. So there is nothing to promote, but the
 * rule for the way back must stand, or the first object written here would be missing after a failback.
 */
const promoteBucket = async (
  { here, ports }: SiteContext<"buckets" | "databases">,
  store: ReplicatedBucketStore,
  memo: StepMemo | null,
): Promise<StepResult> => {
  const bucket = forSite(store.buckets, here.name);
  const state = await ports.buckets.replication(here.region, bucket);
  if (state === null)
    throw new RecoveryError("AwsRejected", `there is no bucket "${bucket}" in ${here.region}`);
  if (state.enabledRules === 0)
    throw new RecoveryError("StandbyUnfit", `bucket "${bucket}" replicates nowhere`);
  return reached(memo ?? { startedAtMs: ports.clock.nowMs() }, `${bucket} takes writes and replicates back`);
};
