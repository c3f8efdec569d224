import type { KillSwitch } from "@lifeboat/recovery/ledger";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type { Ports } from "../ports.ts";
import { changeEntry } from "./change-entry.ts";
import { witnessPlace } from "./places.ts";

/**
 * Turns the kill switch of a workload on or off, on a person's order: who and why stay in the object's history. Setting it
 * to where it is changes nothing. Throws as `changeEntry` does.
 */
export const setKillSwitch = (
  ports: Pick<Ports, "ledger" | "ids">,
  plan: RecoveryPlan,
  { on, by, why }: Pick<KillSwitch, "on" | "by" | "why">,
): Promise<KillSwitch> =>
  changeEntry(ports, plan, witnessPlace(plan), "switch", (body, writeId) =>
    body.on === on ? null : { ...body, revision: body.revision + 1, writeId, on, by, why },
  );
