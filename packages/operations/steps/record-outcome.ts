import { withOutcome } from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { siteNamed, type SiteName } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { sitePlace, witnessPlace } from "../ledger/places.ts";

/** Is every database's writer still at the site that was to be left, with no move in flight? Unknown counts as no. */
const isNothingPromoted = async (
  { plan, here, ports }: SiteContext<"databases" | "notices" | "records">,
  from: SiteName,
): Promise<boolean> => {
  const { region } = siteNamed(plan, from);
  const looks = plan.stores.map(async (store) => {
    if (store.type !== "aurora-global") return true;
    const global = await ports.databases.globalCluster(here.region, store.globalCluster);
    return (
      global?.transition === null &&
      global.members.some((member) => member.isWriter && member.region === region)
    );
  });
  const settled = await Promise.allSettled(looks);
  return settled.every((look) => look.status === "fulfilled" && look.value);
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Data loss is never silent: whoever hears of a recovery hears what it lost. */
const lossInWords = ({ rpo }: RecoveryRecord): string =>
  rpo === null
    ? "Lost: an unknown amount of acknowledged writes."
    : `Lost: between ${seconds(rpo.minMs)} and ${seconds(rpo.maxMs)} of acknowledged writes.`;

/**
 * Ends an execution: appends the record, frees the workload in the ledger (a finished recovery starts the cooldown, any
 * other leaves it alone), and tells people. The record comes first: an execution whose ledger was freed has one.
 */
export const recordOutcome = async (
  context: SiteContext<"databases" | "notices" | "records">,
  record: RecoveryRecord,
  abortedByPerson: boolean,
): Promise<void> => {
  const { plan, here, ports } = context;
  if (record.dryRun) return;
  const givenUp = abortedByPerson && (await isNothingPromoted(context, record.from));
  await ports.records.append(sitePlace(plan, here.name), record);
  await changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) => {
    const isOurs =
      body.request?.execution === record.execution || body.holder?.execution === record.execution;
    const { execution, endedAtMs, outcome } = record;
    return isOurs
      ? withOutcome(body, { execution, endedAtMs, recovered: outcome === "recovered", givenUp }, writeId)
      : null;
  });
  if (record.outcome === "not-needed") return;
  const summary = `${record.workload}: ${record.outcome}, ${record.from} to ${record.to}`;
  const notes = record.outcome === "recovered" ? plan.notes.map(({ text }) => `For people: ${text}`) : [];
  const lost = record.outcome === "recovered" ? [lossInWords(record)] : [];
  const lines = [summary, record.reason, ...lost, ...notes, `Execution: ${record.execution}`];
  // A notice that fails must not undo an outcome that stands in the ledger.
  await ports.notices.publish(summary, lines.join("\n")).catch(() => undefined);
};
