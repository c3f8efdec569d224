import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { forSite, siteInRegion } from "@lifeboat/recovery/plan";
import type { Lab } from "../create-lab.ts";
import type { Span } from "./spans.ts";

/** An operation that AWS carries out: it began when a call asked for it, and ends when `isOver` first holds. */
interface Operation {
  readonly name: string;
  /** The execution on whose behalf it was asked for. */
  readonly execution: string | undefined;
  readonly startMs: number;
  endMs: number | undefined;
  readonly isOver: () => boolean;
}

export interface OperationWatch {
  /** Looks at every operation that is under way; to be called every few hundred milliseconds. */
  readonly look: () => void;
  /** The operations of one execution. */
  readonly spansOf: (execution: string) => readonly (Span & { readonly name: string })[];
}

const SAMPLE_END = Number.POSITIVE_INFINITY;

/**
 * Times the operations of AWS from the models themselves, not from what the control plane believes: what is left of the
 * critical path after these and after waits for safety and for people is the control plane's own overhead.
 */
export const watchOperations = (lab: Lab): OperationWatch => {
  const { plan, cloud, rds, ecs, scaling, route53, workload } = lab;
  const operations: Operation[] = [];
  const { clock } = cloud.world;

  const isOverFor = (record: WireRecord): { name: string; isOver: () => boolean } | undefined => {
    const site = siteInRegion(plan, record.region);
    if (site === undefined || record.outcome.type !== "answered") return undefined;
    const input = record.input as Readonly<Record<string, unknown>>;
    switch (`${record.service}:${record.operation}`) {
      case "rds:FailoverGlobalCluster": {
        const global = rds.global(String(input["GlobalClusterIdentifier"]));
        return {
          name: "failover",
          isOver: () =>
            global.move === undefined &&
            global.writer.region === record.region &&
            global.writer.status === "available",
        };
      }
      case "ecs:UpdateService": {
        const service = plan.services.find((candidate) => candidate.service === input["service"]);
        if (service === undefined) return undefined;
        const isServer = service === plan.services[0];
        const wanted = Number(input["desiredCount"]);
        return {
          name: `service ${service.name}`,
          isOver: () => {
            const running = ecs.runningTasks(
              record.region,
              forSite(service.clusters, site.name),
              service.service,
            ).length;
            const healthy = workload.balancers.get(site.name)?.healthyTargets().length ?? 0;
            return (
              running === wanted &&
              (!isServer || healthy >= Math.min(1, wanted)) &&
              isSettled(lab, record.region, service.service)
            );
          },
        };
      }
      case "auto-scaling:SetDesiredCapacity": {
        const name = String(input["AutoScalingGroupName"]);
        return {
          name: `group ${name}`,
          isOver: () =>
            scaling.instancesInService(record.region, name).length >= Number(input["DesiredCapacity"]),
        };
      }
      case "s3:PutObject": {
        const traffic = plan.traffic.find(
          (candidate) =>
            candidate.type === "switch" && forSite(candidate.switches, site.name).bucket === input["Bucket"],
        );
        if (traffic?.type !== "switch") return undefined;
        const expected = workload.balancers.get(site.name)?.host;
        let flippedAtMs: number | undefined;
        return {
          name: "traffic",
          isOver: () => {
            const answer = route53.answer(traffic.host);
            if (answer.type === "answer" && answer.host === expected) flippedAtMs ??= clock.nowMs();
            // Resolvers may keep the answer that they got just before the flip for its whole time to live.
            return flippedAtMs !== undefined && clock.nowMs() >= flippedAtMs + traffic.ttlMs;
          },
        };
      }
      default:
        return undefined;
    }
  };

  cloud.observe((record) => {
    if (!record.mutating) return;
    const known = isOverFor(record);
    if (known !== undefined)
      operations.push({
        ...known,
        execution: record.origin.execution,
        startMs: record.endedAtMs,
        endMs: undefined,
      });
  });

  return {
    look() {
      for (const operation of operations) {
        if (operation.endMs === undefined && operation.isOver()) operation.endMs = clock.nowMs();
      }
    },
    spansOf: (execution) =>
      operations
        .filter((operation) => operation.execution === execution)
        .map(({ name, startMs, endMs }) => ({ name, startMs, endMs: endMs ?? SAMPLE_END })),
  };
};

/** Has the newest deployment reached its steady state, as DescribeServices would say? */
const isSettled = ({ ecs, plan }: Lab, region: string, service: string): boolean => {
  const entry = plan.services.find((candidate) => candidate.service === service);
  const site = siteInRegion(plan, region);
  if (entry === undefined || site === undefined) return true;
  const describe = ecs.operations["DescribeServices"] as unknown as (
    input: { cluster: string; services: string[] },
    call: { region: string },
  ) => { services: { deployments: { status: string; rolloutState: string }[] }[] };
  const [described] = describe(
    { cluster: forSite(entry.clusters, site.name), services: [service] },
    { region },
  ).services;
  return described?.deployments.every((deployment) => deployment.rolloutState === "COMPLETED") ?? true;
};
