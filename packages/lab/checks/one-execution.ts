import { actsIn } from "./acts.ts";
import type { Checker, ExecutionEvidence, Violation } from "./evidence.ts";

/**
 * One execution per workload (invariant 3): the ledger never passes the workload on while the execution that has it is
 * still running, and no two executions act in turns. While the control plane of its region is lost an execution does not run:
 * Step Functions does nothing there, and a recovery that was overtaken by an outage must not block the next one.
 */
export const oneExecution: Checker = (evidence) => {
  const { claims, executions, controlLosses } = evidence;
  const violations: Violation[] = [];
  const isRunningAt = (arn: string, atMs: number): boolean =>
    executions.some(
      (execution) =>
        execution.arn === arn &&
        execution.startedAtMs <= atMs &&
        (execution.stoppedAtMs ?? Number.POSITIVE_INFINITY) > atMs &&
        !controlLosses.some(
          ({ region, fromMs, untilMs }) => region === execution.region && fromMs <= atMs && untilMs > atMs,
        ),
    );
  for (const [index, { atMs, body }] of claims.entries()) {
    const before = claims[index - 1]?.body.request?.execution;
    const now = body.request?.execution;
    if (before === undefined || now === undefined || before === now || !isRunningAt(before, atMs)) continue;
    violations.push({
      invariant: "one-execution",
      message: `the ledger gave the workload to ${now} while ${before} was running`,
      atMs,
    });
  }
  const acts = actsIn(evidence);
  const spanOf = ({ arn }: ExecutionEvidence) => {
    const own = acts.filter(({ origin }) => origin.execution === arn);
    return { arn, firstMs: own[0]?.atMs, lastMs: own.at(-1)?.endedAtMs };
  };
  const spans = executions.map(spanOf);
  for (const left of spans) {
    for (const right of spans) {
      if (left.firstMs === undefined || left.lastMs === undefined || right.firstMs === undefined) continue;
      if (left.arn === right.arn || right.firstMs < left.firstMs || right.firstMs > left.lastMs) continue;
      violations.push({
        invariant: "one-execution",
        message: `${right.arn} began to act before ${left.arn} had stopped acting`,
        atMs: right.firstMs,
      });
    }
  }
  return violations;
};
