import type { Compute, Databases, LedgerPlace, Ports } from "@lifeboat/operations/ports";
import { withHolder, withProtection, type Claim } from "@lifeboat/recovery/ledger";
import { otherSite, siteNamed } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import { createModelledStore, type ModelledStore } from "./operations-store.ts";
import {
  atIreland,
  atParis,
  bootstrapped,
  claimIn,
  executionNamed,
  leaseIn,
  plan,
  portsWith,
  putClaim,
  putLease,
  putSwitch,
  START_MS,
  witness,
} from "./operations-world.ts";

const IRELAND = siteNamed(plan, "ireland").region;
const PARIS = siteNamed(plan, "paris").region;
const workload = plan.workload;

/** A site whose services have `count` tasks each; notes what is asked of it. */
const siteWith = async (count: number, lost: readonly LedgerPlace[] = [], given: Partial<Ports> = {}) => {
  const acts: string[] = [];
  const events: string[] = [];
  const store: ModelledStore = await bootstrapped(
    createModelledStore({
      fate: ({ name }) =>
        lost.some(({ bucket }) => name.startsWith(`${bucket}/`)) ? "lost-before" : "answered",
    }),
  );
  const compute: Compute = {
    service: () => Promise.resolve({ status: "ACTIVE", desired: count, running: count, settled: true }),
    group: () => Promise.resolve({ desired: count, inService: count, max: 8 }),
    scaleService: (region, _cluster, name, to) => Promise.resolve(void acts.push(`${region}/${name}=${to}`)),
    scaleGroup: (region, name, to) => Promise.resolve(void acts.push(`${region}/${name}=${to}`)),
  };
  const notices = {
    publish: (subject: string) => Promise.resolve(void acts.push(subject)),
  };
  const ports = portsWith({
    ledger: store,
    compute,
    notices,
    events: {
      tell: ({ type, id }) => {
        events.push(`${type} ${id}`);
        return Promise.resolve({ told: true });
      },
    },
    ...given,
  });
  return { acts, events, store, tending: ports.tending };
};

const moving = (store: ModelledStore): void =>
  putClaim(store, (claim) =>
    withHolder(
      claim,
      { execution: executionNamed("one"), site: "paris", from: "ireland", succeeds: null, loss: null },
      "h",
    ),
  );

describe("a fence", () => {
  it("stops what runs, and notes that it was the site itself, without the witness and the other site", async () => {
    const { acts, store, tending } = await siteWith(3, [witness, atParis]);
    const { ran, noted } = await tending.fence(IRELAND, { workload, unnoted: false, news: null });
    expect(ran).toHaveLength(plan.services.length + plan.workers.length);
    expect(noted).toBe(true);
    expect(acts).toContain(`${IRELAND}/spacelift-server=0`);
    expect(leaseIn(store, atIreland)).toMatchObject({ site: "ireland", fenced: true });
    expect([witness, atParis].map((place) => leaseIn(store, place).fenced)).toEqual([false, false]);
  });

  it("stops what runs where it cannot even make the note, and says that nothing tells of it", async () => {
    const { acts, tending } = await siteWith(3, [witness, atParis, atIreland]);
    expect(await tending.fence(IRELAND, { workload, unnoted: false, news: null })).toMatchObject({
      noted: false,
    });
    expect(acts).toContain(`${IRELAND}/spacelift-server=0`);
  });

  it("makes the note later, where an earlier one could not make it, although nothing runs any more", async () => {
    const { acts, store, tending } = await siteWith(0);
    const again = { workload, unnoted: true, news: null };
    expect(await tending.fence(IRELAND, again)).toEqual({ ran: [], noted: true });
    expect(leaseIn(store, atIreland).fenced).toBe(true);
    expect(acts).toEqual([]);
    const cutOff = await siteWith(0, [atIreland]);
    expect(await cutOff.tending.fence(IRELAND, again)).toEqual({ ran: [], noted: false });
  });

  it("notes and does nothing where nothing runs: people may have stopped it", async () => {
    const { acts, events, store, tending } = await siteWith(0);
    const news = { epoch: 1, reason: "cut off", distinct: "7" };
    expect(await tending.fence(IRELAND, { workload, unnoted: false, news })).toEqual({
      ran: [],
      noted: true,
    });
    expect([...acts, ...events]).toEqual([]);
    expect(leaseIn(store, atIreland).fenced).toBe(false);
  });

  it("that comes twice tells of one fence", async () => {
    const { events, tending } = await siteWith(3);
    const news = { epoch: null, reason: "cut off", distinct: "7" };
    await tending.fence(IRELAND, { workload, unnoted: false, news });
    await tending.fence(IRELAND, { workload, unnoted: false, news });
    expect(events).toHaveLength(2);
    expect(new Set(events).size).toBe(1);
    expect(events[0]).toMatch(/^lifeboat\.site\.fenced /);
  });

  it("tells nobody beyond the ledger where the ledger itself moves the workload", async () => {
    const { events, tending } = await siteWith(3);
    await tending.fence(IRELAND, { workload, unnoted: false, news: null });
    expect(events).toEqual([]);
  });
});

describe("a resume", () => {
  const fenced = async (lost: readonly LedgerPlace[] = []) => {
    const site = await siteWith(0, lost);
    putLease(site.store, atIreland, { fenced: true });
    return site;
  };
  const asSeenIn = (store: ModelledStore, unnoted = false) => ({
    workload,
    claimRevision: claimIn(store).revision,
    unnoted,
  });

  it("starts what the fence has stopped, and clears the note last", async () => {
    const { acts, store, tending } = await fenced();
    const answer = await tending.resume(IRELAND, asSeenIn(store));
    expect(answer).toMatchObject({ type: "resumed", started: expect.arrayContaining(["services/server"]) });
    expect(acts).toContain(`${IRELAND}/spacelift-server=3`);
    expect(leaseIn(store, atIreland).fenced).toBe(false);
  });

  it("starts nothing once the claim is another one than the watch has seen, whatever it says", async () => {
    const { acts, store, tending } = await fenced();
    const request = asSeenIn(store);
    putClaim(store, (claim) => ({ ...claim, revision: claim.revision + 1, writeId: "w" }));
    expect(await tending.resume(IRELAND, request)).toEqual({ type: "ledger-changed" });
    expect(acts).toEqual([]);
    expect(leaseIn(store, atIreland).fenced).toBe(true);
  });

  it.each([
    ["the ledger moves the workload away", (store: ModelledStore) => moving(store), /resumed/],
    ["the kill switch is on", (store: ModelledStore) => putSwitch(store, { on: true }), /KillSwitchOn/],
  ])("starts nothing while %s", async (_what, change, outcome) => {
    const { acts, store, tending } = await fenced();
    change(store);
    const request = asSeenIn(store);
    const said = await tending.resume(IRELAND, request).then(
      ({ type }) => type,
      (error: unknown) => (error as Error).name,
    );
    expect(said).toMatch(outcome);
    expect(acts).toEqual([]);
    expect(leaseIn(store, atIreland).fenced).toBe(true);
  });

  it("starts nothing where the witness is out of reach", async () => {
    const { acts, store, tending } = await fenced([witness]);
    const request = asSeenIn(store);
    await expect(tending.resume(IRELAND, request)).rejects.toMatchObject({ name: "LedgerUnreadable" });
    expect(acts).toEqual([]);
  });

  it("starts what stands still on the word of a watch whose fence could not be noted, unless it moves away", async () => {
    const { acts, store, tending } = await siteWith(0);
    expect(await tending.resume(IRELAND, asSeenIn(store, true))).toMatchObject({
      started: expect.arrayContaining(["services/server"]),
    });
    expect(acts).toContain(`${IRELAND}/spacelift-server=3`);
    acts.length = 0;
    moving(store);
    expect(await tending.resume(IRELAND, asSeenIn(store, true))).toEqual({ type: "resumed", started: [] });
    expect(acts).toEqual([]);
  });

  it("starts nothing that people have stopped", async () => {
    const { acts, store, tending } = await siteWith(0);
    const request = asSeenIn(store);
    expect(await tending.resume(IRELAND, request)).toEqual({ type: "resumed", started: [] });
    expect(acts).toEqual([]);
  });
});

describe("a retirement", () => {
  const recovered = async (count: number) => {
    const site = await siteWith(count);
    putClaim(site.store, (claim) => ({ ...claim, activeSite: "paris" }));
    return { ...site, request: { workload, claimRevision: claimIn(site.store).revision } };
  };

  it("stops what the passive site still runs, and makes no note that would start it again", async () => {
    const { acts, store, tending, request } = await recovered(3);
    const before = leaseIn(store, atIreland);
    expect(await tending.retire(IRELAND, request)).toMatchObject({
      type: "retired",
      ran: expect.arrayContaining(["services/server"]),
    });
    expect(acts).toContain(`${IRELAND}/spacelift-server=0`);
    expect(leaseIn(store, atIreland)).toEqual(before);
  });

  it("does nothing where nothing runs", async () => {
    const { acts, tending, request } = await recovered(0);
    expect(await tending.retire(IRELAND, request)).toEqual({ type: "retired", ran: [] });
    expect(acts).toEqual([]);
  });

  it("stops nothing at the site that serves, and nothing once the claim is another one", async () => {
    const { acts, store, tending, request } = await recovered(3);
    expect(await tending.retire(PARIS, request)).toEqual({ type: "retired", ran: [] });
    putClaim(store, (claim) => ({ ...claim, revision: claim.revision + 1, activeSite: "ireland" }));
    expect(await tending.retire(IRELAND, request)).toEqual({ type: "ledger-changed" });
    expect(acts).toEqual([]);
  });
});

describe("protection again", () => {
  const arn = (region: string, cluster: string) => `arn:aws:rds:${region}:${plan.account}:cluster:${cluster}`;
  const own = arn(IRELAND, "spacelift-ireland");
  const databases: Partial<Databases> = {
    globalCluster: () =>
      Promise.resolve({
        id: "spacelift",
        status: "available",
        engineVersion: "17.5",
        members: [
          { arn: own, region: IRELAND, isWriter: false, connected: true },
          { arn: arn(PARIS, "spacelift-paris"), region: PARIS, isWriter: true, connected: true },
        ],
        transition: null,
      }),
    cluster: () =>
      Promise.resolve({
        arn: own,
        status: "available",
        engineVersion: "17.5",
        kmsKeyId: null,
        instances: [],
      }),
    snapshots: () => Promise.resolve([]),
    events: () => Promise.resolve([]),
  };
  const degraded = async (given: Partial<Ports> = {}) => {
    const records: number[] = [];
    const site = await siteWith(0, [], {
      databases: databases as Databases,
      traffic: {
        readSwitch: (_region, _bucket, key) =>
          Promise.resolve(key.endsWith(".closed") ? "present" : "absent"),
        setSwitch: () => Promise.reject(new Error("not expected")),
        clearSwitch: () => Promise.reject(new Error("not expected")),
        resolve: () => Promise.resolve([]),
      },
      records: {
        append: () => Promise.reject(new Error("not expected")),
        appendProtection: (_place, { epoch }) => Promise.resolve(void records.push(epoch)),
      },
      ...given,
    });
    putClaim(site.store, (claim) => withProtection({ ...claim, activeSite: "paris" }, "degraded", "d"));
    return { ...site, records, request: { workload, claimRevision: claimIn(site.store).revision } };
  };

  it("is recorded and told before the ledger says it", async () => {
    const { acts, events, records, store, tending, request } = await degraded();
    expect(await tending.protect(IRELAND, { ...request, running: [] })).toEqual({
      type: "looked",
      protected: true,
      missing: [],
    });
    expect(claimIn(store).protection).toBe("protected");
    expect(acts).toEqual([expect.stringMatching(/^spacelift: protected again by ireland/)]);
    expect(records).toEqual([claimIn(store).epoch]);
    expect(events).toHaveLength(1);
  });

  describe("after AWS has said that it could not stop writes on the old primary", () => {
    const timedOut = "Global failover: the process to stop writes on spacelift-ireland timed out.";
    const HOUR_MS = 3_600_000;
    const promotedAtMs = START_MS + HOUR_MS;
    /** What is told and kept where AWS said so at the promotion, and otherwise on other days. */
    const protectedAgain = async (claimed: Partial<Claim>) => {
      const told: string[] = [];
      const kept: unknown[] = [];
      const said = [
        {
          atMs: START_MS - 48 * HOUR_MS,
          message: "Global failover: writes were stopped on spacelift-paris.",
        },
        { atMs: promotedAtMs, message: timedOut },
      ];
      const site = await degraded({
        databases: {
          ...(databases as Databases),
          events: (region, _cluster, sinceMs) =>
            Promise.resolve(region === IRELAND ? said.filter(({ atMs }) => atMs >= sinceMs) : []),
        },
        notices: { publish: (_subject, text) => Promise.resolve(void told.push(text)) },
        records: {
          append: () => Promise.reject(new Error("not expected")),
          appendProtection: (_place, { notes, alerts }) => Promise.resolve(void kept.push({ notes, alerts })),
        },
      });
      putClaim(site.store, (claim) => ({ ...claim, ...claimed, revision: claim.revision + 1, writeId: "e" }));
      const claimRevision = claimIn(site.store).revision;
      await site.tending.protect(IRELAND, { workload, claimRevision, running: [] });
      return { told: told.join("\n"), kept };
    };
    const moved = { to: "paris", sinceMs: START_MS };

    it.each([
      ["half an hour", { recoveredAtMs: promotedAtMs + HOUR_MS / 2 }],
      ["half an hour", { recoveredAtMs: promotedAtMs + HOUR_MS / 2, moved }],
      ["three hours", { recoveredAtMs: promotedAtMs + 3 * HOUR_MS, moved }],
      ["ten days", { recoveredAtMs: promotedAtMs + 240 * HOUR_MS, moved }],
    ])("says so, however long after it the recovery has ended (%s)", async (_when, claimed) => {
      const { told, kept } = await protectedAgain(claimed);
      expect(told).toContain("ALERT database: AWS could not stop writes on the old primary");
      expect(told).not.toContain("writes were stopped");
      expect(kept).toEqual([
        {
          notes: [`database: ${timedOut}`],
          alerts: expect.arrayContaining([expect.stringMatching(/could not stop writes/)]) as string[],
        },
      ]);
    });

    it("does not take a move to the other site for this one", async () => {
      const { told } = await protectedAgain({
        recoveredAtMs: promotedAtMs + 1000,
        moved: { to: "ireland", sinceMs: START_MS - 50 * HOUR_MS },
      });
      expect(told).toContain("AWS could not stop writes");
      expect(told).not.toContain("writes were stopped");
    });
  });

  it("is not reached while anything of the site is still running, or may be", async () => {
    const { acts, store, tending, request } = await degraded();
    const answer = await tending.protect(IRELAND, { ...request, running: ["services/server"] });
    expect(answer).toMatchObject({
      protected: false,
      missing: [`services/server in ${IRELAND} are being stopped`],
    });
    expect(claimIn(store).protection).toBe("degraded");
    expect(acts).toEqual([]);
  });

  it("waits while the kill switch is on", async () => {
    const { acts, events, records, store, tending, request } = await degraded();
    putSwitch(store, { on: true });
    await expect(tending.protect(IRELAND, { ...request, running: [] })).rejects.toThrow(/kill switch/);
    expect(claimIn(store).protection).toBe("degraded");
    expect([...acts, ...events, ...records]).toEqual([]);
  });

  it("is left alone once the claim is another one than the watch has seen", async () => {
    const { acts, events, records, store, tending, request } = await degraded();
    putClaim(store, (claim) => ({ ...claim, revision: claim.revision + 1, writeId: "w" }));
    expect(await tending.protect(IRELAND, { ...request, running: [] })).toEqual({ type: "ledger-changed" });
    expect(claimIn(store).protection).toBe("degraded");
    expect([...acts, ...events, ...records]).toEqual([]);
  });
});

describe("the word that a control plane is silent", () => {
  const silence = {
    workload,
    activeSite: "ireland",
    epoch: 1,
    silentForMs: 65_000,
    standsIn: true,
    detail: "",
  };

  it("reaches people once, whichever container asks and however often", async () => {
    const { acts, tending } = await siteWith(0);
    await tending.tellSilence(PARIS, silence);
    await tending.tellSilence(PARIS, silence);
    expect(acts).toEqual(["spacelift: the control plane of ireland is silent"]);
  });

  it("is told again rather than not at all: its own word is written last", async () => {
    const failing = { publish: () => Promise.reject(new Error("no answer")) };
    const { store, tending } = await siteWith(0, [], { notices: failing });
    await expect(tending.tellSilence(PARIS, silence)).rejects.toThrow("no answer");
    const hour = Math.floor(START_MS / 3_600_000);
    const word = `${workload}/protection/silent-${otherSite(plan, "paris").name}-e1-h${hour}.json`;
    expect(await store.read(atParis, word)).toMatchObject({ type: "missing" });
  });
});
