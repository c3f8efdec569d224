import type { Cloud } from "@lifeboat/cloud/cloud";
import { forSite, sitesOf, type RecoveryPlan } from "@lifeboat/recovery/plan";

/** A value that must never show up in a log, a history or a record; the checkers look for it. */
export const SECRET_VALUE = "postgres://spacelift:correct-horse-battery-staple@database/spacelift";

/** Keys, secrets, certificates and broker domains of the plan, in both regions. */
export const createDependencies = ({ kms, secretsManager, acm, iot }: Cloud, plan: RecoveryPlan): void => {
  const [primary, standby] = sitesOf(plan);
  for (const { keyId } of plan.keys)
    kms.createKey({ keyId, region: primary.region, replicas: [standby.region], multiRegion: true });
  for (const secret of plan.secrets) {
    const key = plan.keys.find((candidate) => candidate.name === secret.key);
    const names = new Set([primary, standby].map((site) => forSite(secret.secretIds, site.name)));
    for (const name of names) {
      // One name in both regions is one secret with a replica.
      const replicas = names.size === 1 ? [standby.region] : [];
      const region = forSite(secret.secretIds, primary.name) === name ? primary.region : standby.region;
      secretsManager.createSecret({
        name,
        region,
        replicas,
        secretString: SECRET_VALUE,
        ...(key === undefined ? {} : { kmsKeyId: key.keyId }),
      });
    }
  }
  const host = plan.traffic.find((traffic) => traffic.type === "switch")?.host ?? "example.com";
  for (const certificate of plan.certificates) {
    for (const site of [primary, standby])
      acm.createCertificate({
        arn: forSite(certificate.arns, site.name),
        region: site.region,
        domainName: host,
      });
  }
  for (const traffic of plan.traffic) {
    if (traffic.type !== "iot-custom-domain") continue;
    for (const site of [primary, standby]) {
      iot.createDomainConfiguration({
        region: site.region,
        name: forSite(traffic.configurations, site.name),
        domainName: traffic.host,
      });
    }
  }
};
