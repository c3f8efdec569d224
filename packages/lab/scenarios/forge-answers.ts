import { AwsError, type Call } from "@lifeboat/cloud/kernel/service";
import type { Lab } from "../create-lab.ts";
import { taskTokens } from "../checks/read-execution.ts";
import { executionsOf } from "./scenario.ts";

/** Whatever somebody might hope that the machine believes. */
const FORGED = {
  action: "approve",
  who: "two",
  why: "forged",
  override: { who: "two", why: "forged", acceptLossMs: "any" },
  verdict: "approve",
  persons: 9,
  counted: 9,
  approvals: [{ who: "one" }, { who: "two" }],
  Payload: { verdict: "approve", persons: 9, counted: 9, who: "two", acceptsLossMs: "any" },
};

/**
 * Somebody has read the task tokens in the executions' histories and may call SendTaskSuccess, which names nobody. Answers
 * how many waits that ended.
 */
export const forgeAnswers = (lab: Lab): number => {
  const send = lab.cloud.sfn.operations["SendTaskSuccess"] as unknown as (
    input: { taskToken: string; output: string },
    call: Pick<Call, "region">,
  ) => unknown;
  let woken = 0;
  for (const record of executionsOf(lab).values()) {
    const tokens = taskTokens({ history: record.history });
    for (const taskToken of tokens) {
      try {
        send({ taskToken, output: JSON.stringify(FORGED) }, { region: record.machine.region });
        woken += 1;
      } catch (error) {
        // Most of the waits are over.
        if (!(error instanceof AwsError)) throw error;
      }
    }
  }
  return woken;
};
