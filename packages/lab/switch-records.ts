import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import type { Cloud } from "@lifeboat/cloud/cloud";
import type { LoadBalancer } from "@lifeboat/cloud/services/elb/load-balancer";
import type { Route53 } from "@lifeboat/cloud/services/route-53/route-53";
import { checksOf, servingCheck } from "@lifeboat/control-plane/switch-checks";
import { closedKey } from "@lifeboat/operations/switch-objects";
import { forSite, sitesOf, type RecoveryPlan, type Traffic } from "@lifeboat/recovery/plan";

interface Parts {
  readonly cloud: Cloud;
  readonly route53: Route53;
}

type Switch = Extract<Traffic, { type: "switch" }>;

const MINUTE_SECONDS = 60;

/** The last two labels: `spacelift.example.com` lies in `example.com`. */
const zoneNameOf = (host: string): string => host.split(".").slice(-2).join(".");

/**
 * The health checks of one switch and the records that follow them, created beforehand: no record changes in a failover.
 * The primary's check is healthy when the primary is switched on, or when neither the standby is switched on nor the
 * primary closed. A switch that cannot be read counts as off. See `operations/switch-objects`.
 */
export const createSwitchRecords = (
  parts: Parts,
  plan: RecoveryPlan,
  balancers: ReadonlyMap<string, LoadBalancer>,
): void => {
  const records = new Map<string, ResourceRecordSet[]>();
  const add = (host: string, ...more: readonly ResourceRecordSet[]): void => {
    const zone = zoneNameOf(host);
    records.set(zone, [...(records.get(zone) ?? []), ...more]);
  };
  for (const traffic of plan.traffic) {
    if (traffic.type !== "switch") continue;
    const healthCheckId = createChecks(parts, plan, traffic);
    for (const site of sitesOf(plan)) {
      const balancer = balancers.get(site.name);
      if (balancer === undefined) throw new Error(`no load balancer at ${site.name}`);
      add(forSite(traffic.endpoints, site.name), {
        Name: forSite(traffic.endpoints, site.name),
        Type: "CNAME",
        TTL: MINUTE_SECONDS,
        ResourceRecords: [{ Value: balancer.host }],
      });
      add(traffic.host, {
        Name: traffic.host,
        Type: "A",
        SetIdentifier: site.name,
        ...roleOf(plan, site.name, healthCheckId),
        AliasTarget: {
          HostedZoneId: balancer.hostedZoneId,
          DNSName: balancer.host,
          EvaluateTargetHealth: false,
        },
      });
    }
    for (const broker of plan.traffic) {
      if (broker.type !== "iot-custom-domain" || broker.follows !== traffic.name) continue;
      for (const site of sitesOf(plan)) {
        add(broker.host, {
          Name: broker.host,
          Type: "CNAME",
          TTL: MINUTE_SECONDS,
          SetIdentifier: site.name,
          ...roleOf(plan, site.name, healthCheckId),
          ResourceRecords: [{ Value: parts.cloud.iot.endpoint(site.region) }],
        });
      }
    }
  }
  for (const [name, list] of records) {
    parts.route53.createHostedZone({
      id: `Z${name.replaceAll(/[^a-z]/g, "").toUpperCase()}`,
      name,
      records: list,
    });
  }
};

const roleOf = (
  plan: RecoveryPlan,
  site: string,
  healthCheckId: string,
): Pick<ResourceRecordSet, "Failover" | "HealthCheckId"> =>
  site === plan.sites.primary.name
    ? { Failover: "PRIMARY", HealthCheckId: healthCheckId }
    : { Failover: "SECONDARY" };

/** The buckets of a switch and the health checks that the manifest has for it; answers the id of the primary record's. */
const createChecks = ({ cloud, route53 }: Parts, plan: RecoveryPlan, traffic: Switch): string => {
  for (const site of sitesOf(plan)) {
    const { bucket, key } = forSite(traffic.switches, site.name);
    cloud.s3.createBucket({ name: bucket, region: site.region, publicKeys: [key, closedKey(key)] });
  }
  for (const check of checksOf(plan, traffic)) {
    route53.createHealthCheck(
      check.type === "object"
        ? {
            id: check.name,
            startsHealthy: false,
            config: {
              Type: check.scheme,
              FullyQualifiedDomainName: check.host,
              Port: check.scheme === "HTTPS" ? 443 : 80,
              ResourcePath: check.path,
              RequestInterval: check.intervalSeconds,
              FailureThreshold: check.failureThreshold,
            },
          }
        : {
            id: check.name,
            startsHealthy: !check.inverted,
            config: {
              Type: "CALCULATED",
              ChildHealthChecks: [...check.children],
              HealthThreshold: check.threshold,
              Inverted: check.inverted,
            },
          },
    );
  }
  return servingCheck(plan, traffic);
};
