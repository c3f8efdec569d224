import { forSite, siteNamed } from "@lifeboat/recovery/plan";
import { withPhase, type Claim } from "@lifeboat/recovery/ledger";
import { isPastReturn } from "@lifeboat/recovery/phases";
import type { Mandate, SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { requireMandate } from "../ledger/hold-mandate.ts";
import { witnessPlace } from "../ledger/places.ts";

export interface ScalingReport {
  readonly done: readonly string[];
  readonly remaining: readonly string[];
}

/** What runs at a site above the counts of a passive one, or cannot be asked. */
export const runningCompute = async (
  { plan, ports }: SiteContext<"compute">,
  siteName: string,
): Promise<readonly string[]> => {
  const { region } = siteNamed(plan, siteName);
  const tasks = [
    ...plan.services.map((service) => ({
      name: `services/${service.name}`,
      isRunning: async () => {
        const cluster = forSite(service.clusters, siteName);
        const state = await ports.compute.service(region, cluster, service.service);
        return state !== null && Math.max(state.desired, state.running) > service.passiveCount;
      },
    })),
    ...plan.workers.map((worker) => ({
      name: `workers/${worker.name}`,
      isRunning: async () => {
        const state = await ports.compute.group(region, forSite(worker.groups, siteName));
        return state !== null && Math.max(state.desired, state.inService) > worker.passiveCount;
      },
    })),
  ];
  const settled = await Promise.allSettled(tasks.map((task) => task.isRunning()));
  return tasks
    .filter((_, index) => {
      const answer = settled[index];
      return answer?.status !== "fulfilled" || answer.value;
    })
    .map((task) => task.name);
};

/**
 * Sends the services and workers of one site to the counts of a passive site. Best effort: what does not answer within
 * its port's timeout is reported as remaining, and nothing waits for it.
 */
export const retireCompute = async (
  { plan, ports }: SiteContext<"compute">,
  siteName: string,
): Promise<ScalingReport> => {
  const { region } = siteNamed(plan, siteName);
  const tasks = [
    ...plan.services.map((service) => ({
      name: `services/${service.name}`,
      scale: () =>
        ports.compute.scaleService(
          region,
          forSite(service.clusters, siteName),
          service.service,
          service.passiveCount,
        ),
    })),
    ...plan.workers.map((worker) => ({
      name: `workers/${worker.name}`,
      scale: () => ports.compute.scaleGroup(region, forSite(worker.groups, siteName), worker.passiveCount),
    })),
  ];
  const settled = await Promise.allSettled(tasks.map((task) => task.scale()));
  const names = (status: "fulfilled" | "rejected"): readonly string[] =>
    tasks.filter((_, index) => settled[index]?.status === status).map((task) => task.name);
  return { done: names("fulfilled"), remaining: names("rejected") };
};

/**
 * Writes into the ledger that the old primary is fenced and promotions may begin: from here on the claim keeps its holder,
 * whatever becomes of the execution, and the old site stays down. What proves the fencing was judged before the claim (its
 * own word, its lease, a person); this phase calls nothing in the old region, for from the claim to the traffic shift no
 * call may depend on it.
 */
export const fencePrimary = async ({ plan, ports }: SiteContext<never>, mandate: Mandate): Promise<Claim> => {
  await requireMandate(ports, plan, mandate);
  return changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) =>
    isPastReturn(body.phase) || body.holder?.execution !== mandate.execution
      ? null
      : withPhase(body, "promote", writeId),
  );
};
