import { QUIET } from "../../kernel/clock.ts";
import type { HttpReply, World } from "../../kernel/world.ts";
import type { Ecs } from "../ecs/ecs.ts";
import { isRunning, type Task } from "../ecs/state.ts";

/** What the application's process in a task does with a request. A rejection is a broken connection: 502. */
export type Application = (call: {
  readonly request: { readonly method: string; readonly url: URL; readonly body: string };
  readonly region: string;
  readonly task: Task;
}) => HttpReply | Promise<HttpReply>;

export interface LoadBalancerFixture {
  readonly region: string;
  readonly name: string;
  /** Its targets: the running tasks of this ECS service. */
  readonly cluster: string;
  readonly service: string;
  readonly application: Application;
}

export interface LoadBalancer {
  /** The DNS name that AWS gives it, where it listens. */
  readonly host: string;
  /** How CloudWatch's metrics name it: `app/spacelift-ireland/50dc6c495c0c9188`. */
  readonly dimension: string;
  readonly region: string;
  /** The hosted zone that alias records to it name. */
  readonly hostedZoneId: string;
  healthyTargets(): readonly Task[];
}

/** Default interval times threshold, between the extremes of when in the interval the task came up. */
const LEAST_CHECK_SECONDS = 10;
const MOST_CHECK_SECONDS = 30;
const METRIC_PERIOD_MS = 60_000;
/** The default idle timeout: a target that says nothing for that long costs the client a 504. */
const IDLE_TIMEOUT_MS = 60_000;

const UNAVAILABLE: HttpReply = {
  status: 503,
  body: "<html><head><title>503 Service Temporarily Unavailable</title></head></html>",
};

const emptyCounts = () => ({ requests: 0, balancer5xx: 0, target5xx: 0 });

/**
 * An internet-facing Application Load Balancer with HTTPS and an IP target group (Elastic Load Balancing, "Health checks for
 * Application Load Balancer target groups", "Troubleshoot your Application Load Balancers"): 503 without a healthy
 * target, 502 where the target breaks the connection, 504 where it does not answer. It answers in its region only.
 */
export const createLoadBalancer = (world: World, ecs: Ecs, fixture: LoadBalancerFixture): LoadBalancer => {
  const { region, name, cluster, service, application } = fixture;
  const random = world.random.stream(`elb/${region}/${name}`);
  const host = `${name}-${random.integer(100_000_000, 2_147_483_647)}.${region}.elb.amazonaws.com`;
  const dimension = `app/${name}/${random.hex(16)}`;
  const targetGroup = `targetgroup/${service}/${random.hex(16)}`;
  const healthy = new Set<Task>(ecs.runningTasks(region, cluster, service));
  let counts = emptyCounts();
  let turn = 0;

  ecs.onTaskChange((task) => {
    if (task.region !== region || task.cluster !== cluster || task.service !== service) return;
    if (!isRunning(task)) {
      healthy.delete(task);
      return;
    }
    world.clock.after(random.integer(LEAST_CHECK_SECONDS * 1000, MOST_CHECK_SECONDS * 1000), () => {
      if (isRunning(task)) healthy.add(task);
    });
  });

  const answer = (request: { method: string; url: URL; body: string }): HttpReply | Promise<HttpReply> => {
    counts.requests += 1;
    const targets = [...healthy];
    const task = targets[turn++ % Math.max(1, targets.length)];
    if (task === undefined) {
      counts.balancer5xx += 1;
      return UNAVAILABLE;
    }
    return new Promise<HttpReply>((resolve) => {
      let isSettled = false;
      const settle = (outcome: HttpReply): void => {
        if (isSettled) return;
        isSettled = true;
        cancel();
        if (outcome.status >= 500) counts.target5xx += 1;
        resolve(outcome);
      };
      const cancel = world.clock.after(IDLE_TIMEOUT_MS, () => settle({ status: 504, body: "" }));
      Promise.resolve(application({ request, region, task })).then(settle, () =>
        settle({ status: 502, body: "" }),
      );
    });
  };
  world.fabric.listen(host, region, answer);

  const publish = (): unknown => {
    const total = ecs.runningTasks(region, cluster, service).length;
    const measure = (metricName: string, value: number, dimensions: Record<string, string>): void =>
      world.measure(region, {
        namespace: "AWS/ApplicationELB",
        metricName,
        dimensions,
        atMs: world.clock.nowMs(),
        value,
        storageResolutionSeconds: 60,
      });
    const own = { LoadBalancer: dimension };
    measure("HealthyHostCount", healthy.size, { ...own, TargetGroup: targetGroup });
    measure("UnHealthyHostCount", Math.max(0, total - healthy.size), { ...own, TargetGroup: targetGroup });
    // Counts are published only where there is something to count.
    if (counts.requests > 0) measure("RequestCount", counts.requests, own);
    if (counts.balancer5xx > 0) measure("HTTPCode_ELB_5XX_Count", counts.balancer5xx, own);
    if (counts.target5xx > 0) measure("HTTPCode_Target_5XX_Count", counts.target5xx, own);
    counts = emptyCounts();
    return QUIET;
  };
  world.clock.every(METRIC_PERIOD_MS, publish, random.integer(1000, METRIC_PERIOD_MS));

  return {
    host,
    dimension,
    region,
    hostedZoneId: `Z${random.hex(13).toUpperCase()}`,
    healthyTargets: () => [...healthy],
  };
};
