import { forSite, type Store } from "@lifeboat/recovery/plan";
import type { Finding } from "@lifeboat/recovery/readiness";
import type { SiteContext } from "./context.ts";

/** What a standby is asked for. */
export type ReadinessContext = SiteContext<
  "brokers" | "buckets" | "compute" | "databases" | "protection" | "traffic"
>;

type Check = { readonly resource: string; readonly look: () => Promise<Pick<Finding, "state" | "detail">> };

const ready = (detail: string): Pick<Finding, "state" | "detail"> => ({ state: "ready", detail });
const unfit = (detail: string): Pick<Finding, "state" | "detail"> => ({ state: "unfit", detail });

const storeCheck = ({ here, ports }: ReadinessContext, store: Store): Check["look"] => {
  switch (store.type) {
    case "aurora-global":
      return async () => {
        const [global, cluster] = await Promise.all([
          ports.databases.globalCluster(here.region, store.globalCluster),
          ports.databases.cluster(here.region, forSite(store.clusters, here.name)),
        ]);
        if (global === null) return unfit(`the global cluster "${store.globalCluster}" does not exist`);
        if (cluster === null)
          return unfit(`there is no cluster "${forSite(store.clusters, here.name)}" in ${here.region}`);
        const member = global.members.find((candidate) => candidate.arn === cluster.arn);
        if (member === undefined) return unfit(`"${cluster.arn}" is no member of "${store.globalCluster}"`);
        // A transition that another holder began: acting now would be a second promotion.
        if (global.transition !== null) return unfit(`a failover of "${store.globalCluster}" is in flight`);
        if (cluster.status !== "available") return unfit(`the cluster is "${cluster.status}"`);
        if (!cluster.instances.some((instance) => instance.status === "available")) {
          return unfit(
            "no instance of the cluster is available: a headless cluster cannot take over in minutes",
          );
        }
        // Aurora fails over between the same major and minor version only, and says so when it is too late:
        // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-upgrade.html
        if (global.engineVersion !== cluster.engineVersion) {
          return unfit(
            `engine ${cluster.engineVersion} differs from the global cluster's ${global.engineVersion}`,
          );
        }
        return ready(`secondary, engine ${cluster.engineVersion}, ${cluster.instances.length} instance(s)`);
      };
    case "s3-replicated":
      return async () => {
        const bucket = forSite(store.buckets, here.name);
        const state = await ports.buckets.replication(here.region, bucket);
        if (state === null) return unfit(`there is no bucket "${bucket}"`);
        if (!state.versioned) return unfit(`bucket "${bucket}" is not versioned`);
        // The way back: without it the first write after the failover would be lost to the other site.
        if (state.enabledRules === 0)
          return unfit(`bucket "${bucket}" has no enabled replication rule for the way back`);
        return ready(`bucket "${bucket}" is versioned and replicates`);
      };
  }
};

const checksOf = (context: ReadinessContext): readonly Check[] => {
  const { plan, here, ports } = context;
  return [
    ...plan.stores.map((store) => ({ resource: `stores/${store.name}`, look: storeCheck(context, store) })),
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
    ...plan.traffic.map((traffic) => ({
      resource: `traffic/${traffic.name}`,
      look: async () => {
        if (traffic.type === "switch") {
          const { bucket, key } = forSite(traffic.switches, here.name);
          const state = await ports.traffic.readSwitch(here.region, bucket, key);
          return state === "absent"
            ? ready("the switch is off")
            : unfit(`the switch s3://${bucket}/${key} is on while the site is passive`);
        }
        const configuration = forSite(traffic.configurations, here.name);
        const state = await ports.brokers.iotDomain(here.region, configuration);
        if (state === null)
          return unfit(`there is no IoT domain configuration "${configuration}" in ${here.region}`);
        if (state.host !== traffic.host)
          return unfit(`the IoT domain configuration serves ${state.host}, not ${traffic.host}`);
        return state.enabled
          ? ready("enabled")
          : unfit(`the IoT domain configuration "${configuration}" is disabled`);
      },
    })),
  ];
};

/**
 * Looks at everything on the standby that a failover will need, all at once, in the standby's own region only: before
 * anything irreversible, and without a call to a region that may be gone.
 */
export const checkReadiness = async (context: ReadinessContext): Promise<readonly Finding[]> =>
  Promise.all(
    checksOf(context).map(async ({ resource, look }): Promise<Finding> => {
      try {
        return { resource, ...(await look()) };
      } catch (error) {
        return { resource, state: "unknown", detail: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
