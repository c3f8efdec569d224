import { describe, expect, it } from "vitest";
import { createDatabase, type Database } from "@lifeboat/cloud/database/database";
import { createDatabases } from "@lifeboat/cloud/database/databases";
import { installEnforcer } from "@lifeboat/cloud/database/enforcer";
import { keepSession } from "@lifeboat/cloud/database/kept-session";
import { replicate } from "@lifeboat/cloud/database/replication";
import type { Session } from "@lifeboat/cloud/database/session";
import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import { promised } from "@lifeboat/cloud/kernel/later";

const HOME = "eu-west-1";
const AWAY = "eu-west-3";

const setup = () => {
  const world = createWorld({
    seed: 7,
    startMs: Date.UTC(2026, 10, 3),
    accountId: "111122223333",
    regions: [HOME, AWAY],
  });
  const databases = createDatabases(world);
  const writer = createDatabase(world, { name: "writer", region: HOME, mode: "read-write" });
  const reader = createDatabase(world, { name: "reader", region: AWAY, mode: "read-only" });
  databases.bind("writer", () => writer);
  databases.bind("reader", () => reader);
  const run = (ms: number): Promise<void> => world.clock.run({ untilMs: world.clock.nowMs() + ms });
  /** Runs the world until the promise is settled, at most a minute. */
  const finish = async <Value>(promise: Promise<Value>): Promise<Value> => {
    let settled = false;
    const done = (): void => void (settled = true);
    promise.then(done, done);
    await world.clock.run({ untilMs: world.clock.nowMs() + 60_000, until: () => settled });
    return promise;
  };
  const connect = (user = "app", from = HOME, host = "writer"): Promise<Session> =>
    finish(databases.connect({ from, host, user, applicationName: "test", timeoutMs: 3000 }));
  const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
    finish(
      promise.then(
        () => "done",
        (error: unknown) => (error as { code?: string }).code,
      ),
    );
  return { world, databases, writer, reader, run, finish, connect, codeOf };
};

const keys = (database: Database): string[] =>
  database
    .volume()
    .rows("t")
    .map(({ key }) => key);

describe("a session", () => {
  it("writes, replaces, deletes and reads rows, and takes time for it", async () => {
    const { world, connect, finish } = setup();
    const session = await connect();
    const startMs = world.clock.nowMs();
    await finish(session.insert("t", { n: 1 }));
    await finish(session.upsert("t", "k", { n: 2 }));
    await finish(session.upsert("t", "k", { n: 3 }));
    await finish(session.upsert("t", "gone", { n: 4 }));
    await finish(session.remove("t", "gone"));
    expect((await finish(session.select("t"))).map(({ row }) => row["n"])).toEqual([1, 3]);
    expect(world.clock.nowMs() - startMs).toBeGreaterThan(20);
  });

  it("replaces a row only where the condition holds", async () => {
    const { connect, finish } = setup();
    const session = await connect();
    expect(await finish(session.upsert("t", "k", { epoch: 5 }, { column: "epoch", atMost: 5 }))).toBe(true);
    expect(await finish(session.upsert("t", "k", { epoch: 4 }, { column: "epoch", atMost: 4 }))).toBe(false);
    expect(await finish(session.upsert("t", "k", { epoch: 6 }, { column: "epoch", atMost: 6 }))).toBe(true);
  });

  it("hangs until its own timeout when nothing answers, and may have written all the same", async () => {
    const { world, writer, connect, codeOf } = setup();
    const session = await connect("app", AWAY);
    const startMs = world.clock.nowMs();
    const writing = session.upsert("t", "k", { n: 1 });
    // The packets are there; the reply is cut off.
    world.clock.after(20, () => world.network.cut(HOME, AWAY));
    expect(await codeOf(writing)).toBe("08006");
    expect(world.clock.nowMs() - startMs).toBe(3000);
    expect(keys(writer)).toEqual(["k"]);
    expect(await codeOf(connect("app", AWAY))).toBe("08001");
  });

  it("survives what let it in, and ends with its server", async () => {
    const { world, writer, connect, codeOf, run } = setup();
    const session = await connect();
    world.network.lose(HOME);
    await run(1000);
    world.network.restore(HOME);
    expect(await codeOf(connect())).toBe("57P03");
    writer.start();
    expect(await codeOf(session.insert("t", { n: 1 }))).toBe("08006");
    expect(await codeOf(connect())).toBe("done");
  });

  it("hears once why the server ended it", async () => {
    const { writer, connect, codeOf } = setup();
    const session = await connect();
    writer.setMode("fenced");
    expect(await codeOf(session.insert("t", { n: 1 }))).toBe("57P01");
    expect(await codeOf(session.insert("t", { n: 1 }))).toBe("08006");
    expect(await codeOf((await connect()).insert("t", { n: 1 }))).toBe("25006");
  });
});

describe("replication", () => {
  it("brings changes over in order, within about a second of each", async () => {
    const { world, writer, reader, connect, finish, run } = setup();
    const stream = replicate(world, writer, reader);
    const session = await connect();
    for (let n = 0; n < 20; n++) await finish(session.upsert("t", `k${n}`, { n }));
    expect(keys(reader).length).toBeLessThan(20);
    expect(stream.backlog()).toBeGreaterThan(0);
    await run(2000);
    expect(keys(reader)).toEqual(keys(writer));
    expect(stream.lagMs()).toBeGreaterThanOrEqual(200);
    expect(stream.lagMs()).toBeLessThanOrEqual(1100);
  });

  it("stalls while the path is cut, tells how old the oldest missing change is, and catches up", async () => {
    const { world, writer, reader, connect, finish, run } = setup();
    const stream = replicate(world, writer, reader);
    const session = await connect();
    world.network.cut(HOME, AWAY);
    await finish(session.insert("t", { n: 1 }));
    await run(30_000);
    expect(stream.isFlowing()).toBe(false);
    expect(stream.lagMs()).toBeGreaterThan(29_000);
    expect(keys(reader)).toEqual([]);
    world.network.mend(HOME, AWAY);
    await run(3000);
    expect(keys(reader)).toEqual(keys(writer));
  });

  it("loses for good what had not arrived when it was stopped", async () => {
    const { world, writer, reader, connect, finish, run } = setup();
    const stream = replicate(world, writer, reader);
    const session = await connect();
    await finish(session.insert("t", { n: 1 }));
    stream.stop();
    await run(10_000);
    expect(keys(writer)).toHaveLength(1);
    expect(keys(reader)).toEqual([]);
  });
});

describe("a session that is kept", () => {
  const withKept = () => {
    const at = setup();
    const opened: string[] = [];
    const session = keepSession(() => {
      opened.push("a session");
      return at.databases.connect({
        from: HOME,
        host: "writer",
        user: "app",
        applicationName: "pool",
        timeoutMs: 1500,
      });
    });
    const insert = (n: number): Promise<unknown> =>
      promised(session.insert("t", { n })).then(
        () => "done",
        (error: unknown) => (error as { code?: string }).code,
      );
    return { ...at, opened, insert };
  };

  it("is opened once for all writes, those at the same time as well", async () => {
    const { finish, insert, opened, writer } = withKept();
    expect(await finish(Promise.all([insert(1), insert(2)]))).toEqual(["done", "done"]);
    expect(await finish(insert(3))).toBe("done");
    expect(keys(writer)).toHaveLength(3);
    expect(opened).toHaveLength(1);
  });

  it("is thrown away by the write that fails, and opened again by the next", async () => {
    const { world, finish, insert, opened } = withKept();
    expect(await finish(insert(1))).toBe("done");
    world.network.losePlane(HOME, "data");
    expect(await finish(Promise.all([insert(2), insert(3)]))).toEqual(["08006", "08006"]);
    expect(await finish(insert(4))).toBe("08001");
    world.network.restorePlane(HOME, "data");
    expect(await finish(insert(5))).toBe("done");
    expect(opened).toHaveLength(3);
  });

  it("is not thrown away by a write that was on the one before", async () => {
    const { world, run, finish, insert, opened } = withKept();
    expect(await finish(insert(1))).toBe("done");
    world.network.losePlane(HOME, "data");
    const early = insert(2);
    await run(750);
    const late = insert(3);
    expect(await finish(early)).toBe("08006");
    world.network.restorePlane(HOME, "data");
    expect(await finish(insert(4))).toBe("done");
    expect(await finish(late)).toBe("08006");
    expect(await finish(insert(5))).toBe("done");
    expect(opened).toHaveLength(2);
  });
});

describe("the enforcer", () => {
  const withEnforcer = async () => {
    const at = setup();
    const enforcer = installEnforcer(at.world, at.writer, {
      table: "lease",
      key: "spacelift",
      privilegedUser: "lifeboat",
    });
    const keeper = await at.connect("lifeboat");
    const renew = (revision: number, refreshedAtMs = at.world.clock.nowMs()): Promise<boolean> =>
      at.finish(
        keeper.upsert("lease", "spacelift", {
          holder: "ireland",
          revision,
          refreshedAtMs,
          validForMs: 10_000,
        }),
      );
    return { ...at, enforcer, renew };
  };

  it("lets nobody but the privileged user write before there is a lease", async () => {
    const { connect, codeOf, renew } = await withEnforcer();
    const session = await connect();
    expect(await codeOf(session.insert("t", { n: 1 }))).toBe("25006");
    await renew(1);
    expect(await codeOf(session.insert("t", { n: 1 }))).toBe("done");
  });

  it("ends sessions and refuses new ones when the lease has run out, and lifts by itself when it is renewed", async () => {
    const { connect, codeOf, run, renew, enforcer } = await withEnforcer();
    await renew(1);
    const session = await connect();
    await run(9000);
    expect(await codeOf(session.insert("t", { n: 1 }))).toBe("done");
    await run(2500);
    expect(enforcer.isEngaged()).toBe(true);
    expect(await codeOf(session.insert("t", { n: 2 }))).toBe("57P01");
    expect(await codeOf(connect())).toBe("28000");
    await renew(2);
    await run(1500);
    expect(await codeOf((await connect()).insert("t", { n: 3 }))).toBe("done");
  });

  it("refuses a write in the moment that the lease runs out, before the job has looked", async () => {
    const { world, writer, connect, codeOf, run, renew, enforcer } = await withEnforcer();
    await renew(1);
    const session = await connect();
    const changedAtMs = writer.volume().row("lease", "spacelift")?.changedAtMs ?? 0;
    await run(changedAtMs + 10_001 - world.clock.nowMs());
    expect(enforcer.isEngaged()).toBe(false);
    expect(await codeOf(session.insert("t", { n: 1 }))).toBe("25006");
  });

  it("takes a renewal that is repeated, or carried out late, for none", async () => {
    const { world, codeOf, connect, run, renew } = await withEnforcer();
    const refreshedAtMs = world.clock.nowMs();
    await renew(1, refreshedAtMs);
    const session = await connect();
    await run(8000);
    await renew(1, refreshedAtMs);
    await run(4000);
    expect(await codeOf(session.insert("t", { n: 1 }))).toBe("57P01");
  });
});
