import type { Place } from "../kernel/network.ts";
import type { World } from "../kernel/world.ts";
import { SqlError, type SqlErrorCode } from "./sql-error.ts";
import { createVolume, type Change, type LogEntry, type Volume } from "./volume.ts";

/**
 * `read-write`: the writer. `read-only`: a reader. `fenced`: a former writer whose storage takes no more writes;
 * whoever tries hears so.
 */
export type DatabaseMode = "read-write" | "read-only" | "fenced";

/** Rules that a job or a trigger inside the database adds to its own. Each answers undefined where it has no objection. */
export interface Guard {
  refuseConnection(user: string): SqlError | undefined;
  refuseWrite(user: string, table: string): SqlError | undefined;
}

/** A session as the server sees it. */
export interface ServerSession {
  readonly user: string;
  readonly applicationName: string;
  /** Why the server ended it; undefined while it lives. */
  ended: SqlError | undefined;
}

/**
 * The servers of one cluster over one volume. This and {@link Volume} are what a real PostgreSQL would take the place
 * of; clients see `Session` only.
 */
export interface Database {
  readonly name: string;
  readonly region: Place;
  volume(): Volume;
  mode(): DatabaseMode;
  /** Servers run and accept connections. False while the region is lost. */
  isRunning(): boolean;
  sessions(): readonly ServerSession[];
  /** Opens a session or throws {@link SqlError}. */
  open(user: string, applicationName: string): ServerSession;
  /** Throws unless the session lives and the write is allowed. */
  write(session: ServerSession, change: Change): void;
  /** Throws unless the session lives. */
  check(session: ServerSession): void;
  /** Ends sessions, as `pg_terminate_backend` does. */
  endSessions(which: (session: ServerSession) => boolean, message: string): void;
  setMode(mode: DatabaseMode): void;
  start(): void;
  /** Stops the servers without a word to anybody: sessions are gone when they come back. */
  halt(): void;
  /** The servers work on another volume from now on (a rebuilt secondary). */
  attach(volume: Volume): void;
  addGuard(guard: Guard): void;
  /** Called after each commit of this writer; may set timers, but settles nothing that code waits for. */
  onCommit(listener: (entry: LogEntry) => void): void;
}

const readOnly = (verb: string): SqlError =>
  new SqlError("25006", `cannot execute ${verb} in a read-only transaction`);

/** A running, empty database in `region`. A lost region halts it; who starts it again is the control plane's business. */
export const createDatabase = (
  world: World,
  { name, region, mode }: { readonly name: string; readonly region: Place; readonly mode: DatabaseMode },
): Database => {
  let volume = createVolume();
  let current = mode;
  let running = !world.network.isLost(region);
  let sessions: ServerSession[] = [];
  const guards: Guard[] = [];
  const listeners: ((entry: LogEntry) => void)[] = [];

  const end = (which: (session: ServerSession) => boolean, code: SqlErrorCode, message: string): void => {
    const ending = sessions.filter(which);
    if (ending.length === 0) return;
    const error = new SqlError(code, message);
    for (const session of ending) session.ended = error;
    sessions = sessions.filter((session) => session.ended === undefined);
  };
  const halt = (): void => {
    running = false;
    end(() => true, "08006", "server closed the connection unexpectedly");
  };
  const check = (session: ServerSession): void => {
    const ended = session.ended;
    if (ended === undefined) return;
    // The reason arrives once, with the next statement; after that there is only a closed socket.
    session.ended = new SqlError("08006", "the connection is closed");
    throw ended;
  };
  world.network.onChange((place, lost) => {
    if (place === region && lost) halt();
  });

  return {
    name,
    region,
    volume: () => volume,
    mode: () => current,
    isRunning: () => running,
    sessions: () => sessions,
    open(user, applicationName) {
      if (!running) throw new SqlError("57P03", "the database system is starting up");
      for (const guard of guards) {
        const refusal = guard.refuseConnection(user);
        if (refusal !== undefined) throw refusal;
      }
      const session: ServerSession = { user, applicationName, ended: undefined };
      sessions.push(session);
      return session;
    },
    check,
    write(session, change) {
      check(session);
      if (current !== "read-write") throw readOnly("INSERT");
      for (const guard of guards) {
        const refusal = guard.refuseWrite(session.user, change.table);
        if (refusal !== undefined) throw refusal;
      }
      const entry = volume.commit({ ...change, atMs: world.clock.nowMs() });
      for (const listener of listeners) listener(entry);
    },
    endSessions: (which, message) => end(which, "57P01", message),
    setMode(next) {
      if (current === "read-write" && next !== "read-write") {
        // Demotion restarts the servers; no transaction survives it.
        end(() => true, "57P01", "terminating connection due to administrator command");
      }
      current = next;
    },
    start() {
      if (!world.network.isLost(region)) running = true;
    },
    halt,
    attach(next) {
      volume = next;
    },
    addGuard: (guard) => void guards.push(guard),
    onCommit: (listener) => void listeners.push(listener),
  };
};
