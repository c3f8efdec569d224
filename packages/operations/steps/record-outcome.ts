import { withOutcome } from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { siteNamed, type SiteName } from "@lifeboat/recovery/plan";
import type { SiteContext } from "../context.ts";
import { changeEntry } from "../ledger/change-entry.ts";
import { sitePlace, witnessPlace } from "../ledger/places.ts";
import { lossInWords } from "../loss-in-words.ts";

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

export interface HowItEnds {
  /** A person's answer to a hold ended it. */
  readonly abortedByPerson: boolean;
  /** It could not be recorded before, for a minute or longer. */
  readonly wasPutOff: boolean;
}

/** Gives back what the execution has in the ledger, and nothing of another's. */
const freeWorkload = async (
  { plan, ports }: SiteContext<never>,
  { execution, endedAtMs, outcome }: RecoveryRecord,
  givenUp: boolean,
): Promise<void> => {
  await changeEntry(ports, plan, witnessPlace(plan), "claim", (body, writeId) => {
    const isOurs = body.request?.execution === execution || body.holder?.execution === execution;
    return isOurs
      ? withOutcome(body, { execution, endedAtMs, recovered: outcome === "recovered", givenUp }, writeId)
      : null;
  });
};

/**
 * Ends an execution: appends the record, frees the workload in the ledger (a finished recovery starts the cooldown, any
 * other leaves it alone), and tells people. The record comes first: an execution whose ledger was freed has one. Unless it was
 * put off: then whichever can be written is, for as long as the workload is held nothing makes the old site fit to stand by. The
 * execution goes on, and its record comes later. Throws `LedgerUnreadable`, `LedgerMissing`, `LedgerContended`, `AwsUnavailable` and
 * `AwsRejected`.
 */
export const recordOutcome = async (
  context: SiteContext<"databases" | "notices" | "records">,
  record: RecoveryRecord,
  { abortedByPerson, wasPutOff }: HowItEnds,
): Promise<void> => {
  const { plan, here, ports } = context;
  if (record.dryRun) return;
  const givenUp = abortedByPerson && (await isNothingPromoted(context, record.from));
  // What keeps it from being written is said by the second try.
  if (wasPutOff) await freeWorkload(context, record, givenUp).catch(() => undefined);
  await ports.records.append(sitePlace(plan, here.name), record);
  await freeWorkload(context, record, givenUp);
  if (record.outcome === "not-needed") return;
  const summary = `${record.workload}: ${record.outcome}, ${record.from} to ${record.to}`;
  const notes = record.outcome === "recovered" ? plan.notes.map(({ text }) => `For people: ${text}`) : [];
  const lost = record.outcome === "recovered" ? [lossInWords(record.rpo)] : [];
  const { finishes } = record;
  const begun = finishes === undefined ? [] : [`It finished the move that ${finishes.execution} began.`];
  const lines = [summary, record.reason, ...lost, ...notes, ...begun, `Execution: ${record.execution}`];
  // A notice that fails must not undo an outcome that stands in the ledger.
  await ports.notices.publish(summary, lines.join("\n")).catch(() => undefined);
};
