/** A column's value. */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

/** A row as a copy of the database holds it. */
export interface StoredRow {
  readonly key: string;
  readonly row: Row;
  /** When this copy got the row's present content, by this copy's own clock. */
  readonly changedAtMs: number;
  /** Place in the log of the change that made it. */
  readonly position: number;
}

/** One committed change. A timeline starts with each promotion, as in PostgreSQL's write-ahead log. */
export interface LogEntry {
  readonly position: number;
  readonly timeline: number;
  readonly table: string;
  readonly key: string;
  /** Undefined: the row was deleted. */
  readonly row: Row | undefined;
  readonly committedAtMs: number;
}

/** What a statement writes. */
export interface Change {
  readonly table: string;
  readonly key?: string;
  readonly row: Row | undefined;
}

/** The storage of one cluster: tables of rows, and the ordered log of the changes that made them. */
export interface Volume {
  /** Commits a change. Without a key the row gets one of its own; without a row the key's row is deleted. */
  commit(change: Change & { readonly atMs: number }): LogEntry;
  /** Applies a change that another volume committed. Entries come in order. */
  apply(entry: LogEntry, atMs: number): void;
  rows(table: string): readonly StoredRow[];
  row(table: string, key: string): StoredRow | undefined;
  log(): readonly LogEntry[];
  position(): number;
  timeline(): number;
  /** Goes on under a timeline of its own: what was committed elsewhere after this position is no longer part of it. */
  fork(): void;
  /** An independent volume with the same content, as of now. */
  clone(): Volume;
}

interface Content {
  readonly log: LogEntry[];
  readonly tables: Map<string, Map<string, StoredRow>>;
  timeline: number;
}

const volumeOf = (content: Content): Volume => {
  const store = (entry: LogEntry, atMs: number): void => {
    content.log.push(entry);
    const table = content.tables.get(entry.table) ?? new Map<string, StoredRow>();
    content.tables.set(entry.table, table);
    if (entry.row === undefined) {
      table.delete(entry.key);
      return;
    }
    const before = table.get(entry.key);
    // A write that changes nothing is no change: a repeated renewal of a lease must not look like a new one.
    const same = before !== undefined && JSON.stringify(before.row) === JSON.stringify(entry.row);
    const changedAtMs = same ? before.changedAtMs : atMs;
    table.set(entry.key, { key: entry.key, row: entry.row, changedAtMs, position: entry.position });
  };
  const position = (): number => content.log.at(-1)?.position ?? 0;
  return {
    commit({ table, key, row, atMs }) {
      const next = position() + 1;
      const entry: LogEntry = {
        position: next,
        timeline: content.timeline,
        table,
        key: key ?? `row-${content.timeline}-${next}`,
        row,
        committedAtMs: atMs,
      };
      store(entry, atMs);
      return entry;
    },
    apply(entry, atMs) {
      content.timeline = entry.timeline;
      store(entry, atMs);
    },
    rows: (table) => [...(content.tables.get(table)?.values() ?? [])],
    row: (table, key) => content.tables.get(table)?.get(key),
    log: () => content.log,
    position,
    timeline: () => content.timeline,
    fork() {
      content.timeline += 1;
    },
    clone: () =>
      volumeOf({
        log: [...content.log],
        tables: new Map([...content.tables].map(([name, table]) => [name, new Map(table)])),
        timeline: content.timeline,
      }),
  };
};

/** An empty volume on its first timeline. */
export const createVolume = (): Volume => volumeOf({ log: [], tables: new Map(), timeline: 1 });
