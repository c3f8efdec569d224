import type { FaultHooks } from "@lifeboat/cloud/kernel/faults";
import { claimOf } from "../../claim-of.ts";
import { CALM_MS, executionsOf, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";

type SentCall = Parameters<NonNullable<FaultHooks["call"]>>[0];

const isRecorder = (principal: string): boolean => principal.includes("-record-outcome@");

/** A move is given up half-way, finished by an execution that a person starts, and recorded only after people have heard of it. */
export const finishedLater: Scenario = {
  name: "finished-later",
  summary:
    "a move is given up half-way and finished by a person's start; its outcome cannot be recorded at once",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer, startFailover }) {
    const { plan, cloud } = lab;
    const { primary, standby } = plan.sites;
    const { faults, network } = cloud.world;
    const refuse = (isMeant: (call: SentCall) => boolean): void => {
      faults.call = (call) =>
        isMeant(call)
          ? { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 }
          : undefined;
    };
    await wait(CALM_MS);
    markOutage();
    tell(`${primary.region} is lost, and ECS will be out of order in ${standby.region}`);
    refuse(
      ({ service, region }) =>
        service === "ecs" && region === standby.region && claimOf(lab).activeSite === standby.name,
    );
    network.lose(primary.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell("a person gives it up");
    await answer({ answer: "abort", who: "an operator", why: "ECS is out of order" });
    await waitFor("the first one to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    tell("ECS is well again, and a person starts the machine; its record will be refused");
    refuse(({ operation, origin }) => operation === "PutObject" && isRecorder(origin.principal));
    await startFailover(standby.name, { workload: plan.workload });
    await waitFor("people to hear that nothing is recorded", RECOVERY_WITHIN_MS, () =>
      cloud.sns.messages.some(({ subject }) => subject?.endsWith("not recorded yet") === true),
    );
    delete faults.call;
    await waitFor("the second one to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, executionsOf(lab).size));
    await wait(30_000);
  },
};
