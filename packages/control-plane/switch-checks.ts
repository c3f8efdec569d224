import {
  forSite,
  sitesOf,
  type RecoveryPlan,
  type SwitchObject,
  type Traffic,
} from "@lifeboat/recovery/plan";
import type { HealthCheckEntry } from "./manifest.ts";

type Switch = Extract<Traffic, { type: "switch" }>;

/** The object that says "traffic is elsewhere" at the site built as primary. */
export const closedObject = (key: string): string => `${key}.closed`;

export const switchesOf = (plan: RecoveryPlan): readonly Switch[] =>
  plan.traffic.filter((traffic): traffic is Switch => traffic.type === "switch");

/** The name of the health check that the primary's failover record follows. */
export const servingCheck = (plan: RecoveryPlan, traffic: Switch): string =>
  `${plan.workload}-${traffic.name}-primary-serves`;

/** How a check of an object looks: what each list price is for, and what the plan's choice adds to it. */
const basic = { scheme: "HTTP", intervalSeconds: 30 } as const;
const fast = { scheme: "HTTPS", intervalSeconds: 10 } as const;

/**
 * Three checks of objects, and two calculated ones over them. The primary's record is healthy when the primary is switched
 * on, or when neither the standby is switched on nor the primary closed. A switch that cannot be read counts as off. Route
 * 53 calls a calculated check healthy when `threshold` of its children are, then inverts:
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
 *
 * Only `standby-on` is on the path of a failover, and looks every 10 s over HTTPS where the plan pays for both. All others
 * look every 30 s over plain HTTP: Route 53's checkers do not validate certificates, so that TLS proves nothing of who
 * answers, and what they read is public:
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
 */
export const checksOf = (plan: RecoveryPlan, traffic: Switch): readonly HealthCheckEntry[] => {
  const [primary, standby] = sitesOf(plan);
  const named = (name: string): string => `${plan.workload}-${traffic.name}-${name}`;
  const object = (
    name: string,
    region: string,
    { bucket }: SwitchObject,
    key: string,
    look: typeof fast | typeof basic,
  ): HealthCheckEntry => ({
    type: "object",
    name: named(name),
    host: `${bucket}.s3.${region}.amazonaws.com`,
    path: `/${key}`,
    failureThreshold: 1,
    ...look,
  });
  const atPrimary = forSite(traffic.switches, primary.name);
  const atStandby = forSite(traffic.switches, standby.name);
  const onPath = plan.observe.fastHealthChecks ? fast : basic;
  return [
    object("standby-on", standby.region, atStandby, atStandby.key, onPath),
    object("primary-on", primary.region, atPrimary, atPrimary.key, basic),
    object("primary-closed", primary.region, atPrimary, closedObject(atPrimary.key), basic),
    {
      type: "calculated",
      name: named("at-rest"),
      children: [named("standby-on"), named("primary-closed")],
      threshold: 1,
      inverted: true,
    },
    {
      type: "calculated",
      name: servingCheck(plan, traffic),
      children: [named("primary-on"), named("at-rest")],
      threshold: 1,
      inverted: false,
    },
  ];
};

/** The health checks of all switches, children before the checks that are calculated from them. */
export const switchChecks = (plan: RecoveryPlan): readonly HealthCheckEntry[] =>
  switchesOf(plan).flatMap((traffic) => checksOf(plan, traffic));
