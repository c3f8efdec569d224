import { claimOf } from "../../claim-of.ts";
import { CALM_MS, type Scenario } from "../scenario.ts";

const CALM_AFTER_MS = 2_400_000;

/** Whoever asks for a recovery dies before it starts, and the outage passes: nobody is left to start it, and it is forgotten. */
export const requestNeverStarted: Scenario = {
  name: "request-never-started",
  summary: "functions die between their request and the start of its execution, and the outage passes",
  expected: "not-needed",
  async run({ lab, wait, waitFor, tell, markOutage }) {
    const { plan, cloud } = lab;
    const { network, faults } = cloud.world;
    const { primary } = plan.sites;
    await wait(CALM_MS);
    faults.call = ({ operation }) => (operation === "StartExecution" ? { type: "kill-before" } : undefined);
    markOutage();
    tell(`${primary.region} is lost, and functions die before they start an execution`);
    network.lose(primary.region);
    await waitFor("a request", 600_000, () => claimOf(lab).request !== null);
    tell(`${primary.region} is back`);
    network.restore(primary.region);
    await wait(300_000);
    delete faults.call;
    await wait(CALM_AFTER_MS);
  },
};
