import type { Finding } from "@lifeboat/recovery/readiness";
import type { SiteContext } from "../context.ts";
import { computeChecks } from "./check-compute.ts";
import { storesChecks } from "./check-stores.ts";
import { trafficChecks } from "./check-traffic.ts";
import { lookAtAll } from "./look.ts";

/** All parts of the standby, for whoever has all the clients that they take, as a shell has. Never throws. */
export const lookAtStandby = (
  context: SiteContext<"brokers" | "buckets" | "compute" | "databases" | "protection" | "traffic">,
): Promise<readonly Finding[]> =>
  lookAtAll([...storesChecks(context), ...computeChecks(context), ...trafficChecks(context)]);
