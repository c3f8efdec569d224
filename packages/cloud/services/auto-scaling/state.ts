import type { InstanceRefreshStatus, LifecycleState } from "@aws-sdk/client-auto-scaling";

export interface Instance {
  readonly id: string;
  readonly availabilityZone: string;
  lifecycleState: LifecycleState;
  healthStatus: "Healthy" | "Unhealthy";
}

export interface Refresh {
  readonly id: string;
  readonly startMs: number;
  /** Instances that it has yet to replace. */
  pending: Instance[];
  readonly total: number;
  status: InstanceRefreshStatus;
  endMs: number | undefined;
}

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly createdAtMs: number;
  readonly instanceType: string;
  readonly cooldownSeconds: number;
  minSize: number;
  maxSize: number;
  desiredCapacity: number;
  instances: Instance[];
  /** Newest first. */
  refreshes: Refresh[];
  lastScaledAtMs: number | undefined;
}

export const isInService = (instance: Instance): boolean => instance.lifecycleState === "InService";
export const isComing = (instance: Instance): boolean => instance.lifecycleState === "Pending";
