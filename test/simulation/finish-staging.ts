import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import type { Lab } from "@lifeboat/lab/create-lab";
import { claimOf } from "@lifeboat/lab/claim-of";
import {
  CALM_MS,
  executionsOf,
  hasEnded,
  RECOVERY_WITHIN_MS,
  type Stage,
} from "@lifeboat/lab/scenarios/scenario";
import { expect } from "vitest";

/* How moves come to be left half-way, and are finished, in the tests of that. */

/** What a person types to have a move finished. */
export const SMALLEST = { workload: "spacelift" };

export const executionNamed = (lab: Lab, arn: string) => {
  const execution = gatherEvidence(lab).executions.find((candidate) => candidate.arn === arn);
  if (execution === undefined) throw new Error(`there is no ${arn}`);
  return execution;
};

export const recordOf = (lab: Lab, arn: string) =>
  gatherEvidence(lab).records.find(({ body }) => body.execution === arn)?.body;

/** The region is lost, and the first execution holds in `start-services`. */
export const stopHalfway = async (stage: Stage): Promise<string> => {
  const { lab, wait, waitForQuestion, markOutage } = stage;
  await wait(CALM_MS);
  markOutage();
  strand(lab);
  lab.cloud.world.network.lose(lab.plan.sites.primary.region);
  await waitForQuestion(RECOVERY_WITHIN_MS);
  const [first = ""] = executionsOf(lab).keys();
  expect(claimOf(lab)).toMatchObject({ activeSite: "paris", holder: { execution: first } });
  return first;
};

/** From the promotion on the new site's ECS refuses everything. */
export const strand = (lab: Lab): void => {
  let isPromoted = false;
  lab.cloud.world.faults.call = ({ operation, service, region }) => {
    isPromoted ||= operation === "FailoverGlobalCluster";
    return isPromoted && service === "ecs" && region === lab.plan.sites.standby.region
      ? { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 }
      : undefined;
  };
};

/** A person gives up the first execution, and what was in its way is mended. */
export const abortHalfway = async (stage: Stage): Promise<string> => {
  const { lab, answer, waitFor } = stage;
  const first = await stopHalfway(stage);
  await answer({ who: "one", answer: "abort", why: "ECS is out of order" });
  await waitFor("the first to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
  delete lab.cloud.world.faults.call;
  return first;
};

/** A person starts the machine once more; answers its execution. */
export const startAgain = async (
  { lab, startFailover, waitFor }: Stage,
  input: unknown,
  site = lab.plan.sites.standby.name,
): Promise<string> => {
  let arn = "";
  void startFailover(site, input).then((started) => (arn = started));
  await waitFor("it to start", 60_000, () => arn !== "");
  return arn;
};

export const endOf = ({ waitFor, lab }: Stage, arn: string): Promise<void> =>
  waitFor(`${arn} to end`, RECOVERY_WITHIN_MS, () => executionNamed(lab, arn).status !== "RUNNING");
