import type { Later } from "../kernel/later.ts";
import type { Session } from "./session.ts";
import type { Row } from "./volume.ts";

/** One connection of a pool. */
export interface KeptSession {
  /** As {@link Session.insert}, on the connection that is open; opened where there is none. */
  insert(table: string, row: Row): Later<void>;
}

interface Line {
  readonly opening: Promise<Session>;
  session: Session | undefined;
}

/** Keeps the session that `connect` opens for as long as it serves: one that failed is thrown away, as pools do. */
export const keepSession = (connect: () => Promise<Session>): KeptSession => {
  let kept: Line | undefined;
  const open = (): Line => {
    const line: Line = { opening: connect(), session: undefined };
    kept = line;
    return line;
  };
  return {
    insert: (table, row) => (hearer) => {
      const line = kept ?? open();
      const failed = (error: Error): unknown => {
        // Another write may have replaced the connection meanwhile; only the one that failed is dropped.
        if (kept === line) kept = undefined;
        return hearer.failed(error);
      };
      const insert = (session: Session): unknown => {
        line.session = session;
        return session.inserting(table, row)({ done: hearer.done, failed });
      };
      if (line.session !== undefined) return insert(line.session);
      line.opening.then(insert, failed);
      return undefined;
    },
  };
};
