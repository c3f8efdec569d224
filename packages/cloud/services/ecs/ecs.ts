import type {
  DescribeClustersCommandInput,
  DescribeServicesCommandInput,
  DescribeTasksCommandInput,
  ListServicesCommandInput,
  ListTasksCommandInput,
  UpdateServiceCommandInput,
} from "@aws-sdk/client-ecs";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import { createPastViews } from "../../kernel/past-views.ts";
import type { World } from "../../kernel/world.ts";
import { clusterArn, describeService, describeTask } from "./describe.ts";
import { createScheduler, type EcsFaults } from "./scheduler.ts";
import { isRunning, type Deployment, type Service, type Task } from "./state.ts";

export interface EcsServiceFixture {
  readonly region: string;
  readonly cluster: string;
  readonly service: string;
  /** That many tasks run from the start. */
  readonly desiredCount: number;
  /** Family and revision: `spacelift-server:12`. */
  readonly taskDefinition: string;
}

export interface Ecs extends ServiceModel {
  /** Fixture: a service that exists, steady, in a cluster that exists. */
  createService(fixture: EcsServiceFixture): void;
  /** How many tasks the service is to have; undefined where there is none. */
  desiredCount(region: string, cluster: string, service: string): number | undefined;
  runningTasks(region: string, cluster: string, service: string): readonly Task[];
  /** Called at each change of a task's status, with the task as it then is. */
  readonly onTaskChange: (listener: (task: Task) => void) => void;
}

const DEFAULT_CLUSTER = "default";
/** `DescribeServices` takes at most ten names (API_DescribeServices). */
const MOST_DESCRIBED = 10;

/** The last part of an ARN, or the name itself. */
const nameIn = (nameOrArn: string): string => nameOrArn.split("/").at(-1) ?? nameOrArn;

/** ECS services on Fargate (Amazon ECS API Reference and Developer Guide): rolling deployments, tasks that take their time. */
export const createEcs = (world: World, { faults = {} }: { readonly faults?: EcsFaults } = {}): Ecs => {
  const { accountId } = world;
  const random = world.random.stream("ecs/deployments");
  const services = new Map<string, Service>();
  const scheduler = createScheduler(world, () => services.values(), faults);
  const views = createPastViews(world, "ecs", (key) => {
    const service = services.get(key);
    return service === undefined ? undefined : describeService(accountId, service);
  });
  const keyOf = ({ region, cluster, name }: Service): string => `${region}/${cluster}/${name}`;
  scheduler.onTaskChange(({ region, cluster, service }) => views.changed(`${region}/${cluster}/${service}`));

  const inCluster = (region: string, cluster: string): Service[] =>
    [...services.values()].filter((service) => service.region === region && service.cluster === cluster);
  const clusterNamed = (region: string, nameOrArn = DEFAULT_CLUSTER): string => {
    const name = nameIn(nameOrArn);
    if (inCluster(region, name).length > 0) return name;
    throw new AwsError("ClusterNotFoundException", "Cluster not found.");
  };
  const serviceNamed = (region: string, cluster: string, nameOrArn = ""): Service => {
    const found = services.get(`${region}/${cluster}/${nameIn(nameOrArn)}`);
    if (found === undefined) throw new AwsError("ServiceNotFoundException", "Service not found.");
    return found;
  };
  const newDeployment = (taskDefinition: string, rolloutState: Deployment["rolloutState"]): Deployment => ({
    id: `ecs-svc/${Array.from({ length: 19 }, () => random.integer(0, 9)).join("")}`,
    taskDefinition,
    createdAtMs: world.clock.nowMs(),
    updatedAtMs: world.clock.nowMs(),
    status: "PRIMARY",
    rolloutState,
  });
  const taskDefinitionArn = (region: string, name: string): string =>
    name.startsWith("arn:") ? name : `arn:aws:ecs:${region}:${accountId}:task-definition/${name}`;

  return {
    service: "ecs",
    operations: {
      DescribeClusters({ clusters = [DEFAULT_CLUSTER] }: DescribeClustersCommandInput, { region }: Call) {
        const found = clusters.filter((name) => inCluster(region, nameIn(name)).length > 0);
        return {
          clusters: found.map((name) => {
            const all = inCluster(region, nameIn(name));
            const tasks = all.flatMap((service) => service.tasks);
            return {
              clusterArn: clusterArn(accountId, region, nameIn(name)),
              clusterName: nameIn(name),
              status: "ACTIVE",
              activeServicesCount: all.length,
              runningTasksCount: tasks.filter((task) => task.lastStatus === "RUNNING").length,
              pendingTasksCount: tasks.filter((task) =>
                ["PROVISIONING", "PENDING", "ACTIVATING"].includes(task.lastStatus),
              ).length,
              registeredContainerInstancesCount: 0,
            };
          }),
          failures: clusters
            .filter((name) => !found.includes(name))
            .map((name) => ({ arn: clusterArn(accountId, region, nameIn(name)), reason: "MISSING" })),
        };
      },

      DescribeServices(input: DescribeServicesCommandInput, { region }: Call) {
        const cluster = clusterNamed(region, input.cluster);
        const names = input.services ?? [];
        if (names.length === 0 || names.length > MOST_DESCRIBED) {
          throw new AwsError("InvalidParameterException", `Give between 1 and ${MOST_DESCRIBED} services.`);
        }
        const lookups = names.map((name) => ({
          name,
          found: views.view(`${region}/${cluster}/${nameIn(name)}`),
        }));
        return {
          services: lookups.flatMap(({ found }) => (found === undefined ? [] : [found])),
          failures: lookups
            .filter(({ found }) => found === undefined)
            .map(({ name }) => ({
              arn: `arn:aws:ecs:${region}:${accountId}:service/${cluster}/${nameIn(name)}`,
              reason: "MISSING",
            })),
        };
      },

      ListServices(input: ListServicesCommandInput, { region }: Call) {
        const cluster = clusterNamed(region, input.cluster);
        return { serviceArns: inCluster(region, cluster).map(({ arn }) => arn) };
      },

      /**
       * A new count alone changes the present deployment, whose `rolloutState` then stays what it was: only the counts
       * tell when the tasks run. A new task definition or `forceNewDeployment` starts another deployment.
       */
      UpdateService(input: UpdateServiceCommandInput, { region }: Call) {
        const cluster = clusterNamed(region, input.cluster);
        const service = serviceNamed(region, cluster, input.service);
        const { desiredCount } = input;
        if (desiredCount !== undefined) {
          if (desiredCount < 0)
            throw new AwsError("InvalidParameterException", "desiredCount can't be negative.");
          if (desiredCount !== service.desiredCount) service.steady = false;
          service.desiredCount = desiredCount;
        }
        if (input.forceNewDeployment === true || input.taskDefinition !== undefined) {
          if (input.taskDefinition !== undefined) {
            service.taskDefinition = taskDefinitionArn(region, input.taskDefinition);
          }
          for (const deployment of service.deployments) deployment.status = "ACTIVE";
          service.deployments.unshift(newDeployment(service.taskDefinition, "IN_PROGRESS"));
          service.steady = false;
        }
        scheduler.wake(service);
        views.changed(keyOf(service));
        return { service: describeService(accountId, service) };
      },

      ListTasks(input: ListTasksCommandInput, { region }: Call) {
        const cluster = clusterNamed(region, input.cluster);
        const from =
          input.serviceName === undefined
            ? inCluster(region, cluster)
            : [serviceNamed(region, cluster, input.serviceName)];
        const wanted = input.desiredStatus ?? "RUNNING";
        return {
          taskArns: from
            .flatMap((service) => service.tasks)
            .filter((task) => task.desiredStatus === wanted)
            .map(({ arn }) => arn),
        };
      },

      DescribeTasks(input: DescribeTasksCommandInput, { region }: Call) {
        const cluster = clusterNamed(region, input.cluster);
        const all = inCluster(region, cluster).flatMap((service) => service.tasks);
        const lookups = (input.tasks ?? []).map((name) => ({
          name,
          found: all.find((task) => task.id === nameIn(name)),
        }));
        return {
          tasks: lookups.flatMap(({ found }) =>
            found === undefined ? [] : [describeTask(accountId, found)],
          ),
          failures: lookups
            .filter(({ found }) => found === undefined)
            .map(({ name }) => ({ arn: name, reason: "MISSING" })),
        };
      },
    },

    createService({ region, cluster, service: name, desiredCount, taskDefinition }) {
      const definition = taskDefinitionArn(region, taskDefinition);
      const service: Service = {
        name,
        arn: `arn:aws:ecs:${region}:${accountId}:service/${cluster}/${name}`,
        region,
        cluster,
        createdAtMs: world.clock.nowMs(),
        tasks: [],
        deployments: [newDeployment(definition, "COMPLETED")],
        events: [],
        desiredCount,
        taskDefinition: definition,
        steady: true,
        reconcileDue: false,
      };
      services.set(`${region}/${cluster}/${name}`, service);
      scheduler.placeRunning(service, desiredCount);
      views.changed(keyOf(service));
    },
    desiredCount: (region, cluster, service) => services.get(`${region}/${cluster}/${service}`)?.desiredCount,
    runningTasks: (region, cluster, service) =>
      services.get(`${region}/${cluster}/${service}`)?.tasks.filter(isRunning) ?? [],
    onTaskChange: scheduler.onTaskChange,
  };
};
