import type {
  AutoScalingGroup,
  DescribeAutoScalingGroupsCommandInput,
  DescribeInstanceRefreshesCommandInput,
  SetDesiredCapacityCommandInput,
  StartInstanceRefreshCommandInput,
  UpdateAutoScalingGroupCommandInput,
} from "@aws-sdk/client-auto-scaling";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import { createPastViews } from "../../kernel/past-views.ts";
import type { World } from "../../kernel/world.ts";
import { createCapacity } from "./capacity.ts";
import { isInService, type Group, type Instance, type Refresh } from "./state.ts";

export interface AutoScalingGroupFixture {
  readonly region: string;
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** That many instances are in service from the start. */
  readonly desiredCapacity: number;
  readonly instanceType?: string;
}

export interface AutoScaling extends ServiceModel {
  /** Fixture: a group at its desired capacity. */
  createGroup(fixture: AutoScalingGroupFixture): void;
  /** How many instances the group is to have; undefined where there is none. */
  desiredCapacity(region: string, name: string): number | undefined;
  /** Instances that are in service and healthy. */
  instancesInService(region: string, name: string): readonly Instance[];
  readonly onInstanceChange: (listener: (group: Group, instance: Instance) => void) => void;
}

/** AWS's default, in seconds. */
const COOLDOWN_SECONDS = 300;

const describeGroup = (group: Group): AutoScalingGroup => ({
  AutoScalingGroupName: group.name,
  AutoScalingGroupARN: group.arn,
  MinSize: group.minSize,
  MaxSize: group.maxSize,
  DesiredCapacity: group.desiredCapacity,
  DefaultCooldown: group.cooldownSeconds,
  AvailabilityZones: ["a", "b", "c"].map((zone) => `${group.region}${zone}`),
  HealthCheckType: "EC2",
  HealthCheckGracePeriod: 0,
  CreatedTime: new Date(group.createdAtMs),
  Instances: group.instances.map((instance) => ({
    InstanceId: instance.id,
    InstanceType: group.instanceType,
    AvailabilityZone: instance.availabilityZone,
    LifecycleState: instance.lifecycleState,
    HealthStatus: instance.healthStatus,
    ProtectedFromScaleIn: false,
  })),
});

const describeRefresh = (group: Group, refresh: Refresh) => ({
  InstanceRefreshId: refresh.id,
  AutoScalingGroupName: group.name,
  Status: refresh.status,
  StartTime: new Date(refresh.startMs),
  ...(refresh.endMs === undefined ? {} : { EndTime: new Date(refresh.endMs) }),
  PercentageComplete:
    refresh.status === "Successful" || refresh.total === 0
      ? 100
      : Math.floor((100 * Math.max(0, refresh.total - refresh.pending.length - 1)) / refresh.total),
  InstancesToUpdate: refresh.pending.length,
});

/** EC2 Auto Scaling groups (Amazon EC2 Auto Scaling API Reference): capacity changes and instance refreshes that take minutes. */
export const createAutoScaling = (world: World): AutoScaling => {
  const groups = new Map<string, Group>();
  const capacity = createCapacity(world, () => groups.values());
  const keyOf = ({ region, name }: Group): string => `${region}/${name}`;
  const views = createPastViews(world, "auto-scaling", (key) => {
    const group = groups.get(key);
    return group === undefined ? undefined : describeGroup(group);
  });
  capacity.onInstanceChange((group) => views.changed(keyOf(group)));

  const groupNamed = (region: string, name = ""): Group => {
    const found = groups.get(`${region}/${name}`);
    // The service answers with the common error; the API models none of its own for this.
    if (found === undefined) {
      throw new AwsError(
        "ValidationError",
        `AutoScalingGroup name not found - AutoScalingGroup ${name} not found`,
      );
    }
    return found;
  };
  const setDesired = (group: Group, desired: number): void => {
    if (desired < group.minSize || desired > group.maxSize) {
      const [limit, word] =
        desired < group.minSize ? [group.minSize, "below min"] : [group.maxSize, "above max"];
      throw new AwsError(
        "ValidationError",
        `New SetDesiredCapacity value ${desired} is ${word} value ${limit} for the AutoScalingGroup.`,
      );
    }
    if (desired === group.desiredCapacity) return;
    group.desiredCapacity = desired;
    group.lastScaledAtMs = world.clock.nowMs();
    capacity.adjust(group);
    views.changed(keyOf(group));
  };

  return {
    service: "auto-scaling",
    operations: {
      DescribeAutoScalingGroups(input: DescribeAutoScalingGroupsCommandInput, { region }: Call) {
        const names = input.AutoScalingGroupNames;
        const found = [...groups.values()].filter(
          (group) =>
            group.region === region &&
            (names === undefined || names.length === 0 || names.includes(group.name)),
        );
        return { AutoScalingGroups: found.flatMap((group) => views.view(keyOf(group)) ?? []) };
      },

      UpdateAutoScalingGroup(input: UpdateAutoScalingGroupCommandInput, { region }: Call) {
        const group = groupNamed(region, input.AutoScalingGroupName);
        const minSize = input.MinSize ?? group.minSize;
        const maxSize = input.MaxSize ?? group.maxSize;
        if (minSize > maxSize) {
          throw new AwsError(
            "ValidationError",
            `Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`,
          );
        }
        group.minSize = minSize;
        group.maxSize = maxSize;
        // Bounds that exclude the present capacity move it (API_UpdateAutoScalingGroup, MinSize and MaxSize).
        setDesired(
          group,
          input.DesiredCapacity ?? Math.min(maxSize, Math.max(minSize, group.desiredCapacity)),
        );
        return {};
      },

      /** With `HonorCooldown`, refused while a cooldown runs; by default it is not honoured (API_SetDesiredCapacity). */
      SetDesiredCapacity(input: SetDesiredCapacityCommandInput, { region }: Call) {
        const group = groupNamed(region, input.AutoScalingGroupName);
        const coolsUntilMs =
          (group.lastScaledAtMs ?? Number.NEGATIVE_INFINITY) + group.cooldownSeconds * 1000;
        if (input.HonorCooldown === true && world.clock.nowMs() < coolsUntilMs) {
          throw new AwsError(
            "ScalingActivityInProgressFault",
            `Scaling activity is in progress for AutoScalingGroup ${group.name} and blocks this action`,
          );
        }
        setDesired(group, input.DesiredCapacity ?? group.desiredCapacity);
        return {};
      },

      StartInstanceRefresh(input: StartInstanceRefreshCommandInput, { region }: Call) {
        const group = groupNamed(region, input.AutoScalingGroupName);
        if (group.refreshes.some(({ status }) => status === "Pending" || status === "InProgress")) {
          throw new AwsError(
            "InstanceRefreshInProgressFault",
            "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
          );
        }
        return { InstanceRefreshId: capacity.startRefresh(group).id };
      },

      DescribeInstanceRefreshes(input: DescribeInstanceRefreshesCommandInput, { region }: Call) {
        const group = groupNamed(region, input.AutoScalingGroupName);
        const ids = input.InstanceRefreshIds;
        return {
          InstanceRefreshes: group.refreshes
            .filter(({ id }) => ids === undefined || ids.length === 0 || ids.includes(id))
            .map((refresh) => describeRefresh(group, refresh)),
        };
      },
    },

    createGroup({ region, name, minSize, maxSize, desiredCapacity, instanceType = "m7i.large" }) {
      const group: Group = {
        name,
        arn: `arn:aws:autoscaling:${region}:${world.accountId}:autoScalingGroup:${world.random.stream(`asg/${region}/${name}`).uuid()}:autoScalingGroupName/${name}`,
        region,
        createdAtMs: world.clock.nowMs(),
        instanceType,
        cooldownSeconds: COOLDOWN_SECONDS,
        minSize,
        maxSize,
        desiredCapacity,
        instances: [],
        refreshes: [],
        lastScaledAtMs: undefined,
      };
      groups.set(`${region}/${name}`, group);
      capacity.placeInService(group, desiredCapacity);
    },
    desiredCapacity: (region, name) => groups.get(`${region}/${name}`)?.desiredCapacity,
    instancesInService: (region, name) =>
      groups
        .get(`${region}/${name}`)
        ?.instances.filter((instance) => isInService(instance) && instance.healthStatus === "Healthy") ?? [],
    onInstanceChange: capacity.onInstanceChange,
  };
};
