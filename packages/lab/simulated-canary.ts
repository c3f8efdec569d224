import type { Databases } from "@lifeboat/cloud/database/databases";
import type { Session } from "@lifeboat/cloud/database/session";
import type { Beat, BeatAnswer, CanaryDatabase, DatabaseEndpoint } from "@lifeboat/operations/ports";

/** Where Lifeboat keeps its rows in the workload's database; the enforcer reads the lease row there. */
export const CANARY_TABLE = "lifeboat.canary";
export const LEASE_TABLE = "lifeboat.lease";
export const LIFEBOAT_USER = "lifeboat";

const TIMEOUT_MS = 3000;

/** The `canary` function's SQL against the simulated databases: the same rows and rules as `packages/aws/postgres`. */
export const createSimulatedCanary = (
  databases: () => Databases,
  region: string,
  /** Throws where IAM does not let the caller in as this user. */
  authorize: (endpoint: DatabaseEndpoint) => void = () => undefined,
): CanaryDatabase => {
  const connect = (host: string, endpoint: DatabaseEndpoint): Promise<Session> => {
    authorize(endpoint);
    return databases().connect({
      from: region,
      host,
      user: endpoint.user,
      applicationName: "lifeboat",
      timeoutMs: TIMEOUT_MS,
    });
  };
  const using = async <Result>(session: Session, use: () => Promise<Result>): Promise<Result> => {
    try {
      return await use();
    } finally {
      session.close();
    }
  };
  const rowOf = async (session: Session, table: string, workload: string) =>
    (await session.select(table)).find(({ row }) => row["workload"] === workload)?.row;
  const newestIn = async (session: Session, workload: string): Promise<Beat | null> => {
    const row = await rowOf(session, CANARY_TABLE, workload);
    return row === undefined
      ? null
      : { sequence: Number(row["sequence"]), writtenAtMs: Number(row["writtenAtMs"]) };
  };
  return {
    writeBeat: async (
      endpoint,
      { workload, holder, epoch, admitsForMs, writtenAtMs },
    ): Promise<BeatAnswer> => {
      let session: Session;
      try {
        session = await connect(endpoint.writerHost, endpoint);
      } catch (error) {
        return { type: "unreached", reason: error instanceof Error ? error.message : String(error) };
      }
      return using(session, async () => {
        const [lease, refreshedAtMs] = await Promise.all([
          rowOf(session, LEASE_TABLE, workload),
          session.clockMs(),
        ]);
        const validForMs = admitsForMs === null ? null : admitsForMs();
        if (validForMs !== null && validForMs <= 0)
          throw new Error(`the beat of "${workload}" comes too late to admit anybody`);
        if (lease !== undefined && Number(lease["epoch"]) > epoch) {
          throw new Error(`the lease row of "${workload}" belongs to a later epoch than ${epoch}`);
        }
        if (validForMs !== null) {
          const revision = Number(lease?.["revision"] ?? 0) + 1;
          const row = { workload, holder, epoch, revision, refreshedAtMs, validForMs };
          await session.upsert(LEASE_TABLE, workload, row);
        }
        const sequence = ((await newestIn(session, workload))?.sequence ?? 0) + 1;
        await session.upsert(CANARY_TABLE, workload, { workload, sequence, writtenAtMs });
        return { type: "written", sequence, writtenAtMs };
      });
    },
    readNewest: async (endpoint, workload) => {
      const session = await connect(endpoint.readerHost, endpoint);
      return using(session, () => newestIn(session, workload));
    },
  };
};
