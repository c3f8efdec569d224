import { RecoveryError } from "@lifeboat/recovery/errors";
import { forSite } from "@lifeboat/recovery/plan";
import { awaitGoal } from "../await-goal.ts";
import type { Mandate, SiteContext, StepMemo, StepResult } from "../context.ts";
import { requireMandate } from "../ledger/hold-mandate.ts";

/** Fargate needs half a minute to place, pull and start a task. */
const SERVICE_USUAL_MS = 20_000;
const GROUP_USUAL_MS = 45_000;
const LIMIT_MS = 900_000;

/** Brings one service of the plan to its active count at this site, and waits until its deployment has settled. */
export const startService = (
  context: SiteContext<"compute">,
  mandate: Mandate,
  name: string,
  memo: StepMemo | null,
): Promise<StepResult> => {
  const { plan, here, ports } = context;
  const service = plan.services.find((candidate) => candidate.name === name);
  if (service === undefined) throw new RecoveryError("InputInvalid", `the plan has no service "${name}"`);
  const cluster = forSite(service.clusters, here.name);
  return awaitGoal(ports.clock, memo, {
    observe: async () => {
      const state = await ports.compute.service(here.region, cluster, service.service);
      if (state === null)
        throw new RecoveryError("AwsRejected", `there is no service "${service.service}" in ${here.region}`);
      const detail = `${service.service}: ${state.running} of ${service.activeCount} tasks run`;
      if (state.desired < service.activeCount) return { type: "idle", detail };
      return state.running >= service.activeCount && state.settled
        ? { type: "reached", detail }
        : { type: "moving", detail };
    },
    act: async () => {
      await requireMandate(ports, plan, mandate);
      await ports.compute.scaleService(here.region, cluster, service.service, service.activeCount);
    },
    usualMs: SERVICE_USUAL_MS,
    limitMs: LIMIT_MS,
    what: `the start of service "${service.service}" in ${here.region}`,
  });
};

/** Brings one group of workers to its active count at this site, and waits until its instances are in service. */
export const startWorkers = (
  context: SiteContext<"compute">,
  mandate: Mandate,
  name: string,
  memo: StepMemo | null,
): Promise<StepResult> => {
  const { plan, here, ports } = context;
  const worker = plan.workers.find((candidate) => candidate.name === name);
  if (worker === undefined) throw new RecoveryError("InputInvalid", `the plan has no workers "${name}"`);
  const group = forSite(worker.groups, here.name);
  return awaitGoal(ports.clock, memo, {
    observe: async () => {
      const state = await ports.compute.group(here.region, group);
      if (state === null)
        throw new RecoveryError("AwsRejected", `there is no Auto Scaling group "${group}" in ${here.region}`);
      const detail = `${group}: ${state.inService} of ${worker.activeCount} instances in service`;
      if (state.desired < worker.activeCount) return { type: "idle", detail };
      return state.inService >= worker.activeCount ? { type: "reached", detail } : { type: "moving", detail };
    },
    act: async () => {
      await requireMandate(ports, plan, mandate);
      await ports.compute.scaleGroup(here.region, group, worker.activeCount);
    },
    usualMs: GROUP_USUAL_MS,
    limitMs: LIMIT_MS,
    what: `the start of the workers "${group}" in ${here.region}`,
  });
};
