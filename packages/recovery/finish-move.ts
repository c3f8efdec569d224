import type { Decision } from "./decide.ts";
import type { UnfinishedMove } from "./ledger.ts";
import type { SiteName } from "./plan.ts";

export interface FinishSituation {
  readonly killSwitchOn: boolean;
  /** Another live execution has the workload, or null. */
  readonly otherExecution: string | null;
  /** What the ledger says is left; null: nothing any more. */
  readonly move: UnfinishedMove | null;
  /** The site that the workload has been moved to. */
  readonly here: SiteName;
}

/**
 * Decides whether an execution finishes a move. The outage, the loss and the cooldown were judged before the promotion, which is not
 * done again: from there on there is only forward, and a person has started it. No order skips the rows that refuse.
 */
export const decideFinish = ({ killSwitchOn, otherExecution, move, here }: FinishSituation): Decision => {
  const decided = (verdict: Decision["verdict"], rule: string, reason: string): Decision => ({
    verdict,
    rule,
    reason,
    approvalsNeeded: 0,
  });
  if (killSwitchOn)
    return decided("refuse", "kill-switch", "the kill switch is on; lift it to let anything act");
  if (otherExecution !== null)
    return decided("refuse", "one-execution", `another execution has the workload: ${otherExecution}`);
  if (move === null) return decided("not-needed", "finished", `the move to ${here} is finished already`);
  return decided(
    "go",
    "finish",
    `finishes the move from ${move.from} to ${here} that ${move.execution} began: nothing is promoted again`,
  );
};
