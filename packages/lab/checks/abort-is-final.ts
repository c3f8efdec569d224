import { actsIn, keyPutBy, nameOf } from "./acts.ts";
import { questionsIn } from "./approvals.ts";
import type { Checker } from "./evidence.ts";
import { holdsOf } from "./read-execution.ts";

const ABORT = /\/approvals\/([^/]+)\/answers\/[^/]+\.abort\.json$/;

/**
 * A person's `abort` ends an execution (invariant 14): one that lay in the ledger before the machine counted the answers to its hold for the
 * last time is followed by no act of that execution. One that came later may have found the hold answered already.
 */
export const abortIsFinal: Checker = (evidence) => {
  const asked = questionsIn(evidence);
  return evidence.wire.flatMap((record) => {
    const [, question] = ABORT.exec(keyPutBy(record) ?? "") ?? [];
    const about = asked.find((one) => one.question === question);
    const execution = evidence.executions.find(({ arn }) => arn === about?.execution);
    if (about === undefined || execution === undefined) return [];
    const hold = holdsOf(execution).findLast(({ fromMs }) => fromMs <= about.atMs);
    if (hold === undefined || hold.countedAtMs < record.endedAtMs) return [];
    const { untilMs } = hold;
    return actsIn(evidence)
      .filter(({ origin, atMs }) => origin.execution === execution.arn && atMs > untilMs)
      .map((act) => ({
        invariant: "abort-is-final",
        message: `${execution.arn} called ${nameOf(act)} after an abort of ${about.question} had been counted`,
        atMs: act.atMs,
      }));
  });
};
