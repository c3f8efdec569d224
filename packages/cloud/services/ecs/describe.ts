import type { Service as ServiceShape, Task as TaskShape } from "@aws-sdk/client-ecs";
import { isLive, isRunning, type Service, type Task } from "./state.ts";

const date = (atMs: number | undefined): { at: Date } | undefined =>
  atMs === undefined ? undefined : { at: new Date(atMs) };

export const clusterArn = (accountId: string, region: string, cluster: string): string =>
  `arn:aws:ecs:${region}:${accountId}:cluster/${cluster}`;

export const describeTask = (accountId: string, task: Task): TaskShape => {
  const started = date(task.startedAtMs);
  const stopping = date(task.stoppingAtMs);
  const stopped = date(task.stoppedAtMs);
  return {
    taskArn: task.arn,
    clusterArn: clusterArn(accountId, task.region, task.cluster),
    taskDefinitionArn: task.taskDefinition,
    availabilityZone: task.availabilityZone,
    group: `service:${task.service}`,
    startedBy: task.deploymentId,
    launchType: "FARGATE",
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    healthStatus: "UNKNOWN",
    createdAt: new Date(task.createdAtMs),
    ...(started === undefined ? {} : { startedAt: started.at }),
    ...(stopping === undefined ? {} : { stoppingAt: stopping.at }),
    ...(stopped === undefined ? {} : { stoppedAt: stopped.at }),
    ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
    ...(task.stopCode === undefined ? {} : { stopCode: task.stopCode }),
  };
};

export const describeService = (accountId: string, service: Service): ServiceShape => {
  const live = service.tasks.filter(isLive);
  const running = live.filter(isRunning);
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: clusterArn(accountId, service.region, service.cluster),
    status: "ACTIVE",
    desiredCount: service.desiredCount,
    runningCount: running.length,
    pendingCount: live.length - running.length,
    launchType: "FARGATE",
    schedulingStrategy: "REPLICA",
    taskDefinition: service.taskDefinition,
    deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
    createdAt: new Date(service.createdAtMs),
    deployments: service.deployments.map((deployment) => {
      const own = live.filter((task) => task.deploymentId === deployment.id);
      const ownRunning = own.filter(isRunning).length;
      return {
        id: deployment.id,
        status: deployment.status,
        taskDefinition: deployment.taskDefinition,
        desiredCount: deployment.status === "PRIMARY" ? service.desiredCount : own.length,
        runningCount: ownRunning,
        pendingCount: own.length - ownRunning,
        failedTasks: 0,
        createdAt: new Date(deployment.createdAtMs),
        updatedAt: new Date(deployment.updatedAtMs),
        launchType: "FARGATE",
        rolloutState: deployment.rolloutState,
        rolloutStateReason:
          deployment.rolloutState === "COMPLETED"
            ? `ECS deployment ${deployment.id} completed.`
            : `ECS deployment ${deployment.id} in progress.`,
      };
    }),
    events: service.events.map(({ id, atMs, message }) => ({ id, createdAt: new Date(atMs), message })),
  };
};
