import { withOutcome } from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { sitePlace, witnessPlace } from "../ledger/places.ts";

/**
 * Ends an execution: appends the record, frees the workload in the ledger (a finished recovery starts the cooldown, any
 * other leaves it alone), and tells people. The record comes first: an execution whose ledger was freed has one.
 */
export const recordOutcome = async (
  { plan, here, ports }: SiteContext,
  record: RecoveryRecord,
): Promise<void> => {
  if (record.dryRun) return;
  await ports.records.append(sitePlace(plan, here.name), record);
  await changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) => {
    const isOurs =
      body.request?.execution === record.execution || body.holder?.execution === record.execution;
    const { execution, endedAtMs, outcome } = record;
    return isOurs
      ? withOutcome(body, { execution, endedAtMs, recovered: outcome === "recovered" }, writeId)
      : null;
  });
  if (record.outcome === "not-needed") return;
  const summary = `${record.workload}: ${record.outcome}, ${record.from} to ${record.to}`;
  const notes = record.outcome === "recovered" ? plan.notes.map(({ text }) => `For people: ${text}`) : [];
  const lines = [summary, record.reason, ...notes, `Execution: ${record.execution}`];
  // A notice that fails must not undo an outcome that stands in the ledger.
  await ports.notices.publish(summary, lines.join("\n")).catch(() => undefined);
};
