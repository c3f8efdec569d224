import { otherSite } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { closedKey, switchesAt } from "../switch-objects.ts";

/**
 * At the passive site: its own switch is off; if it was built as primary it is closed, so that traffic stays with the
 * standby even when the standby's switch cannot be read. Answers what is not in position yet.
 */
export const restSwitches = async (context: SiteContext<"traffic">): Promise<readonly string[]> => {
  const { plan, here, ports } = context;
  const { traffic } = ports;
  const missing: string[] = [];
  for (const { name, object } of switchesAt(context, here.name)) {
    if (
      here.name === plan.sites.primary.name &&
      (await traffic.readSwitch(here.region, object.bucket, closedKey(object.key))) === "absent"
    ) {
      await traffic.setSwitch(
        here.region,
        object.bucket,
        closedKey(object.key),
        JSON.stringify({ site: here.name }),
      );
      missing.push(`traffic/${name}: ${here.name} is being closed`);
    }
    if ((await traffic.readSwitch(here.region, object.bucket, object.key)) === "present") {
      await traffic.clearSwitch(here.region, object.bucket, object.key);
      missing.push(`traffic/${name}: the switch of ${here.name} is being turned off`);
    }
  }
  // A switch of the primary that is still on would win over the standby's in the next failover.
  const active = otherSite(plan, here.name);
  if (active.name !== plan.sites.primary.name) return missing;
  for (const { name, object } of switchesAt(context, active.name)) {
    if ((await traffic.readSwitch(active.region, object.bucket, object.key)) === "present") {
      missing.push(`traffic/${name}: the switch of ${active.name} is not at rest yet`);
    }
  }
  return missing;
};
