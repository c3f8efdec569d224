import { outcomes } from "@lifeboat/recovery/outcome";
import type { Checker } from "./evidence.ts";
import { enteredAtMs, isDryRun, lastEntered, outcomeOf, phaseVisits } from "./read-execution.ts";

/** Longer than any wait that is for no person: a promotion may take half an hour before it is given up. */
const LONGEST_MS = 36 * 60_000;
const FOR_PEOPLE = new Set(["Hold", "AskApproval"]);

/**
 * Everything ends (invariant 12): no phase lasts longer than its timeout lets it, whether or not what it waits for comes in
 * the end; an execution that ended did so with one of the outcomes, or with an error and its cause; it
 * left a record if it had begun; and one that goes on either waits for a person, or has not gone on for long.
 */
export const terminalOutcome: Checker = ({ executions, records, endedAtMs }) =>
  executions.flatMap((execution) => {
    const { arn, status, error, cause, startedAtMs, stoppedAtMs } = execution;
    const said = (message: string) => [
      { invariant: "terminal-outcome", message: `${arn} ${message}`, atMs: stoppedAtMs ?? endedAtMs },
    ];
    const endless = phaseVisits(execution, endedAtMs)
      .filter(({ enteredAtMs: fromMs, leftAtMs }) => leftAtMs - fromMs > LONGEST_MS)
      .flatMap(({ state, enteredAtMs: fromMs, leftAtMs }) =>
        said(`was in ${state} for ${leftAtMs - fromMs} ms, and nobody was asked`),
      );
    if (endless.length > 0) return endless;
    if (status === "RUNNING") {
      const state = lastEntered(execution) ?? "nowhere";
      const since = Math.max(startedAtMs, execution.history.at(-1)?.timestampMs ?? startedAtMs);
      return FOR_PEOPLE.has(state) || endedAtMs - since < LONGEST_MS
        ? []
        : said(`has been in ${state} for ${endedAtMs - since} ms, and waits for no person`);
    }
    if (status !== "SUCCEEDED") {
      return error === undefined || cause === undefined || cause === ""
        ? said(`ended ${status} without an error and its cause`)
        : [];
    }
    const outcome = outcomeOf(execution);
    if (!outcomes.some((known) => known === outcome))
      return said(`ended with the outcome ${JSON.stringify(outcome)}`);
    const began = enteredAtMs(execution, "Assess").length > 0;
    const recorded = records.some(({ body }) => body.execution === arn && body.outcome === outcome);
    return began && !isDryRun(execution) && !recorded
      ? said(`ended ${String(outcome)} without a record of that`)
      : [];
  });
