import { CALM_MS, type Scenario } from "../scenario.ts";

/** An execution that cannot even begin has no outcome to write: people are told by what watches executions. */
export const notBegun: Scenario = {
  name: "not-begun",
  summary: "somebody misspells the input; the execution fails at once, and people are told",
  expected: "failed",
  async run({ lab, wait, waitFor, tell, startFailover }) {
    const { plan, cloud } = lab;
    await wait(CALM_MS);
    tell("somebody starts an execution with an input that it cannot read");
    await startFailover(plan.sites.standby.name, { workload: plan.workload, dryRun: "perhaps" });
    await waitFor("people to be told", 120_000, () =>
      cloud.sns.messages.some(({ message }) => message.includes("ended without a written outcome")),
    );
  },
};
