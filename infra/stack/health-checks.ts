import type { ChosenStage } from "./choose-stage.ts";
import { logicalName } from "./names.ts";

/** The health checks of the switches, in the order of the manifest: children first. Answers their ids by name. */
export const createHealthChecks = ({ place }: ChosenStage): Record<string, $util.Output<string>> => {
  const ids = new Map<string, $util.Output<string>>();
  for (const check of place.healthChecks) {
    const settings =
      check.type === "object"
        ? {
            type: "HTTPS",
            fqdn: check.host,
            port: 443,
            resourcePath: check.path,
            requestInterval: check.intervalSeconds,
            failureThreshold: check.failureThreshold,
            enableSni: true,
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
