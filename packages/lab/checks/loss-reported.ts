import { dataLoss } from "@lifeboat/cloud/client/judge";
import { siteNamed } from "@lifeboat/recovery/plan";
import type { Checker } from "./evidence.ts";
import { approvalsIn, hasOverride } from "./read-execution.ts";

/**
 * Data loss is never silent (invariants 5 and 15): of each recovery, what users really lost is within what its record says,
 * and what nobody accepted is within the plan's limit. Lost are acknowledged writes of the site that was left, up to the
 * claim, that the surviving timeline does not have.
 */
export const lossReported: Checker = ({ plan, rows, survived, records, claims, executions }) =>
  records.flatMap(({ body: record, atMs }, index) => {
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
    const execution = executions.find(({ arn }) => arn === record.execution);
    const accepted = execution !== undefined && (hasOverride(execution) || approvalsIn(execution) > 0);
    const found = [];
    if (record.rpo !== null && lostMs > record.rpo.maxMs) {
      found.push(
        said(
          `${record.execution} reports at most ${record.rpo.maxMs} ms of loss; users lost ${loss.missing.length} writes over ${lostMs} ms`,
        ),
      );
    }
    if (record.rpo === null && !accepted)
      found.push(said(`${record.execution} recovered with an unknown loss that nobody accepted`));
    if (lostMs > plan.decision.lossLimitMs && !accepted) {
      found.push(
        said(`${record.execution} lost ${lostMs} ms, above the plan's limit, and nobody accepted that`),
      );
    }
    return found;
  });
