import { QUIET } from "../kernel/clock.ts";
import type { World } from "../kernel/world.ts";
import type { Database } from "./database.ts";
import { SqlError } from "./sql-error.ts";

export interface EnforcerOptions {
  /**
   * Where the lease row lives: columns `holder`, `revision`, `refreshedAtMs` (by the database's clock), `validForMs`. Renewing is
   * an upsert of another revision.
   */
  readonly table: string;
  readonly key: string;
  /** May connect and write whatever the lease says: whoever renews it, and the people who repair. */
  readonly privilegedUser: string;
  /** How often the job looks. */
  readonly everyMs?: number;
}

export interface Enforcer {
  /** The row was refreshed longer ago than it is valid for, by the database's own clock. */
  isStale(): boolean;
  /** The job has seen that and keeps the door shut. */
  isEngaged(): boolean;
}

/**
 * A fence inside the writer: a trigger on every table refuses writes while the lease row is stale, and a job (as
 * pg_cron would run it) ends the sessions of all but the privileged user (`pg_terminate_backend`) and takes their
 * right to log in. It lifts by itself when the row is renewed. It counts from when the row says that it was refreshed, by
 * the database's own clock. On a reader it does nothing; after a promotion it starts from what the row then says, so
 * that a new writer stays shut until somebody with a valid lease renews the row.
 */
export const installEnforcer = (
  world: World,
  database: Database,
  { table, key, privilegedUser, everyMs = 1000 }: EnforcerOptions,
): Enforcer => {
  let engaged = false;

  const isStale = (): boolean => {
    const lease = database.volume().row(table, key);
    // No lease row at all: nobody has ever been allowed to write.
    if (lease === undefined) return true;
    const validForMs = Number(lease.row["validForMs"]);
    return !(world.clock.nowMs() - Number(lease.row["refreshedAtMs"]) < validForMs);
  };

  const look = (): unknown => {
    if (!database.isRunning() || database.mode() !== "read-write") return QUIET;
    engaged = isStale();
    // A client hears of it with its next statement: nobody waits for this.
    if (engaged)
      database.endSessions(
        (session) => session.user !== privilegedUser,
        "terminating connection due to administrator command",
      );
    return QUIET;
  };
  database.addGuard({
    refuseConnection: (user) =>
      engaged && database.mode() === "read-write" && user !== privilegedUser
        ? new SqlError("28000", `role "${user}" is not permitted to log in`)
        : undefined,
    refuseWrite: (user) =>
      user !== privilegedUser && isStale()
        ? new SqlError(
            "25006",
            "cannot execute INSERT in a read-only transaction: the writer's lease has run out",
          )
        : undefined,
  });
  world.clock.every(everyMs, look);
  return { isStale, isEngaged: () => engaged };
};
