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

/**
 * Three checks of objects over HTTPS, and two calculated ones over them. The primary's record is healthy when the primary
 * is switched on, or when neither the standby is switched on nor the primary closed. A switch that cannot be read counts
 * as off. Route 53 calls a calculated check healthy when `threshold` of its children are, then inverts:
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
 */
export const switchChecks = (plan: RecoveryPlan): readonly HealthCheckEntry[] =>
  switchesOf(plan).flatMap((traffic) => {
    const [primary, standby] = sitesOf(plan);
    const named = (name: string): string => `${plan.workload}-${traffic.name}-${name}`;
    const object = (name: string, region: string, bucket: string, key: string): HealthCheckEntry => ({
      type: "object",
      name: named(name),
      host: `${bucket}.s3.${region}.amazonaws.com`,
      path: `/${key}`,
      intervalSeconds: 10,
      failureThreshold: 1,
    });
    const atPrimary: SwitchObject = forSite(traffic.switches, primary.name);
    const atStandby: SwitchObject = forSite(traffic.switches, standby.name);
    return [
      object("standby-on", standby.region, atStandby.bucket, atStandby.key),
      object("primary-on", primary.region, atPrimary.bucket, atPrimary.key),
      object("primary-closed", primary.region, atPrimary.bucket, closedObject(atPrimary.key)),
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
  });
