import { writesForMs } from "@lifeboat/recovery/lease";
import { lossAtOnset, type Loss } from "@lifeboat/recovery/loss";
import { canaryStore } from "@lifeboat/recovery/plan";
import type { SiteContext } from "./context.ts";
import type { LeaseObservation } from "./observe-leases.ts";

/**
 * What a promotion of this site's copy would lose: the newest canary here against the newest that the active site's lease
 * reported as acknowledged. A plan without a canary has no evidence, so its loss is unknown; so it is, for the moment, while
 * one of the leases cannot be read.
 */
export const measureLoss = async (
  { plan, here, ports }: SiteContext<"canary">,
  { newest: newestLease, bodies }: Pick<LeaseObservation, "newest" | "bodies">,
): Promise<Loss> => {
  const store = canaryStore(plan);
  if (store === undefined) return { known: false, reason: "the plan has no store that takes canary rows" };
  const enforcerBesideWriter = store.enforcer !== "none";
  try {
    const newest = await ports.canary.newest(here.region, {
      at: "here",
      store: store.name,
      workload: plan.workload,
    });
    const loss = lossAtOnset({
      lastAcknowledged: newestLease?.canary ?? null,
      newestOnStandby: newest,
      writesForMs: writesForMs(plan.ledger.lease, plan.decision.lossLimitMs, { enforcerBesideWriter }),
      enforcerBesideWriter,
    });
    const isUnread = bodies.witness === null || bodies.standby === null;
    return loss.known || !isUnread ? loss : { ...loss, passing: true };
  } catch (error) {
    return {
      known: false,
      passing: true,
      reason: `the standby's copy could not be asked: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
};
