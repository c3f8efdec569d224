import { forSite } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { ready, unfit, type Check } from "./look.ts";

/** What the services start with: keys, secrets, certificates, the services themselves, the workers' groups. */
export const computeChecks = ({
  plan,
  here,
  ports,
}: SiteContext<"compute" | "protection">): readonly Check[] => [
  ...plan.keys.map((key) => ({
    resource: `keys/${key.name}`,
    look: async () => {
      const state = await ports.protection.key(here.region, key.keyId);
      if (state === null) return unfit(`key ${key.keyId} has no replica in ${here.region}`);
      return state.enabled ? ready("usable") : unfit(`key ${key.keyId} is not enabled in ${here.region}`);
    },
  })),
  ...plan.secrets.map((secret) => ({
    resource: `secrets/${secret.name}`,
    look: async () => {
      const state = await ports.protection.secret(here.region, forSite(secret.secretIds, here.name));
      return state.exists
        ? ready("present")
        : unfit(`secret "${forSite(secret.secretIds, here.name)}" does not exist in ${here.region}`);
    },
  })),
  ...plan.certificates.map((certificate) => ({
    resource: `certificates/${certificate.name}`,
    look: async () => {
      const state = await ports.protection.certificate(here.region, forSite(certificate.arns, here.name));
      if (state === null) return unfit(`there is no certificate ${forSite(certificate.arns, here.name)}`);
      return state.status === "ISSUED" ? ready("issued") : unfit(`the certificate is ${state.status}`);
    },
  })),
  ...plan.services.map((service) => ({
    resource: `services/${service.name}`,
    look: async () => {
      const state = await ports.compute.service(
        here.region,
        forSite(service.clusters, here.name),
        service.service,
      );
      if (state === null) return unfit(`there is no service "${service.service}" in ${here.region}`);
      return state.status === "ACTIVE"
        ? ready(`${state.running} of ${service.activeCount} tasks run now`)
        : unfit(`the service is ${state.status}`);
    },
  })),
  ...plan.workers.map((worker) => ({
    resource: `workers/${worker.name}`,
    look: async () => {
      const name = forSite(worker.groups, here.name);
      const state = await ports.compute.group(here.region, name);
      if (state === null) return unfit(`there is no Auto Scaling group "${name}" in ${here.region}`);
      if (state.max < worker.activeCount)
        return unfit(`group "${name}" may have ${state.max} instances, ${worker.activeCount} are needed`);
      return ready(`up to ${state.max} instances`);
    },
  })),
];
