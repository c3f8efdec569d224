import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "./scenario.ts";

/** The old primary comes back with its database writable and its services running, as it went. */
export const oldPrimaryWakes: Scenario = {
  name: "old-primary-wakes",
  summary:
    "after the failover the old primary comes back as a writer; it gets no traffic, is fenced and reported",
  expected: "recovered",
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { region } = plan.sites.primary;
    await wait(CALM_MS);
    markOutage();
    tell(`${region} is lost`);
    network.lose(region);
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    await wait(120_000);
    tell(`${region} is back, as it went`);
    network.restore(region);
    await wait(2_700_000);
  },
};
