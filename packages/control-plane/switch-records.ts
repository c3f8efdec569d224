import { forSite, sitesOf, type PerSite, type RecoveryPlan } from "@lifeboat/recovery/plan";
import type { RecordEntry } from "./manifest.ts";
import { servingCheck, switchesOf } from "./switch-checks.ts";

/**
 * The failover pairs of every switch that has `records`, and of the domains that follow it. The primary's follows the
 * calculated check, the standby's none: with both unhealthy Route 53 would answer the primary's, which is the site that
 * was just left. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html
 */
export const switchRecords = (plan: RecoveryPlan): readonly RecordEntry[] =>
  switchesOf(plan).flatMap((traffic) => {
    const { records, ttlMs } = traffic;
    if (records === undefined) return [];
    const pair = (host: string, endpoints: PerSite<string>): readonly RecordEntry[] =>
      sitesOf(plan).map((site, index) => ({
        hostedZoneId: records.hostedZoneId,
        host,
        type: "CNAME",
        value: forSite(endpoints, site.name),
        ttlSeconds: ttlMs / 1000,
        setIdentifier: site.name,
        ...(index === 0
          ? { failover: "PRIMARY" as const, healthCheck: servingCheck(plan, traffic) }
          : { failover: "SECONDARY" as const }),
      }));
    const followers = plan.traffic.flatMap((entry) =>
      entry.type === "iot-custom-domain" && entry.follows === traffic.name && entry.endpoints !== undefined
        ? pair(entry.host, entry.endpoints)
        : [],
    );
    return [...pair(traffic.host, traffic.endpoints), ...followers];
  });
