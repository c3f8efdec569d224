import type { Database } from "../database/database.ts";
import { acknowledged, type AcknowledgedWrite, type WriteRow } from "./rows.ts";

/** A time in which no write got through, as the client saw it. */
export interface Outage {
  /** When the first write that failed was sent. */
  readonly onsetMs: number;
  /** When the last write before it was acknowledged; undefined when none was. The outage began after it was sent. */
  readonly lastAcknowledgedAtMs: number | undefined;
  /** When the first write after it was acknowledged; undefined while it lasts. */
  readonly backAtMs: number | undefined;
  readonly failedWrites: number;
}

/** The outages in the order of their onset. One failed write between two good ones is an outage too, a short one. */
export const outages = (rows: readonly WriteRow[]): Outage[] => {
  const found: Outage[] = [];
  let lastAcknowledgedAtMs: number | undefined;
  let open: { onsetMs: number; lastAcknowledgedAtMs: number | undefined; failedWrites: number } | undefined;
  for (const { sentAtMs, outcome } of rows) {
    if (outcome.type === "pending") continue;
    if (outcome.type === "failed") {
      open ??= { onsetMs: sentAtMs, lastAcknowledgedAtMs, failedWrites: 0 };
      open.failedWrites += 1;
      continue;
    }
    lastAcknowledgedAtMs = outcome.atMs;
    if (open === undefined) continue;
    found.push({ ...open, backAtMs: outcome.atMs });
    open = undefined;
  }
  return open === undefined ? found : [...found, { ...open, backAtMs: undefined }];
};

/** The outage that lasted longest (one without an end lasts longest of all); undefined without any. */
export const longestOutage = (rows: readonly WriteRow[]): Outage | undefined => {
  const lengthMs = ({ onsetMs, backAtMs = Number.POSITIVE_INFINITY }: Outage): number => backAtMs - onsetMs;
  return outages(rows).reduce<Outage | undefined>(
    (longest, outage) => (longest === undefined || lengthMs(outage) > lengthMs(longest) ? outage : longest),
    undefined,
  );
};

/** Acknowledged writes that the surviving timeline does not have. */
export interface DataLoss {
  readonly missing: readonly AcknowledgedWrite[];
  /**
   * Milliseconds of acknowledged writes that are gone: between the first and the last that is missing (`min`), and from
   * the newest before them that survived to the last that is missing (`max`). Both 0 where nothing is missing.
   */
  readonly spanMs: { readonly min: number; readonly max: number };
}

/** Compares the client's receipts with the sequence numbers that survived. */
export const dataLoss = (rows: readonly WriteRow[], survived: ReadonlySet<number>): DataLoss => {
  const receipts = acknowledged(rows);
  const missing = receipts.filter(({ sequence }) => !survived.has(sequence));
  const first = missing[0];
  const last = missing.at(-1);
  if (first === undefined || last === undefined) return { missing, spanMs: { min: 0, max: 0 } };
  const before = receipts.filter((write) => write.sequence < first.sequence).at(-1);
  return {
    missing,
    spanMs: {
      min: last.acknowledgedAtMs - first.acknowledgedAtMs,
      max: last.acknowledgedAtMs - (before ?? first).acknowledgedAtMs,
    },
  };
};

/** The sequence numbers in a table of a database. */
export const sequencesIn = (database: Database, table: string): Set<number> =>
  new Set(
    database
      .volume()
      .rows(table)
      .map(({ row }) => Number(row["sequence"])),
  );

/** One commit of a writer, with the timeline it was made on. */
export interface Commit {
  readonly atMs: number;
  readonly region: string;
  readonly timeline: number;
  readonly key: string;
}

/** Keeps every commit to one of the tables in any of the databases from now on, in order of time; rebuilt volumes forget theirs. */
export const recordCommits = (
  databases: readonly Database[],
  ...tables: readonly string[]
): readonly Commit[] => {
  const commits: Commit[] = [];
  for (const database of databases) {
    database.onCommit((entry) => {
      if (!tables.includes(entry.table)) return;
      const { committedAtMs: atMs, timeline, key } = entry;
      commits.push({ atMs, region: database.region, timeline, key });
    });
  }
  return commits;
};

/** Commits on a timeline after a newer one had its first: two writers served at once. Empty where there was one at any time. */
export const commitsOnDeadTimelines = (commits: readonly Commit[]): Commit[] => {
  let newest = 0;
  return commits.filter(({ timeline }) => {
    newest = Math.max(newest, timeline);
    return timeline < newest;
  });
};

/**
 * The same from the client's receipts alone: writes that one region acknowledged although they were sent after another
 * region's acknowledgement, with that other region acknowledging again within `withinMs`. A failback is no
 * interleaving: the region that was left stays silent.
 */
export const interleavedWrites = (rows: readonly WriteRow[], withinMs = 30_000): AcknowledgedWrite[] => {
  const receipts = acknowledged(rows).sort((left, right) => left.acknowledgedAtMs - right.acknowledgedAtMs);
  const seen = (
    write: AcknowledgedWrite,
    from: number,
    step: 1 | -1,
    matches: (other: AcknowledgedWrite) => boolean,
  ): boolean => {
    for (let index = from; ; index += step) {
      const other = receipts[index];
      if (other === undefined || Math.abs(other.acknowledgedAtMs - write.acknowledgedAtMs) > withinMs)
        return false;
      if (other.region !== write.region && matches(other)) return true;
    }
  };
  return receipts.filter(
    (write, index) =>
      seen(write, index - 1, -1, (other) => other.acknowledgedAtMs < write.sentAtMs) &&
      seen(write, index + 1, 1, (other) => other.sentAtMs > write.acknowledgedAtMs),
  );
};
