import type { World } from "../kernel/world.ts";
import type { Database } from "./database.ts";
import { openSession, type ConnectOptions, type Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";

/** All databases of the account, by the host names that lead to them. */
export interface Databases {
  /**
   * Binds a host name to whatever `target` answers at the time of a connection; undefined is a name that leads
   * nowhere, as the writer endpoint of a secondary cluster does.
   */
  bind(host: string, target: () => Database | undefined): void;
  /** Opens a session. Rejects with {@link SqlError}: `08001` where the name leads nowhere. */
  connect(options: ConnectOptions): Promise<Session>;
  /** The database behind a host name now, for fixtures and judges. */
  at(host: string): Database | undefined;
}

export const createDatabases = (world: World): Databases => {
  const hosts = new Map<string, () => Database | undefined>();
  return {
    bind: (host, target) => void hosts.set(host, target),
    connect(options) {
      const database = hosts.get(options.host)?.();
      if (database !== undefined) return openSession(world, database, options);
      return new Promise((_resolve, reject) => {
        world.clock.after(1, () =>
          reject(new SqlError("08001", `could not translate host name "${options.host}" to address`)),
        );
      });
    },
    at: (host) => hosts.get(host)?.(),
  };
};
