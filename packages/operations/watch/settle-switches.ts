import { forSite, otherSite, type SwitchObject } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";

/**
 * Two objects per site decide where traffic goes, read over HTTPS by Route 53's health checks (docs/adr, "The switch"):
 * `<key>` at a site says "traffic comes here, whatever else is said"; `<key>.closed` at the site built as primary says
 * "traffic is elsewhere: do not come back only because the other switch cannot be read". The primary's record is healthy
 * when its switch is on, or when the standby's switch is off and the primary is not closed. At rest, with the primary
 * active, neither object exists: that is what a failover to the standby starts from.
 */
export const closedKey = (key: string): string => `${key}.closed`;

const switchesAt = (
  { plan }: SiteContext,
  site: string,
): readonly { readonly name: string; readonly object: SwitchObject }[] =>
  plan.traffic.flatMap((traffic) =>
    traffic.type === "switch" ? [{ name: traffic.name, object: forSite(traffic.switches, site) }] : [],
  );

/**
 * At the passive site: its own switch is off; if it was built as primary it is closed, so that traffic stays with the
 * standby even when the standby's switch cannot be read. Answers what is not in position yet.
 */
export const restSwitches = async (context: SiteContext): Promise<readonly string[]> => {
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

/**
 * At the active site, when it was built as primary and is being protected again: goes back to the position of rest, once
 * the standby's switch is off. Opened first, turned off second: at no moment does the record point elsewhere.
 */
export const settleSwitches = async (context: SiteContext): Promise<void> => {
  const { plan, here, ports } = context;
  if (here.name !== plan.sites.primary.name) return;
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
