import type { Databases } from "../database/databases.ts";
import { keepSession } from "../database/kept-session.ts";
import { QUIET } from "../kernel/clock.ts";
import type { Place } from "../kernel/network.ts";
import type { World } from "../kernel/world.ts";
import type { WriteOutcome, WriteRow } from "./rows.ts";

export interface ResidentWriterOptions {
  readonly databases: Databases;
  /** Where it runs; it never moves. */
  readonly region: Place;
  /** The writer endpoint of that region's own cluster: no name that a recovery moves. */
  readonly host: string;
  readonly user: string;
  readonly table: string;
  readonly everyMs?: number;
  /** The driver's limit for connecting and for a statement. */
  readonly timeoutMs?: number;
}

export interface ResidentWriter {
  start(): void;
  rows(): readonly WriteRow[];
}

/**
 * A job that lives beside one region's database and writes to it for as long as it is let: no DNS name, switch or load
 * balancer stands between them, so what stops it is the database's own fence or nothing. It keeps its session, as
 * pools do. Where it is refused, that is as it should be; a receipt of the old primary's after one of the new is not.
 */
export const createResidentWriter = (
  world: World,
  { databases, region, host, user, table, everyMs = 5000, timeoutMs = 1500 }: ResidentWriterOptions,
): ResidentWriter => {
  const rows: WriteRow[] = [];
  const session = keepSession(() =>
    databases.connect({ from: region, host, user, applicationName: "resident", timeoutMs }),
  );

  const tick = (): unknown => {
    const row: WriteRow = {
      sequence: rows.length + 1,
      sentAtMs: world.clock.nowMs(),
      outcome: { type: "pending" },
    };
    rows.push(row);
    const end = (outcome: WriteOutcome): unknown => {
      row.outcome = outcome;
      return QUIET;
    };
    const sent = session.insert(table, { sequence: row.sequence, region })({
      done: () => end({ type: "acknowledged", atMs: world.clock.nowMs(), region, status: 200 }),
      failed: ({ message }) => end({ type: "failed", atMs: world.clock.nowMs(), reason: message }),
    });
    world.clock.after(everyMs, tick);
    return sent;
  };
  return { start: tick, rows: () => rows };
};
