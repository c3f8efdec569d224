import { writerGraceMs } from "@lifeboat/recovery/lease";
import { lossAtOnset, type Loss } from "@lifeboat/recovery/loss";
import type { Lease } from "@lifeboat/recovery/ledger";
import { canaryStore } from "@lifeboat/recovery/plan";
import type { SiteContext } from "./context.ts";

/**
 * What a promotion of this site's copy would lose: the newest canary here against the newest that the active site's lease
 * reported as acknowledged. A plan without a canary has no evidence, so its loss is unknown.
 */
export const measureLoss = async (
  { plan, here, ports }: SiteContext<"canary">,
  newestLease: Lease | null,
): Promise<Loss> => {
  const store = canaryStore(plan);
  if (store === undefined) return { known: false, reason: "the plan has no store that takes canary rows" };
  try {
    const newest = await ports.canary.newest(here.region, {
      at: "here",
      store: store.name,
      workload: plan.workload,
    });
    return lossAtOnset({
      lastAcknowledged: newestLease?.canary ?? null,
      newestOnStandby: newest,
      writerGraceMs: writerGraceMs(plan.ledger.lease, plan.decision.lossLimitMs),
      enforcerBesideWriter: store.enforcer !== "none",
    });
  } catch (error) {
    return {
      known: false,
      passing: true,
      reason: `the standby's copy could not be asked: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
};
