import { QUIET } from "../../kernel/clock.ts";
import type { RdsContext } from "./context.ts";
import type { GlobalCluster } from "./state.ts";

const PERIOD_MS = 60_000;

/**
 * Publishes Aurora's lag metrics every minute (Aurora User Guide, "Cluster-level metrics for Amazon Aurora"):
 * `AuroraGlobalDBReplicationLag` in the secondary's region while it receives, `AuroraGlobalDBRPOLag` in the primary's, where
 * it grows while nothing gets through. A lost region publishes nothing.
 */
export const publishLag = (context: RdsContext, global: GlobalCluster): void => {
  const { world, random } = context;
  const datum = (metricName: string, dimensions: Record<string, string>, value: number) => ({
    namespace: "AWS/RDS",
    metricName,
    dimensions,
    atMs: world.clock.nowMs(),
    value,
    storageResolutionSeconds: 60 as const,
  });
  const publish = (): unknown => {
    world.clock.after(PERIOD_MS, publish);
    const { writer } = global;
    for (const [secondary, replication] of global.replications) {
      const lagMs = replication.lagMs();
      if (replication.isFlowing()) {
        const own = { DBClusterIdentifier: secondary.identifier };
        for (const dimensions of [own, { ...own, SourceRegion: writer.region }]) {
          world.measure(secondary.region, datum("AuroraGlobalDBReplicationLag", dimensions, lagMs));
        }
      }
      if (writer.database.isRunning()) {
        world.measure(
          writer.region,
          datum("AuroraGlobalDBRPOLag", { DBClusterIdentifier: secondary.identifier }, lagMs),
        );
      }
    }
    return QUIET;
  };
  world.clock.after(random.integer(1000, PERIOD_MS), publish);
};
