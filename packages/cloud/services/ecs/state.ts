import type { TaskStopCode } from "@aws-sdk/client-ecs";

/** The statuses that a task goes through, in order (Amazon ECS Developer Guide, "Amazon ECS task lifecycle"). */
export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED";

export interface Task {
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  readonly cluster: string;
  readonly service: string;
  readonly deploymentId: string;
  readonly taskDefinition: string;
  readonly availabilityZone: string;
  readonly createdAtMs: number;
  lastStatus: TaskStatus;
  desiredStatus: "RUNNING" | "STOPPED";
  startedAtMs: number | undefined;
  stoppingAtMs: number | undefined;
  stoppedAtMs: number | undefined;
  stoppedReason: string | undefined;
  stopCode: TaskStopCode | undefined;
}

export interface Deployment {
  readonly id: string;
  readonly taskDefinition: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
  status: "PRIMARY" | "ACTIVE";
  rolloutState: "IN_PROGRESS" | "COMPLETED";
}

export interface Service {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly cluster: string;
  readonly createdAtMs: number;
  readonly tasks: Task[];
  /** The newest, which is PRIMARY, first. */
  deployments: Deployment[];
  /** Newest first, at most 100, as `DescribeServices` shows them. */
  readonly events: { readonly id: string; readonly atMs: number; readonly message: string }[];
  desiredCount: number;
  taskDefinition: string;
  steady: boolean;
  reconcileDue: boolean;
}

export const isLive = (task: Task): boolean => task.desiredStatus === "RUNNING";
export const isRunning = (task: Task): boolean => isLive(task) && task.lastStatus === "RUNNING";
