import { QUIET } from "../kernel/clock.ts";
import { promised, type Later } from "../kernel/later.ts";
import type { Place } from "../kernel/network.ts";
import type { World } from "../kernel/world.ts";
import type { Database, ServerSession } from "./database.ts";
import { SqlError } from "./sql-error.ts";
import type { Row, StoredRow } from "./volume.ts";

/** Postgres opens a connection in several round trips: TCP, TLS, authentication. */
const ROUND_TRIPS_TO_CONNECT = 3;
/** Aurora acknowledges a commit after four of six storage nodes in the region have it: a few milliseconds. */
const COMMIT_MS = 4;

/** Who connects, from where, to which host name. */
export interface ConnectOptions {
  readonly from: Place;
  readonly host: string;
  readonly user: string;
  readonly applicationName: string;
  /** The client's own limit for connecting, then for each statement. Without one it waits for ever, as drivers do. */
  readonly timeoutMs?: number;
}

/**
 * An open connection. Every method takes virtual time and rejects with {@link SqlError}. A session outlives the
 * revocation of whatever let it in: it goes on until it is closed, its server stops, or the server ends it.
 * A write whose reply got lost may have taken effect.
 */
export interface Session {
  /** Adds a row under a key of its own. Resolves when the commit is acknowledged. */
  insert(table: string, row: Row): Promise<void>;
  /** As {@link insert}, for those who write all day. */
  inserting(table: string, row: Row): Later<void>;
  /**
   * Puts a row under `key`, replacing what is there: `INSERT … ON CONFLICT DO UPDATE`. With `replaces` only a row whose
   * column is at most so much is replaced; answers false where it was not.
   */
  upsert(
    table: string,
    key: string,
    row: Row,
    replaces?: { readonly column: string; readonly atMost: number },
  ): Promise<boolean>;
  /** Deletes the row under `key`, where there is one. */
  remove(table: string, key: string): Promise<void>;
  select(table: string): Promise<readonly StoredRow[]>;
  /** `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool`. */
  isReadOnly(): Promise<boolean>;
  /** `SELECT clock_timestamp()`. */
  clockMs(): Promise<number>;
  close(): void;
}

/** What a client does on its connection to a server. */
interface Line {
  readonly from: Place;
  readonly timeoutMs: number | undefined;
  /** What the client says when its timeout is over. */
  readonly timeout: (ms: number) => SqlError;
}

/** Runs `work` on the server, `hops` hops away and one back; what gets no answer ends with the client's timeout or never. */
const exchange =
  <Result>(
    world: World,
    database: Database,
    { from, timeoutMs, timeout }: Line,
    { hops, workMs }: { readonly hops: number; readonly workMs: number },
    work: () => Result,
  ): Later<Result> =>
  ({ done, failed }) => {
    const { clock, network } = world;
    let isOver = false;
    const expire = (limitMs: number): unknown => {
      isOver = true;
      return failed(timeout(limitMs));
    };
    const cancel = timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => expire(timeoutMs));
    const oneWayMs = network.latencyMs(from, database.region);
    clock.after(oneWayMs * hops + workMs, () => {
      if (!network.reachesData(from, database.region)) {
        world.faults.unreached?.(from, database.region);
        return QUIET;
      }
      // What the server does to its rows is known to the client when the reply is there, and to others when they look.
      let result: { readonly value: Result } | { readonly error: unknown };
      try {
        result = { value: work() };
      } catch (error) {
        result = { error };
      }
      clock.after(oneWayMs, () => {
        if (!network.reachesData(database.region, from)) {
          world.faults.unreached?.(database.region, from);
          return QUIET;
        }
        if (isOver) return QUIET;
        cancel?.();
        if ("value" in result) return done(result.value);
        return failed(result.error instanceof Error ? result.error : new Error(String(result.error)));
      });
      return QUIET;
    });
    return QUIET;
  };

const STATEMENT = { hops: 1, workMs: 1 } as const;
const COMMIT = { hops: 1, workMs: COMMIT_MS } as const;
const CONNECT = { hops: ROUND_TRIPS_TO_CONNECT * 2 - 1, workMs: 2 } as const;

const sessionOn = (
  world: World,
  database: Database,
  server: ServerSession,
  { from, host, timeoutMs }: ConnectOptions,
): Session => {
  const line: Line = {
    from,
    timeoutMs,
    timeout: (ms) => new SqlError("08006", `no answer from ${host} within ${ms} ms`),
  };
  const statement = <Result>(cost: typeof STATEMENT | typeof COMMIT, work: () => Result): Promise<Result> =>
    promised(exchange(world, database, line, cost, work));
  const inserting = (table: string, row: Row): Later<void> =>
    exchange(world, database, line, COMMIT, () => database.write(server, { table, row }));
  return {
    insert: (table, row) => promised(inserting(table, row)),
    inserting,
    upsert: (table, key, row, replaces) =>
      statement(COMMIT, () => {
        database.check(server);
        const present = database.volume().row(table, key);
        if (replaces !== undefined && present !== undefined) {
          if (Number(present.row[replaces.column]) > replaces.atMost) return false;
        }
        database.write(server, { table, key, row });
        return true;
      }),
    remove: (table, key) => statement(COMMIT, () => database.write(server, { table, key, row: undefined })),
    select: (table) =>
      statement(STATEMENT, () => {
        database.check(server);
        return database.volume().rows(table);
      }),
    isReadOnly: () =>
      statement(STATEMENT, () => {
        database.check(server);
        return database.mode() !== "read-write";
      }),
    clockMs: () =>
      statement(STATEMENT, () => {
        database.check(server);
        return world.clock.nowMs();
      }),
    close() {
      database.endSessions((session) => session === server, "the client closed the connection");
    },
  };
};

/** Opens a session on `database`. Rejects with `08001` when nothing answers in time, or with what the server says. */
export const openSession = (world: World, database: Database, options: ConnectOptions): Promise<Session> => {
  const line: Line = {
    from: options.from,
    timeoutMs: options.timeoutMs,
    timeout: (ms) => new SqlError("08001", `could not connect to ${options.host} within ${ms} ms`),
  };
  return promised(
    exchange(world, database, line, CONNECT, () =>
      sessionOn(world, database, database.open(options.user, options.applicationName), options),
    ),
  );
};
