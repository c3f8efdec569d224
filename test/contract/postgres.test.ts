import { createPostgresCanary, SCHEMA } from "@lifeboat/aws/postgres";
import type { DatabaseEndpoint } from "@lifeboat/operations/ports";
import type { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";

const started = await startPostgres();
if ("missing" in started) process.stdout.write(`skipped: ${started.missing}\n`);

/** Only asked where a server runs. */
const server = (): PostgresServer => {
  if ("missing" in started) throw new Error(started.missing);
  return started.server;
};

describe.skipIf("missing" in started)("the canary in a real Postgres", () => {
  let admin: Client;
  const canary = createPostgresCanary(() => null, false);
  const endpoint: DatabaseEndpoint = {
    writerHost: "127.0.0.1",
    readerHost: "127.0.0.1",
    database: "workload",
    user: "lifeboat",
  };
  const beat = (changes: object = {}) =>
    canary.writeBeat(endpoint, {
      workload: "spacelift",
      holder: "ireland",
      epoch: 2,
      admitsForMs: () => 70_000,
      writtenAtMs: 1_000,
      ...changes,
    });
  const leaseRow = async (): Promise<{
    holder: string;
    epoch: number;
    validForMs: number;
    agoMs: number;
  }> => {
    const { rows } = await admin.query<{ holder: string; epoch: string; valid: string; ago: string }>(
      `select holder, epoch, extract(epoch from valid_for) * 1000 as valid,
        extract(epoch from clock_timestamp() - refreshed_at) * 1000 as ago from lifeboat.lease`,
    );
    const [row] = rows;
    if (row === undefined || rows.length > 1) throw new Error(`${rows.length} lease rows`);
    return {
      holder: row.holder,
      epoch: Number(row.epoch),
      validForMs: Number(row.valid),
      agoMs: Number(row.ago),
    };
  };

  beforeAll(async () => {
    // The driver takes from the environment what an endpoint does not say.
    process.env["PGPORT"] = String(server().port);
    const maker = await server().connect("postgres", "postgres");
    await maker.query("create role lifeboat login");
    await maker.query("create database workload owner lifeboat");
    await maker.end();
    admin = await server().connect("lifeboat", "workload");
    await admin.query(SCHEMA);
  });
  afterAll(async () => {
    await admin.end();
    await server().stop();
  });
  beforeEach(async () => {
    await admin.query("truncate lifeboat.canary, lifeboat.lease");
  });

  it("keeps a schema that may be applied again", async () => {
    await beat();
    await admin.query(SCHEMA);
    expect(await canary.readNewest(endpoint, "spacelift")).not.toBeNull();
  });

  it("has no newest row before the first beat", async () => {
    expect(await canary.readNewest(endpoint, "spacelift")).toBeNull();
  });

  it("counts its rows, and keeps the time of the site that wrote them", async () => {
    expect(await beat({ writtenAtMs: 1_795_230_000_123 })).toEqual({
      type: "written",
      sequence: 1,
      writtenAtMs: 1_795_230_000_123,
    });
    expect(await beat({ writtenAtMs: 1_795_230_010_456 })).toEqual({
      type: "written",
      sequence: 2,
      writtenAtMs: 1_795_230_010_456,
    });
    expect(await canary.readNewest(endpoint, "spacelift")).toEqual({
      sequence: 2,
      writtenAtMs: 1_795_230_010_456,
    });
  });

  it("keeps each workload's rows apart", async () => {
    await beat();
    expect(await beat({ workload: "atlantis" })).toMatchObject({ sequence: 1 });
    expect(await canary.readNewest(endpoint, "nobody")).toBeNull();
  });

  it("refreshes the lease row by the database's own clock, for as long as it was told", async () => {
    await beat();
    const row = await leaseRow();
    expect(row).toMatchObject({ holder: "ireland", epoch: 2, validForMs: 70_000 });
    expect(row.agoMs).toBeGreaterThanOrEqual(0);
    expect(row.agoMs).toBeLessThan(2000);
  });

  it("counts from before the statement, however late that is carried out", async () => {
    // Somebody holds the row for a second: the beat waits for it, as it would in a database that stands still.
    await beat({ writtenAtMs: 1 });
    await admin.query("begin");
    await admin.query("select from lifeboat.lease for update");
    const beaten = beat({ epoch: 3 });
    await admin.query("select pg_sleep(1)");
    await admin.query("commit");
    await beaten;
    const row = await leaseRow();
    expect(row).toMatchObject({ epoch: 3, validForMs: 70_000 });
    expect(row.agoMs).toBeGreaterThanOrEqual(900);
  });

  it("keeps the database's time to the microsecond", async () => {
    const clock = async (): Promise<bigint> => {
      const { rows } = await admin.query<{ us: string }>(
        "select (extract(epoch from clock_timestamp()) * 1000000)::bigint as us",
      );
      return BigInt(rows[0]?.us ?? 0);
    };
    const refreshedAtUs: bigint[] = [];
    for (let round = 0; round < 5; round++) {
      const before = await clock();
      await beat();
      const after = await clock();
      const { rows } = await admin.query<{ us: string }>(
        "select (extract(epoch from refreshed_at) * 1000000)::bigint as us from lifeboat.lease",
      );
      const refreshed = BigInt(rows[0]?.us ?? 0);
      expect(refreshed).toBeGreaterThanOrEqual(before);
      expect(refreshed).toBeLessThanOrEqual(after);
      refreshedAtUs.push(refreshed);
    }
    expect(refreshedAtUs.some((us) => us % 1000n !== 0n)).toBe(true);
  });

  // PostgreSQL 17 and older take IST for Israel's and CST for America's; an abbreviation of twelve letters is cut, and read by none.
  it.each([
    ["ISO, MDY", "UTC"],
    ["SQL, DMY", "Asia/Kolkata"],
    ["Postgres, MDY", "Asia/Shanghai"],
    ["German", "America/Sao_Paulo"],
    ["SQL, MDY", "<daylightless>-3"],
  ])(
    "refreshes the lease row by the same clock whatever way times are written (%s in %s)",
    async (style, zone) => {
      await admin.query(`alter database workload set datestyle = '${style}'`);
      await admin.query(`alter database workload set timezone = '${zone}'`);
      try {
        expect(await beat()).toMatchObject({ type: "written" });
        const { agoMs } = await leaseRow();
        expect(agoMs).toBeGreaterThanOrEqual(0);
        expect(agoMs).toBeLessThan(2000);
      } finally {
        await admin.query("alter database workload reset all");
      }
    },
  );

  it("writes nothing where it comes too late to admit anybody", async () => {
    await expect(beat({ admitsForMs: () => 0 })).rejects.toThrow(/comes too late/);
    expect(await canary.readNewest(endpoint, "spacelift")).toBeNull();
  });

  it("leaves the lease row as it is for a beat that admits nobody", async () => {
    expect(await beat({ admitsForMs: null })).toMatchObject({ type: "written", sequence: 1 });
    await expect(leaseRow()).rejects.toThrow(/0 lease rows/);
    await beat({ holder: "paris", admitsForMs: () => 50_000 });
    const told = "select refreshed_at::text as at from lifeboat.lease";
    const before = (await admin.query<{ at: string }>(told)).rows;
    expect(await beat({ epoch: 3, admitsForMs: null })).toMatchObject({ sequence: 3 });
    expect(await leaseRow()).toMatchObject({ holder: "paris", epoch: 2, validForMs: 50_000 });
    expect((await admin.query<{ at: string }>(told)).rows).toEqual(before);
  });

  it("lets an older epoch write no canary either where it admits nobody", async () => {
    await beat({ epoch: 3, holder: "paris" });
    await expect(beat({ epoch: 2, admitsForMs: null, writtenAtMs: 9_000 })).rejects.toThrow(
      /later epoch than 2/,
    );
    expect(await canary.readNewest(endpoint, "spacelift")).toMatchObject({ sequence: 1, writtenAtMs: 1_000 });
  });

  it("lets a later epoch take the lease row", async () => {
    await beat();
    await beat({ epoch: 3, holder: "paris", admitsForMs: () => 60_000 });
    expect(await leaseRow()).toMatchObject({ holder: "paris", epoch: 3, validForMs: 60_000 });
  });

  it("lets an older epoch take nothing: no lease row, no canary", async () => {
    await beat({ epoch: 3, holder: "paris" });
    await expect(beat({ epoch: 2, holder: "ireland", writtenAtMs: 9_000 })).rejects.toThrow(
      /later epoch than 2/,
    );
    expect(await leaseRow()).toMatchObject({ holder: "paris", epoch: 3 });
    expect(await canary.readNewest(endpoint, "spacelift")).toMatchObject({ sequence: 1, writtenAtMs: 1_000 });
  });

  it("keeps the last two thousand rows and prunes the rest", async () => {
    await admin.query(
      "insert into lifeboat.canary select 'spacelift', n, n from generate_series(1, 2500) n union select 'atlantis', 1, 1",
    );
    expect(await beat()).toMatchObject({ sequence: 2501 });
    const { rows } = await admin.query(
      "select workload, min(sequence)::int as first, count(*)::int from lifeboat.canary group by 1 order by 1",
    );
    expect(rows).toEqual([
      { workload: "atlantis", first: 1, count: 1 },
      { workload: "spacelift", first: 501, count: 2001 },
    ]);
  });

  it("gives two beats at once two rows or one refusal, never one row for both", async () => {
    const settled = await Promise.allSettled([beat({ writtenAtMs: 1 }), beat({ writtenAtMs: 2 })]);
    const sequences = settled.flatMap((one) =>
      one.status === "fulfilled" && one.value.type === "written" ? [one.value.sequence] : [],
    );
    expect(new Set(sequences).size).toBe(sequences.length);
    expect(sequences.length).toBeGreaterThan(0);
  });

  it("says that it reached no database, and so wrote nothing, where there is no connection", async () => {
    const nowhere = { ...endpoint, database: "nowhere", readerHost: "127.0.0.1" };
    expect(
      await canary.writeBeat(nowhere, {
        workload: "w",
        holder: "h",
        epoch: 1,
        admitsForMs: () => 1,
        writtenAtMs: 1,
      }),
    ).toEqual({ type: "unreached", reason: expect.stringMatching(/nowhere/) });
    await expect(canary.readNewest(nowhere, "w")).rejects.toThrow(/nowhere/);
  });

  it("throws where a statement fails on a connection that stands: nobody knows then what was written", async () => {
    await expect(beat({ epoch: 2 ** 70 })).rejects.toThrow(/bigint/);
  });

  it("leaves no session behind", async () => {
    await beat();
    const { rows } = await admin.query(
      "select count(*)::int from pg_stat_activity where application_name = 'lifeboat'",
    );
    expect(rows).toEqual([{ count: 0 }]);
  });
});
