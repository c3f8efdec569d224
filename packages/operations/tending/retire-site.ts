import type { Claim } from "@lifeboat/recovery/ledger";
import type { SiteContext } from "../context.ts";
import { retireCompute, runningCompute } from "../steps/fence-primary.ts";

/**
 * Sends services and workers of a site that has become the passive one to the counts of such a site; answers what still ran,
 * or did not say. Never where the workload is served.
 */
export const retirePassive = async (
  context: SiteContext<"compute">,
  claim: Claim,
): Promise<readonly string[]> => {
  if (claim.activeSite === context.here.name) return [];
  const running = await runningCompute(context, context.here.name);
  if (running.length === 0) return [];
  await retireCompute(context, context.here.name);
  return running;
};
