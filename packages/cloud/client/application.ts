import type { Databases } from "../database/databases.ts";
import type { Session } from "../database/session.ts";
import { SqlError } from "../database/sql-error.ts";
import type { Application } from "../services/elb/load-balancer.ts";
import type { WriteReply } from "./rows.ts";

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
  const sessions = new Map<string, Promise<Session>>();
  return async ({ request, region, task }) => {
    if (request.method !== "POST") return { status: 200, body: "ok" };
    const { sequence } = JSON.parse(request.body) as { sequence: number };
    const session =
      sessions.get(task.id) ??
      databases.connect({
        from: region,
        host: writerEndpoint(region),
        user,
        applicationName: task.service,
        timeoutMs,
      });
    sessions.set(task.id, session);
    try {
      await (await session).insert(table, { sequence, region });
    } catch (error) {
      // Another write may have replaced the connection meanwhile; only the one that failed is dropped.
      if (sessions.get(task.id) === session) sessions.delete(task.id);
      return { status: 500, body: error instanceof SqlError ? error.code : String(error) };
    }
    const reply: WriteReply = { sequence, region };
    return { status: 200, body: JSON.stringify(reply) };
  };
};
