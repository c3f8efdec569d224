import { readFileSync } from "node:fs";
import { createPostgresCanary } from "@lifeboat/aws/postgres";
import { enforcerSql } from "@lifeboat/aws/postgres-enforcer";
import type { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";

const started = await startPostgres();
if ("missing" in started) process.stdout.write(`skipped: ${started.missing}\n`);

const server = (): PostgresServer => {
  if ("missing" in started) throw new Error(started.missing);
  return started.server;
};

/** The one block of SQL below a heading, as a reader copies it. */
const sqlBelow = (page: string, heading: string): string => {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const [, section = ""] = text.split(heading);
  const [, sql] = /^ *```sql\n(.*?)^ *```/ms.exec(section) ?? [];
  if (sql === undefined) throw new Error(`${page} has no SQL below "${heading}"`);
  return sql;
};

const deploySql = sqlBelow("deploy.md", "## 2. Prepare the database");
const roleSql = sqlBelow("enforcer.md", "## Install");

describe.skipIf("missing" in started)(
  "the SQL of the documents, run by a master user that is no superuser",
  () => {
    const canary = createPostgresCanary(() => null, false);
    let master: Client;

    const beat = () =>
      canary.writeBeat(
        { writerHost: "127.0.0.1", readerHost: "127.0.0.1", database: "workload", user: "lifeboat" },
        { workload: "spacelift", holder: "ireland", epoch: 1, admitsForMs: () => 60_000, writtenAtMs: 1 },
      );

    const asSuperuser = async (...statements: readonly string[]): Promise<void> => {
      const superuser = await server().connect("postgres", "postgres");
      for (const statement of statements) await superuser.query(statement);
      await superuser.end();
    };

    beforeAll(async () => {
      process.env["PGPORT"] = String(server().port);
      // As on RDS: the master user makes roles and databases, may give `rds_iam` away and signal sessions.
      await asSuperuser(
        "create role rds_iam",
        "create role master login createrole createdb in role pg_signal_backend, pg_read_all_stats",
        "grant rds_iam to master with admin option",
      );
    });
    afterAll(() => server().stop());

    beforeEach(async () => {
      await asSuperuser(
        "drop database if exists workload with (force)",
        "drop role if exists lifeboat",
        "create database workload owner master",
      );
      master = await server().connect("master", "workload");
      return () => master.end();
    });

    it("lets the canary beat where there is no enforcer", async () => {
      await master.query(deploySql);
      await expect(beat()).resolves.toMatchObject({ type: "written", sequence: 1 });
    });

    it("lets the canary beat with the enforcer of steps 2 and 3 alone", async () => {
      await master.query(roleSql);
      await master.query(enforcerSql("lifeboat"));
      await expect(beat()).resolves.toMatchObject({ type: "written", sequence: 1 });
      await expect(master.query("select lifeboat.enforcer_problems('lifeboat')")).resolves.toMatchObject({
        rows: [],
      });
    });

    it("leaves room for an enforcer that is installed later", async () => {
      await master.query(deploySql);
      await beat();
      await master.query(enforcerSql("lifeboat"));
      await expect(beat()).resolves.toMatchObject({ type: "written", sequence: 2 });
      await expect(master.query("select lifeboat.enforce('lifeboat')")).resolves.toMatchObject({
        rows: [{ enforce: "open" }],
      });
    });
  },
);
