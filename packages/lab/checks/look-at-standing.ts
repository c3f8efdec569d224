import { currentVersion } from "@lifeboat/cloud/services/s3/bucket";
import { closedKey } from "@lifeboat/operations/switch-objects";
import { forSite, sitesOf } from "@lifeboat/recovery/plan";
import type { Lab } from "../create-lab.ts";
import type { Standing } from "./evidence.ts";

/** How a lab's workload stands now, as the models know it. Reads only. */
export const lookAtStanding = ({ plan, cloud, rds, ecs, scaling }: Lab): Standing => {
  const sites = sitesOf(plan);
  const { network } = cloud.world;
  const exists = (bucket: string, key: string): boolean =>
    currentVersion(cloud.s3.bucket(bucket), key) !== undefined;
  return {
    lost: [...sites.map(({ region }) => region), plan.witness.region].filter(
      (region) => network.isControlLost(region) || !network.reachesData(region, region),
    ),
    stores: plan.stores.flatMap((store) => {
      if (store.type !== "aurora-global") return [];
      const { writer, move } = rds.global(store.globalCluster);
      return [{ name: store.name, writerRegion: writer.region, isMoving: move !== undefined }];
    }),
    compute: sites.flatMap(({ name: site, region }) => [
      ...plan.services.map(({ name, clusters, service, activeCount, passiveCount }) => {
        const desired = ecs.desiredCount(region, forSite(clusters, site), service) ?? 0;
        return { name: `services/${name}`, site, desired, activeCount, passiveCount };
      }),
      ...plan.workers.map(({ name, groups, activeCount, passiveCount }) => {
        const desired = scaling.desiredCapacity(region, forSite(groups, site)) ?? 0;
        return { name: `workers/${name}`, site, desired, activeCount, passiveCount };
      }),
    ]),
    switches: plan.traffic.flatMap((traffic) =>
      traffic.type === "switch"
        ? sites.map(({ name: site }) => {
            const { bucket, key } = forSite(traffic.switches, site);
            const [on, closed] = [exists(bucket, key), exists(bucket, closedKey(key))];
            return { name: `traffic/${traffic.name}`, site, on, closed };
          })
        : [],
    ),
  };
};
