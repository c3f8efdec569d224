import { Signer } from "@aws-sdk/rds-signer";
import type { Beat, BeatAnswer, CanaryDatabase, DatabaseEndpoint } from "@lifeboat/operations/ports";
import { Client } from "pg";
import type { Connection } from "./connection.ts";

/**
 * The tables that Lifeboat keeps in a workload's database. The enforcer (a job inside Postgres) reads the lease row:
 * when `refreshed_at + valid_for` lies in the past by the database's own clock, it ends writers' sessions.
 */
export const SCHEMA = `
create schema if not exists lifeboat;
create table if not exists lifeboat.canary (
  workload text not null, sequence bigint not null, written_at_ms bigint not null, primary key (workload, sequence));
create table if not exists lifeboat.lease (
  workload text primary key, holder text not null, epoch bigint not null,
  refreshed_at timestamptz not null, valid_for interval not null);
`;

/**
 * Whole microseconds since 1970, the database's own grain, as a number: it goes back as it came. As text it would depend on the
 * database's DateStyle: any but ISO names the zone by an abbreviation, which is read again by a table that does not know the zone (IST is
 * Israel's). Exact in either type that `extract` has had: numeric since PostgreSQL 14, double precision before.
 */
const TELL_TIME = `select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now_us`;

/**
 * A row of an older epoch never replaces one of a newer: a beat that comes late changes nothing. `to_timestamp` takes double precision,
 * and rounds to the microsecond: exact for two centuries yet.
 */
const REFRESH_LEASE = `
insert into lifeboat.lease (workload, holder, epoch, refreshed_at, valid_for)
values ($1, $2, $3, to_timestamp($4::bigint / 1e6), make_interval(secs => $5))
on conflict (workload) do update
  set holder = excluded.holder, epoch = excluded.epoch, refreshed_at = excluded.refreshed_at, valid_for = excluded.valid_for
  where lifeboat.lease.epoch <= excluded.epoch
returning epoch`;

const LATER_LEASE = `select from lifeboat.lease where workload = $1 and epoch > $2`;

const INSERT_CANARY = `
insert into lifeboat.canary (workload, sequence, written_at_ms)
select $1, coalesce(max(sequence), 0) + 1, $2 from lifeboat.canary where workload = $1
returning sequence, written_at_ms`;

const PRUNE_CANARIES = `delete from lifeboat.canary where workload = $1 and sequence < $2`;

const NEWEST_CANARY = `
select sequence, written_at_ms from lifeboat.canary where workload = $1 order by sequence desc limit 1`;

/** Canaries are kept for a few hours of beats: enough to measure any loss, little enough to cost nothing. */
const KEPT_CANARIES = 2000;

const TIMEOUT_MS = 3000;

/** A login that is good for 15 minutes; `null` leaves the password to the driver's own settings. */
export type Password = (endpoint: DatabaseEndpoint) => Promise<string> | null;

/** Logs in with a short-lived IAM token: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html */
export const iamPassword =
  (connection: Connection): Password =>
  (endpoint) =>
    new Signer({
      region: endpoint.region ?? connection.region,
      hostname: endpoint.writerHost,
      port: 5432,
      username: endpoint.user,
    }).getAuthToken();

interface CanaryRow {
  readonly sequence: string;
  readonly written_at_ms: string;
}

const toBeat = (row: CanaryRow): Beat => ({
  sequence: Number(row.sequence),
  writtenAtMs: Number(row.written_at_ms),
});

/** False: the row is a later epoch's. Throws where it would admit nobody any more. */
const refreshLease = async (
  client: Client,
  { workload, holder, epoch }: { readonly workload: string; readonly holder: string; readonly epoch: number },
  admitsForMs: () => number,
): Promise<boolean> => {
  const told = await client.query<{ readonly now_us: string }>(TELL_TIME);
  const nowUs = told.rows[0]?.now_us;
  const admittedMs = admitsForMs();
  if (nowUs === undefined || admittedMs <= 0)
    throw new Error(`the beat of "${workload}" comes too late to admit anybody`);
  const lease = await client.query(REFRESH_LEASE, [workload, holder, epoch, nowUs, admittedMs / 1000]);
  return lease.rowCount !== 0;
};

/** Canary rows and the enforcer's lease row in a real Postgres. Each call has its own connection and ends it. */
export const createPostgresCanary = (password: Password, tls: boolean): CanaryDatabase => {
  const connect = async (host: string, endpoint: DatabaseEndpoint): Promise<Client> => {
    const secret = await password({ ...endpoint, writerHost: host });
    const client = new Client({
      host,
      database: endpoint.database,
      user: endpoint.user,
      ...(secret === null ? {} : { password: secret }),
      ...(tls ? { ssl: { rejectUnauthorized: true } } : {}),
      application_name: "lifeboat",
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    await client.connect();
    return client;
  };
  const using = async <Result>(client: Client, use: () => Promise<Result>): Promise<Result> => {
    try {
      return await use();
    } finally {
      await client.end();
    }
  };
  return {
    writeBeat: async (endpoint, beat): Promise<BeatAnswer> => {
      let client: Client;
      try {
        client = await connect(endpoint.writerHost, endpoint);
      } catch (error) {
        return { type: "unreached", reason: error instanceof Error ? error.message : String(error) };
      }
      return using(client, async () => {
        const isOurs =
          beat.admitsForMs === null
            ? (await client.query(LATER_LEASE, [beat.workload, beat.epoch])).rowCount === 0
            : await refreshLease(client, beat, beat.admitsForMs);
        if (!isOurs)
          throw new Error(`the lease row of "${beat.workload}" belongs to a later epoch than ${beat.epoch}`);
        const { rows } = await client.query<CanaryRow>(INSERT_CANARY, [beat.workload, beat.writtenAtMs]);
        const row = rows[0];
        if (row === undefined) throw new Error("the canary's insert returned no row");
        const written = toBeat(row);
        await client.query(PRUNE_CANARIES, [beat.workload, written.sequence - KEPT_CANARIES]);
        return { type: "written", ...written };
      });
    },
    readNewest: async (endpoint, workload) => {
      const client = await connect(endpoint.readerHost, endpoint);
      return using(client, async () => {
        const { rows } = await client.query<CanaryRow>(NEWEST_CANARY, [workload]);
        return rows[0] === undefined ? null : toBeat(rows[0]);
      });
    },
  };
};
