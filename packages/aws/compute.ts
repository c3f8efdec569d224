import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import type { Compute } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAws } from "./failures.ts";

/** Services on ECS, and Auto Scaling groups of workers. */
export const createCompute = (connection: Connection): Compute => {
  const ecs = (region: string): ECSClient =>
    clientFor(connection, "ecs", region, (settings) => new ECSClient(settings));
  const scaling = (region: string): AutoScalingClient =>
    clientFor(connection, "auto-scaling", region, (settings) => new AutoScalingClient(settings));

  return {
    async service(region, cluster, service) {
      const { services } = await callAws("DescribeServices", () =>
        ecs(region).send(new DescribeServicesCommand({ cluster, services: [service] })),
      );
      const found = services?.find((candidate) => candidate.serviceName === service);
      if (found === undefined) return null;
      const primary = found.deployments?.find((deployment) => deployment.status === "PRIMARY");
      return {
        status: found.status ?? "unknown",
        desired: found.desiredCount ?? 0,
        running: found.runningCount ?? 0,
        settled: primary?.rolloutState === "COMPLETED" && found.runningCount === found.desiredCount,
      };
    },
    async scaleService(region, cluster, service, count) {
      await callAws("UpdateService", () =>
        ecs(region).send(new UpdateServiceCommand({ cluster, service, desiredCount: count })),
      );
    },
    async group(region, name) {
      const { AutoScalingGroups } = await callAws("DescribeAutoScalingGroups", () =>
        scaling(region).send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] })),
      );
      const group = AutoScalingGroups?.[0];
      if (group === undefined) return null;
      return {
        desired: group.DesiredCapacity ?? 0,
        inService: (group.Instances ?? []).filter((instance) => instance.LifecycleState === "InService")
          .length,
        max: group.MaxSize ?? 0,
      };
    },
    async scaleGroup(region, name, count) {
      await callAws("SetDesiredCapacity", async () => {
        const { AutoScalingGroups } = await scaling(region).send(
          new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
        );
        // The desired capacity has to lie within the group's bounds, which a passive group may have at 0.
        const lowest = AutoScalingGroups?.[0]?.MinSize ?? 0;
        if (count < lowest) {
          await scaling(region).send(
            new UpdateAutoScalingGroupCommand({
              AutoScalingGroupName: name,
              MinSize: count,
              DesiredCapacity: count,
            }),
          );
          return;
        }
        await scaling(region).send(
          new SetDesiredCapacityCommand({
            AutoScalingGroupName: name,
            DesiredCapacity: count,
            HonorCooldown: false,
          }),
        );
      });
    },
  };
};
