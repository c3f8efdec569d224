import { RecoveryError } from "@lifeboat/recovery/errors";
import { awaitGoal } from "../await-goal.ts";
import { reached, type Mandate, type SiteContext, type StepMemo, type StepResult } from "../context.ts";
import { requireMandate } from "../ledger/hold-mandate.ts";
import { watchWriter } from "./watch-writer.ts";

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
  const writer = watchWriter(context, store);
  return awaitGoal(ports.clock, first, {
    observe: async () => {
      const observed = await writer.observe();
      if (observed.type !== "idle") return observed;
      if (ports.clock.nowMs() - first.startedAtMs < BELIEVED_AFTER_MS) return { ...observed, type: "moving" };
      throw new RecoveryError("StandbyUnfit", `${observed.detail}; who finishes a move promotes nothing`);
    },
    act: () => Promise.reject(new RecoveryError("StandbyUnfit", `nothing moves "${store.globalCluster}"`)),
    usualMs: CONFIRM_USUAL_MS,
    limitMs: CONFIRM_LIMIT_MS,
    what: `the look at who writes "${store.globalCluster}"`,
  });
};
