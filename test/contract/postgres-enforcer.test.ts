import { createPostgresCanary } from "@lifeboat/aws/postgres";
import { enforcerSql } from "@lifeboat/aws/postgres-enforcer";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";

const started = await startPostgres();
if ("missing" in started) process.stdout.write(`skipped: ${started.missing}\n`);

const server = (): PostgresServer => {
  if ("missing" in started) throw new Error(started.missing);
  return started.server;
};

it("refuses a role name that would need quoting", () => {
  expect(() => enforcerSql('lifeboat"; drop table x; --')).toThrow(RangeError);
});

describe.skipIf("missing" in started)("the enforcer in a real Postgres", () => {
  const canary = createPostgresCanary(() => null, false);
  const sessions: Client[] = [];
  const superuser = (): Promise<Client> => open("postgres");

  const open = async (user: string): Promise<Client> => {
    const client = await server().connect(user, "workload");
    sessions.push(client);
    return client;
  };

  /** The control plane's beat, as the canary function makes it. */
  const beat = (validForMs: number, epoch = 1) =>
    canary.writeBeat(
      { writerHost: "127.0.0.1", readerHost: "127.0.0.1", database: "workload", user: "lifeboat" },
      { workload: "spacelift", holder: "ireland", epoch, admitsForMs: () => validForMs, writtenAtMs: 1 },
    );

  /** A lease that was fresh and has run out. */
  const letRunOut = async (): Promise<void> => {
    await beat(50);
    await sleep(100);
  };

  /** One run of the job, as the privileged role that schedules it. */
  const enforce = async (): Promise<string> => {
    const client = await open("lifeboat");
    const { rows } = await client.query<{ enforce: string }>("select lifeboat.enforce('lifeboat')");
    return rows[0]?.enforce ?? "nothing";
  };

  const write = (client: Client): Promise<unknown> =>
    client.query("insert into public.runs (name) values ('run')");

  const isAdmitted = async (user: string): Promise<boolean> => {
    try {
      await (await open(user)).query("select 1");
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "42501" });
      return false;
    }
  };

  /** Every grant on the database, as Postgres writes them. */
  const connectGrants = async (): Promise<readonly string[]> => {
    const { rows } = await (
      await superuser()
    ).query<{ entry: string }>(
      "select unnest(datacl)::text as entry from pg_database where datname = 'workload' order by 1",
    );
    return rows.map(({ entry }) => entry);
  };

  beforeAll(async () => {
    process.env["PGPORT"] = String(server().port);
    const maker = await server().connect("postgres", "postgres");
    // As on RDS: who installs owns the database and may signal sessions, and is no superuser.
    await maker.query("create role installer login in role pg_signal_backend, pg_read_all_stats");
    for (const role of ["lifeboat", "app", "reports", "bare"]) await maker.query(`create role ${role} login`);
    await maker.query("create role replica login replication");
    await maker.end();
  });
  afterAll(() => server().stop());

  beforeEach(async () => {
    const maker = await server().connect("postgres", "postgres");
    await maker.query("create database workload owner installer");
    await maker.end();
    const installer = await open("installer");
    await installer.query(
      "create table public.runs (name text); grant insert, select, truncate on public.runs to app",
    );
    await installer.query(enforcerSql("lifeboat"));
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((client) => client.end().catch(() => undefined)));
    const maker = await server().connect("postgres", "postgres");
    await maker.query("drop database workload with (force)");
    await maker.end();
  });

  it("is installed twice without a change", async () => {
    await letRunOut();
    await enforce();
    await (await superuser()).query(enforcerSql("lifeboat"));
    expect(await isAdmitted("app")).toBe(false);
  });

  it("enforces nothing before the first beat", async () => {
    const app = await open("app");
    expect(await enforce()).toBe("open");
    await write(app);
  });

  it("leaves everybody alone while the lease is fresh", async () => {
    const app = await open("app");
    const before = await connectGrants();
    await beat(60_000);
    expect(await enforce()).toBe("open");
    await write(app);
    expect(await isAdmitted("reports")).toBe(true);
    expect(await connectGrants()).toEqual(before);
  });

  it("ends established sessions once the lease is stale, in the middle of their transaction", async () => {
    const app = await open("app");
    await beat(300);
    await app.query("begin");
    await write(app);
    await sleep(400);
    expect(await enforce()).toMatch(/^closed: 2 sessions ended, 0 could not be$/);
    await expect(app.query("commit")).rejects.toThrow(/terminat|not queryable/);
    const { rows } = await (await superuser()).query("select count(*)::int from public.runs");
    expect(rows).toEqual([{ count: 0 }]);
  });

  it("refuses new sessions once the lease is stale, the owner's too", async () => {
    await letRunOut();
    await enforce();
    expect(await isAdmitted("app")).toBe(false);
    expect(await isAdmitted("installer")).toBe(false);
  });

  it("always lets the privileged role and superusers in, and leaves their sessions and replication's alone", async () => {
    const before = await Promise.all([open("lifeboat"), superuser(), open("replica")]);
    await letRunOut();
    await enforce();
    for (const client of before) await client.query("select 1");
    expect(await isAdmitted("lifeboat")).toBe(true);
    await (await superuser()).query("select 1");
  });

  it("does so, too, where a superuser installed it", async () => {
    const root = await superuser();
    await root.query("alter function lifeboat.enforce(name) owner to postgres");
    await letRunOut();
    await enforce();
    await root.query("select 1");
  });

  it("lets the privileged role in although somebody took its own grant away", async () => {
    await letRunOut();
    await (await superuser()).query("revoke connect on database workload from lifeboat");
    await enforce();
    await beat(60_000);
    expect(await isAdmitted("app")).toBe(true);
  });

  it("leaves the sessions of other databases on the server alone", async () => {
    const elsewhere = await server().connect("app", "postgres");
    await letRunOut();
    await enforce();
    await elsewhere.query("select 1");
    await elsewhere.end();
  });

  it("shuts out whom a grantee let in, and lets them in again", async () => {
    await (
      await open("installer")
    ).query(
      "revoke connect on database workload from public; grant connect on database workload to app with grant option",
    );
    await (await open("app")).query("grant connect on database workload to reports");
    await letRunOut();
    expect(await enforce()).toMatch(/^closed/);
    expect(await isAdmitted("reports")).toBe(false);
    await beat(60_000);
    expect([await isAdmitted("reports"), await isAdmitted("bare")]).toEqual([true, false]);
  });

  it("opens the door with the beat itself, without waiting for the job", async () => {
    await letRunOut();
    await enforce();
    await beat(60_000);
    expect(await isAdmitted("app")).toBe(true);
    await write(await open("app"));
    expect(await enforce()).toBe("open");
  });

  it("opens the door with the job where the lease row was refreshed in another way", async () => {
    await letRunOut();
    await enforce();
    const hand = await superuser();
    await hand.query("alter table lifeboat.lease disable trigger lease_was_written");
    await hand.query(
      "update lifeboat.lease set refreshed_at = clock_timestamp(), valid_for = interval '1 minute'",
    );
    expect(await isAdmitted("app")).toBe(false);
    expect(await enforce()).toBe("opened");
    expect(await isAdmitted("app")).toBe(true);
  });

  it("gives back exactly the grants that there were, and to nobody else", async () => {
    const installer = await open("installer");
    await installer.query("revoke connect on database workload from public");
    await installer.query("grant connect on database workload to app with grant option");
    await installer.query("grant connect on database workload to reports");
    const before = await connectGrants();
    expect(before).toContain("app=c*/installer");
    await letRunOut();
    await enforce();
    expect(await isAdmitted("reports")).toBe(false);
    await enforce();
    await beat(60_000);
    expect(await connectGrants()).toEqual(before);
    expect(await isAdmitted("bare")).toBe(false);
  });

  it("does not open when a role was dropped meanwhile only for the others", async () => {
    await (
      await superuser()
    ).query("create role passing login; grant connect on database workload to passing");
    await letRunOut();
    await enforce();
    await (await superuser()).query("drop role passing");
    await beat(60_000);
    expect(await isAdmitted("app")).toBe(true);
  });

  it("shuts the door again on whoever was granted CONNECT meanwhile", async () => {
    await letRunOut();
    await enforce();
    await (await superuser()).query("grant connect on database workload to app");
    const app = await open("app");
    await enforce();
    await expect(app.query("select 1")).rejects.toThrow(/terminat|not queryable/);
    expect(await isAdmitted("app")).toBe(false);
  });

  it("takes a lease row that was deleted, or that lies in the future, for stale", async () => {
    await beat(60_000);
    await (
      await superuser()
    ).query("update lifeboat.lease set refreshed_at = clock_timestamp() + interval '1 hour'");
    expect(await enforce()).toMatch(/^closed/);
    await beat(60_000);
    await (await superuser()).query("delete from lifeboat.lease");
    expect(await enforce()).toMatch(/^closed/);
  });

  it("is stale when the lease of one of several workloads is", async () => {
    await letRunOut();
    await (
      await superuser()
    ).query(
      "insert into lifeboat.lease values ('atlantis', 'ireland', 1, clock_timestamp(), interval '1 minute')",
    );
    expect(await enforce()).toMatch(/^closed/);
  });

  it("keeps out whom an application may be: nobody but the privileged role runs the job or reads the lease", async () => {
    const app = await open("app");
    await expect(app.query("select lifeboat.enforce('app')")).rejects.toMatchObject({ code: "42501" });
    await expect(app.query("select * from lifeboat.lease")).rejects.toMatchObject({ code: "42501" });
    await expect((await open("lifeboat")).query("delete from lifeboat.lease")).rejects.toMatchObject({
      code: "42501",
    });
  });

  it("refuses to shut out everybody for a role that does not exist", async () => {
    await letRunOut();
    await expect((await open("lifeboat")).query("select lifeboat.enforce('lifebaot')")).rejects.toThrow(
      /no role "lifebaot"/,
    );
    expect(await isAdmitted("app")).toBe(true);
  });

  it("lets two runs at once do one run's work", async () => {
    await letRunOut();
    const answers = await Promise.all([enforce(), enforce(), enforce()]);
    expect(answers.every((answer) => answer.startsWith("closed"))).toBe(true);
    await Promise.all([beat(60_000), enforce()]);
    expect(await isAdmitted("app")).toBe(true);
  });

  describe("a guarded table", () => {
    beforeEach(async () => {
      const installer = await open("installer");
      await installer.query("select lifeboat.guard('public.runs')");
      await installer.query("select lifeboat.guard('public.runs')");
    });

    it("refuses writes of a surviving session at once, before any job runs, and reads nothing less", async () => {
      const app = await open("app");
      await beat(300);
      await write(app);
      await sleep(400);
      for (const statement of ["insert into public.runs values ('x')", "truncate public.runs"])
        await expect(app.query(statement)).rejects.toMatchObject({ code: "25006" });
      expect((await app.query("select name from public.runs")).rows).toEqual([{ name: "run" }]);
    });

    it("takes writes again when the lease is fresh", async () => {
      const app = await open("app");
      await letRunOut();
      await expect(write(app)).rejects.toMatchObject({ code: "25006" });
      await beat(60_000);
      await write(app);
    });
  });

  describe("tells what would keep it from its work", () => {
    const problems = async (role = "lifeboat"): Promise<readonly string[]> => {
      const { rows } = await (
        await superuser()
      ).query<{ problem: string }>(
        "select enforcer_problems as problem from lifeboat.enforcer_problems($1)",
        [role],
      );
      return rows.map(({ problem }) => problem);
    };

    it("nothing, where it was installed by the database's owner with the right to signal", async () => {
      expect(await problems()).toEqual([]);
    });

    it("an owner that may neither withhold CONNECT nor end sessions", async () => {
      const hand = await superuser();
      await hand.query("alter function lifeboat.enforcer_problems(name) owner to bare");
      expect(await problems()).toEqual([
        expect.stringMatching(/"bare".*CONNECT cannot be withheld/),
        expect.stringMatching(/"bare".*sessions cannot be ended/),
      ]);
    });

    it("a role that does not exist, a superuser, a member that keeps its CONNECT", async () => {
      expect(await problems("nobody_here")).toEqual([expect.stringMatching(/no role "nobody_here"/)]);
      expect(await problems("postgres")).toEqual([expect.stringMatching(/is a superuser/)]);
      const hand = await superuser();
      await hand.query("grant lifeboat to app");
      expect(await problems()).toEqual([expect.stringMatching(/"app" is a member of "lifeboat"/)]);
      await hand.query("revoke lifeboat from app");
    });

    it("by a warning of every run, when the door could not be shut", async () => {
      const hand = await superuser();
      // The database changes its owner, and the functions' owner can withhold nothing any more.
      await hand.query("alter database workload owner to bare");
      await letRunOut();
      const notices: string[] = [];
      const job = await open("lifeboat");
      job.on("notice", ({ message }) => void notices.push(message ?? ""));
      await job
        .query("select lifeboat.enforce('lifeboat')")
        .catch((error: unknown) => void notices.push(String(error)));
      expect(notices.join("\n")).toMatch(/CONNECT is left to: .*public|permission denied for database/);
    });
  });
});
