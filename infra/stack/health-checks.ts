import type { ChosenStage } from "./choose-stage.ts";
import { logicalName } from "./names.ts";

/** The health checks of the switches, in the order of the manifest: children first. Answers their ids by name. */
export const createHealthChecks = ({ place }: ChosenStage): Record<string, $util.Output<string>> => {
  const ids = new Map<string, $util.Output<string>>();
  for (const check of place.healthChecks) {
    const settings =
      check.type === "object"
        ? {
            type: check.scheme,
            fqdn: check.host,
            port: check.scheme === "HTTPS" ? 443 : 80,
            resourcePath: check.path,
            requestInterval: check.intervalSeconds,
            failureThreshold: check.failureThreshold,
            ...(check.scheme === "HTTPS" ? { enableSni: true } : {}),
          }
        : {
            type: "CALCULATED",
            childHealthchecks: check.children.map((child) => {
              const id = ids.get(child);
              if (id === undefined) throw new Error(`${check.name} comes before its child ${child}`);
              return id;
            }),
            childHealthThreshold: check.threshold,
            invertHealthcheck: check.inverted,
          };
    const created = new aws.route53.HealthCheck(logicalName(check.name), {
      ...settings,
      tags: { Name: check.name },
    });
    ids.set(check.name, created.id);
  }
  return Object.fromEntries(ids);
};

/** The failover records that follow a switch, where the plan gives their zone. */
export const createRecords = (
  { place }: ChosenStage,
  healthChecks: Readonly<Record<string, $util.Output<string>>>,
): void => {
  for (const record of place.records) {
    const { healthCheck } = record;
    const id = healthCheck === undefined ? undefined : healthChecks[healthCheck];
    if (healthCheck !== undefined && id === undefined)
      throw new Error(`the record of ${record.host} follows ${healthCheck}, which is no health check here`);
    new aws.route53.Record(logicalName(record.host, record.setIdentifier, "record"), {
      zoneId: record.hostedZoneId,
      name: record.host,
      type: record.type,
      ttl: record.ttlSeconds,
      records: [record.value],
      setIdentifier: record.setIdentifier,
      failoverRoutingPolicies: [{ type: record.failover }],
      ...(id === undefined ? {} : { healthCheckId: id }),
    });
  }
};
