import { SqlError } from "@lifeboat/cloud/database/sql-error";
import { forSite } from "@lifeboat/recovery/plan";
import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { asOperator } from "../rare-paths/as-operator.ts";
import { slowDown } from "./slow-down.ts";

/**
 * The primary renews at the standby alone, where the standby cannot read. All else speaks for an outage: its users get errors
 * and then no answer, and the lease at the witness runs out. Its database is well.
 */
export const leaseUnread: Scenario = {
  name: "lease-unread",
  summary:
    "the primary lives and renews its lease where the standby cannot read it; held, and not needed once it can",
  expected: "not-needed",
  async run(stage) {
    const { lab, wait, waitFor, waitForQuestion, tell, markOutage, answer } = stage;
    const { plan, cloud, rds, cloudwatch } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    let isRevoked = true;
    for (const store of plan.stores) {
      if (store.type !== "aurora-global") continue;
      rds.cluster(primary.region, forSite(store.clusters, primary.name)).database.addGuard({
        refuseConnection: () => undefined,
        refuseWrite: (user, table) =>
          isRevoked && user === plan.workload
            ? new SqlError("42501", `permission denied for table ${table}`)
            : undefined,
      });
    }
    markOutage();
    tell("somebody has revoked the application's rights: users get errors");
    await waitFor("the alarm of errors", 600_000, () =>
      cloudwatch.alarmChanges.some(({ region, value }) => region === primary.region && value === "ALARM"),
    );
    const readable = slowDown(
      lab,
      ({ operation, key, region, origin }) =>
        operation === "GetObject" &&
        key === `${plan.workload}/lease` &&
        region === standby.region &&
        origin.place === standby.region,
    );
    tell(`somebody stops the services in ${primary.region}, and it does not reach ${plan.witness.region}`);
    tell(`${standby.region} cannot read its copy of the lease, which ${primary.region} goes on renewing`);
    const scale = async (count: (activeCount: number) => number): Promise<void> => {
      for (const service of plan.services)
        await asOperator(stage, primary.region, "ecs", "UpdateService", {
          cluster: forSite(service.clusters, primary.name),
          service: service.service,
          desiredCount: count(service.activeCount),
        });
    };
    await scale(() => 0);
    network.cut(primary.region, plan.witness.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    await wait(120_000);
    tell(`${standby.region} can read it again, and a person says: look once more`);
    readable();
    await answer({ who: "an operator", answer: "retry", why: "S3 is well again" });
    await waitFor("the attempt to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    tell(`all is well in ${primary.region}`);
    isRevoked = false;
    await scale((activeCount) => activeCount);
    network.mend(primary.region, plan.witness.region);
    await wait(600_000);
  },
};
