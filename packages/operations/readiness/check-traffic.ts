import { forSite } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { ready, unfit, type Check } from "./look.ts";

/** What traffic comes in by: switches, brokers. */
export const trafficChecks = ({ plan, here, ports }: SiteContext<"brokers" | "traffic">): readonly Check[] =>
  plan.traffic.map((traffic) => ({
    resource: `traffic/${traffic.name}`,
    look: async () => {
      if (traffic.type === "switch") {
        const { bucket, key } = forSite(traffic.switches, here.name);
        const state = await ports.traffic.readSwitch(here.region, bucket, key);
        return state === "absent"
          ? ready("the switch is off")
          : unfit(`the switch s3://${bucket}/${key} is on while the site is passive`);
      }
      const configuration = forSite(traffic.configurations, here.name);
      const state = await ports.brokers.iotDomain(here.region, configuration);
      if (state === null)
        return unfit(`there is no IoT domain configuration "${configuration}" in ${here.region}`);
      if (state.host !== traffic.host)
        return unfit(`the IoT domain configuration serves ${state.host}, not ${traffic.host}`);
      return state.enabled
        ? ready("enabled")
        : unfit(`the IoT domain configuration "${configuration}" is disabled`);
    },
  }));
