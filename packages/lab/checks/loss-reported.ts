import { dataLoss } from "@lifeboat/cloud/client/judge";
import { siteNamed } from "@lifeboat/recovery/plan";
import { promotionsIn } from "./acts.ts";
import type { Checker } from "./evidence.ts";
import { approvalsIn, hasOverride } from "./read-execution.ts";

/**
 * Data loss is never silent (invariants 5 and 15): of each recovery, what users really lost is within what its record says,
 * and what nobody accepted is within the plan's limit; who finishes a move reports what was measured when it was promoted. Lost are acknowledged writes of the site that was left, up to the
 * claim, that the surviving timeline does not have.
 */
export const lossReported: Checker = (evidence) => {
  const { plan, rows, survived, records, claims, executions } = evidence;
  return records.flatMap(({ body: record, atMs }, index) => {
    if (record.outcome !== "recovered") return [];
    const sinceMs = records.slice(0, index).findLast(({ body }) => body.outcome === "recovered")?.atMs ?? 0;
    const claimedAtMs =
      claims.find(({ body }) => body.epoch === record.epoch && body.holder !== null)?.atMs ?? atMs;
    const { region } = siteNamed(plan, record.from);
    const loss = dataLoss(
      rows.filter(
        ({ sentAtMs, outcome }) =>
          outcome.type === "acknowledged" &&
          outcome.region === region &&
          sentAtMs > sinceMs &&
          sentAtMs <= claimedAtMs,
      ),
      survived,
    );
    const lostMs = loss.spanMs.min;
    const said = (message: string) => ({ invariant: "loss-reported", message, atMs });
    // Who finishes a move promotes nothing: what the promotion loses was accepted of whoever asked for it, by the wire.
    const promoter =
      record.finishes === undefined
        ? undefined
        : promotionsIn(evidence).findLast(
            (call) => call.region === siteNamed(plan, record.to).region && call.atMs < atMs,
          )?.origin.execution;
    const accepted = executions.some(
      (execution) =>
        (execution.arn === record.execution || execution.arn === promoter) &&
        (hasOverride(execution) || approvalsIn(execution) > 0),
    );
    const found = [];
    if (record.rpo !== null && lostMs > record.rpo.maxMs) {
      found.push(
        said(
          `${record.execution} reports at most ${record.rpo.maxMs} ms of loss; users lost ${loss.missing.length} writes over ${lostMs} ms`,
        ),
      );
    }
    const begun = records.find(({ body }) => body.execution === record.finishes?.execution)?.body;
    if (begun !== undefined && JSON.stringify(begun.rpo) !== JSON.stringify(record.rpo))
      found.push(
        said(`${record.execution} reports another loss than ${begun.execution}, whose move it finished`),
      );
    if (record.rpo === null && !accepted)
      found.push(said(`${record.execution} recovered with an unknown loss that nobody accepted`));
    if (lostMs > plan.decision.lossLimitMs && !accepted) {
      found.push(
        said(`${record.execution} lost ${lostMs} ms, above the plan's limit, and nobody accepted that`),
      );
    }
    return found;
  });
};
