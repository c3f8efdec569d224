import type { Databases } from "../database/databases.ts";
import { keepSession, type KeptSession } from "../database/kept-session.ts";
import { SqlError } from "../database/sql-error.ts";
import type { Application } from "../services/elb/load-balancer.ts";
import { spellReply } from "./rows.ts";

export interface WorkloadApplicationOptions {
  readonly databases: Databases;
  /** The writer endpoint that a region's tasks are configured with. */
  readonly writerEndpoint: (region: string) => string;
  readonly user: string;
  /** The table that a write becomes a row of: `{ sequence, region }`. */
  readonly table: string;
  /** The driver's limit for connecting and for a statement. */
  readonly timeoutMs?: number;
}

/**
 * The workload's server: each task holds one connection to its region's writer and turns each write into a row. It
 * acknowledges only what was committed; a connection that failed is thrown away and opened again at the next write.
 */
export const createWorkloadApplication = ({
  databases,
  writerEndpoint,
  user,
  table,
  timeoutMs = 1500,
}: WorkloadApplicationOptions): Application => {
  const sessions = new Map<string, KeptSession>();
  const sessionOf = (
    task: { readonly id: string; readonly service: string },
    region: string,
  ): KeptSession => {
    const known = sessions.get(task.id);
    if (known !== undefined) return known;
    const session = keepSession(() =>
      databases.connect({
        from: region,
        host: writerEndpoint(region),
        user,
        applicationName: task.service,
        timeoutMs,
      }),
    );
    sessions.set(task.id, session);
    return session;
  };
  return ({ request, region, task }) => {
    if (request.method !== "POST") return { status: 200, body: "ok" };
    const sequence = Number(request.body);
    const insert = sessionOf(task, region).insert(table, { sequence, region });
    return ({ done }) =>
      insert({
        done: () => done({ status: 200, body: spellReply({ sequence, region }) }),
        failed: (error) =>
          done({ status: 500, body: error instanceof SqlError ? error.code : String(error) }),
      });
  };
};
