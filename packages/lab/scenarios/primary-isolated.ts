import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

/** The case that two sites alone cannot decide: the primary is alive and users reach it, the other sites do not. */
export const primaryIsolated: Scenario = {
  name: "primary-isolated",
  summary:
    "the primary lives and users reach it, but it is cut off from the other sites; it fences itself, then the standby takes over",
  expected: "recovered",
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const here = plan.sites.primary.region;
    const others = [plan.sites.standby.region, plan.witness.region];
    await wait(CALM_MS);
    markOutage();
    tell(`${here} is cut off from ${others.join(" and ")}; users still reach it`);
    for (const other of others) network.cut(here, other);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(600_000);
    tell(`${here} is reachable again`);
    for (const other of others) network.mend(here, other);
    await wait(1_800_000);
  },
};
