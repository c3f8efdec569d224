import { RecoveryError } from "@lifeboat/recovery/errors";
import { moveToFinish, withFinisher } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { changeEntry, readEntry } from "../ledger/change-entry.ts";
import { requireSwitchOff } from "../ledger/hold-mandate.ts";
import { witnessPlace } from "../ledger/places.ts";
import { isHeldBy, keepQuiet, type ClaimRequest, type ClaimResult } from "./claim-epoch.ts";

/**
 * Opens a new epoch in which this execution finishes a move to its own site, by compare-and-swap at the witness. The site is the active one and
 * holds its own lease: none is waited for, and none taken. Nothing is judged of the site that was left: it was fenced before the
 * promotion. If an earlier holder never ended, it then keeps quiet as every new holder does. Throws `EpochStale` where the claim
 * changed hands or the move is finished meanwhile, `LedgerContended` and `KillSwitchOn`.
 */
export const claimMove = async (
  { plan, here, ports }: SiteContext<never>,
  { execution, memo, longestStepMs }: Pick<ClaimRequest, "execution" | "memo" | "longestStepMs">,
): Promise<ClaimResult> => {
  const place = witnessPlace(plan);
  await requireSwitchOff(ports, plan);
  const { body: before } = await readEntry(ports, plan, place, "claim");
  const claim = await changeEntry(ports, plan, place, "claim", (body, writeId) => {
    if (body.holder?.execution === execution) return null;
    const move = moveToFinish(body, here.name);
    if (move === null || body.request?.execution !== execution || body.epoch !== before.epoch) {
      throw new RecoveryError(
        "EpochStale",
        `the claim of "${plan.workload}" changed hands: epoch ${body.epoch}, requested by ${body.request?.execution ?? "nobody"}, ${move === null ? "no move to finish" : "a move to finish"}`,
      );
    }
    return withFinisher(body, { execution, site: here.name, startedAtMs: memo.startedAtMs }, move, writeId);
  });
  if (!isHeldBy(claim, execution))
    throw new RecoveryError(
      "LedgerContended",
      `the claim of "${plan.workload}" changed hands while it was made`,
    );
  const { holder, epoch } = claim;
  const quiet = keepQuiet(holder, memo, ports.clock.nowMs(), longestStepMs);
  if (quiet !== null) return quiet;
  const detail = `epoch ${epoch}: the move from ${holder.from} to ${here.name} is finished in it`;
  return { type: "claimed", epoch, basis: null, memo, detail };
};
