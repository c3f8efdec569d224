import { promotionsIn } from "./acts.ts";
import type { Checker } from "./evidence.ts";
import { hasOverride } from "./read-execution.ts";

/** The cooldown is counted on the clocks of two sites, each of which may be off by half of this. */
const CLOCKS_MS = 60_000;

/**
 * Cooldown after a finished recovery (invariant 6): until it is over nothing is promoted that no person ordered. Counted
 * from when the ledger came to say that the recovery had finished.
 */
export const cooldown: Checker = (evidence) => {
  const { plan, claims, executions } = evidence;
  const finishedAtMs = claims
    .filter(
      ({ body }, index) =>
        body.recoveredAtMs !== null && body.recoveredAtMs !== claims[index - 1]?.body.recoveredAtMs,
    )
    .map(({ atMs }) => atMs);
  return promotionsIn(evidence).flatMap(({ atMs, origin }) => {
    const sinceMs = atMs - (finishedAtMs.findLast((endMs) => endMs < atMs) ?? Number.NEGATIVE_INFINITY);
    const execution = executions.find(({ arn }) => arn === origin.execution);
    if (sinceMs >= plan.decision.cooldownMs - CLOCKS_MS) return [];
    if (execution !== undefined && hasOverride(execution)) return [];
    const message = `${origin.execution ?? origin.principal} promoted ${sinceMs} ms after the last recovery had finished`;
    return [{ invariant: "cooldown", message, atMs }];
  });
};
