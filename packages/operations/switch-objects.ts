import { forSite, type SwitchObject } from "@lifeboat/recovery/plan";
import type { Context } from "./context.ts";

/**
 * Two objects per site decide where traffic goes, read by Route 53's health checks (docs/adr, "The switch"):
 * `<key>` at a site says "traffic comes here, whatever else is said"; `<key>.closed` at the site built as primary says
 * "traffic is elsewhere: do not come back only because the other switch cannot be read". The primary's record is healthy
 * when its switch is on, or when the standby's switch is off and the primary is not closed. At rest, with the primary
 * active, neither object exists: that is what a failover to the standby starts from.
 */
export const closedKey = (key: string): string => `${key}.closed`;

export const switchesAt = (
  { plan }: Pick<Context<never>, "plan">,
  site: string,
): readonly { readonly name: string; readonly object: SwitchObject }[] =>
  plan.traffic.flatMap((traffic) =>
    traffic.type === "switch" ? [{ name: traffic.name, object: forSite(traffic.switches, site) }] : [],
  );
