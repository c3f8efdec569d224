import { otherSite } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { requireSwitchOff } from "../ledger/hold-mandate.ts";
import { closedKey, switchesAt } from "../switch-objects.ts";

/**
 * At the active site, when it was built as primary, and is being protected again or has its move finished: goes back to the position
 * of rest, once the standby's switch is off. Opened first, turned off second: at no moment does the record point elsewhere. Throws
 * `KillSwitchOn`, and what reading the ledger throws.
 */
export const settleSwitches = async (context: SiteContext<"traffic">): Promise<void> => {
  const { plan, here, ports } = context;
  if (here.name !== plan.sites.primary.name) return;
  await requireSwitchOff(ports, plan);
  const passive = otherSite(plan, here.name);
  const passiveSwitches = switchesAt(context, passive.name);
  for (const [index, { object }] of switchesAt(context, here.name).entries()) {
    const other = passiveSwitches[index];
    if (other === undefined) continue;
    if ((await ports.traffic.readSwitch(passive.region, other.object.bucket, other.object.key)) === "present")
      continue;
    for (const key of [closedKey(object.key), object.key]) {
      if ((await ports.traffic.readSwitch(here.region, object.bucket, key)) === "present") {
        await ports.traffic.clearSwitch(here.region, object.bucket, key);
      }
    }
  }
};
