import { hasEnded, type Scenario } from "./scenario.ts";

/** A person asks what a failover would do, while all is well. */
export const dryRun: Scenario = {
  name: "dry-run",
  summary: "a person rehearses the failover; nothing is changed",
  expected: "not-needed",
  peopleOnCall: true,
  async run({ lab, wait, waitFor, tell, startFailover }) {
    const { plan } = lab;
    await wait(180_000);
    tell(`a person starts a dry run at ${plan.sites.standby.name}`);
    await startFailover(plan.sites.standby.name, { workload: plan.workload, dryRun: true });
    await waitFor("the dry run to end", 600_000, () => hasEnded(lab, 1));
    await wait(30_000);
  },
};
