import { forSite, type Store } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { ready, unfit, type Check } from "./look.ts";

type Stores = SiteContext<"buckets" | "databases">;

const storeCheck = ({ here, ports }: Stores, store: Store): Check["look"] => {
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

/** The stores: replication, engine versions, instances, the way back. */
export const storesChecks = (context: Stores): readonly Check[] =>
  context.plan.stores.map((store) => ({
    resource: `stores/${store.name}`,
    look: storeCheck(context, store),
  }));
