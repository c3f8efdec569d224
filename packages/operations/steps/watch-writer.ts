import { RecoveryError } from "@lifeboat/recovery/errors";
import { forSite, type AuroraGlobalStore } from "@lifeboat/recovery/plan";
import type { Observation } from "../await-goal.ts";
import type { SiteContext } from "../context.ts";

/** How a store's copy at this site comes to be the writable one. */
export interface WriterWatch {
  /**
   * `reached`: it is the writer, by role, and takes writes. `idle`: the writer is elsewhere, and nothing is under way. Throws `AwsRejected`
   * where the store is not there, or somebody else moves it to another site.
   */
  readonly observe: () => Promise<Observation>;
  /** This site's cluster, once it was looked at; empty before. */
  readonly targetArn: () => string;
}

/** By role, not by status: a cluster's status is "available" before, during and after a promotion. */
export const watchWriter = (
  { here, ports }: SiteContext<"databases">,
  store: AuroraGlobalStore,
): WriterWatch => {
  const clusterId = forSite(store.clusters, here.name);
  let targetArn = "";

  // The writer is who DescribeGlobalClusters says: a cluster's status is "available" before, during and after.
  const observe = async (): Promise<Observation> => {
    const global = await ports.databases.globalCluster(here.region, store.globalCluster);
    // While the move to here is under way the cluster has nothing to add: one call a look is enough.
    if (global?.transition != null && targetArn !== "" && global.transition.toArn === targetArn)
      return { type: "moving", detail: `${store.globalCluster} is ${global.transition.status}` };
    const cluster = await ports.databases.cluster(here.region, clusterId);
    if (global === null || cluster === null) {
      throw new RecoveryError(
        "AwsRejected",
        `"${store.globalCluster}" or its member "${clusterId}" does not exist in ${here.region}`,
      );
    }
    targetArn = cluster.arn;
    const writer = global.members.find((member) => member.isWriter);
    const hasWriter = cluster.instances.some(
      (instance) => instance.isWriter && instance.status === "available",
    );
    if (
      writer?.arn === cluster.arn &&
      global.transition === null &&
      cluster.status === "available" &&
      hasWriter
    ) {
      return { type: "reached", detail: `${clusterId} is the writer of ${store.globalCluster}` };
    }
    if (global.transition !== null) {
      if (global.transition.toArn !== cluster.arn) {
        throw new RecoveryError(
          "AwsRejected",
          `"${store.globalCluster}" is being moved to ${global.transition.toArn} by somebody else`,
        );
      }
      return { type: "moving", detail: `${store.globalCluster} is ${global.transition.status}` };
    }
    if (writer?.arn === cluster.arn) return { type: "moving", detail: `${clusterId} is ${cluster.status}` };
    return {
      type: "idle",
      detail: `${store.globalCluster} is ${global.status}, its writer is ${writer?.arn ?? "unknown"}`,
    };
  };
  return { observe, targetArn: () => targetArn };
};
