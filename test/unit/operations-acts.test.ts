import { activateSite } from "@lifeboat/operations/steps/activate-site";
import { confirmStore } from "@lifeboat/operations/steps/confirm-store";
import { promoteStore } from "@lifeboat/operations/steps/promote-store";
import { shiftTraffic } from "@lifeboat/operations/steps/shift-traffic";
import { startService, startWorkers } from "@lifeboat/operations/steps/start-compute";
import { verifyCheck } from "@lifeboat/operations/steps/verify-checks";
import { describe, expect, it } from "vitest";
import {
  claimedBy,
  type Context,
  idleStandby,
  ireland,
  mandate,
  ours,
  paris,
} from "./operations-standby-world.ts";
import type { ModelledStore } from "./operations-store.ts";
import {
  atParis,
  createHandClock,
  executionNamed,
  leaseIn,
  putClaim,
  START_MS,
  witness,
} from "./operations-world.ts";

/** Every step that changes something outside the ledger, and what it does when it may. */
const acting: readonly (readonly [string, string, (context: Context) => Promise<unknown>])[] = [
  ["promote", "failOver", (context) => promoteStore(context, mandate, "database", null)],
  ["start-service", "scaleService", (context) => startService(context, mandate, "server", null)],
  ["start-workers", "scaleGroup", (context) => startWorkers(context, mandate, "public-pool", null)],
  ["shift-traffic", "setSwitch", (context) => shiftTraffic(context, mandate, "server", null)],
  ["activate", "beat", (context) => activateSite(context, mandate)],
  ["verify", "beat", (context) => verifyCheck(context, mandate, "database-canary", "standby", null)],
];

describe("every step that acts", () => {
  it.each(acting)("%s calls %s while its execution holds the epoch", async (_, act, run) => {
    const { acts, context } = idleStandby(await claimedBy(ours));
    await run(context);
    expect(acts).toContain(act);
  });

  it.each(acting)("%s does nothing once the epoch is another's", async (_name, _act, run) => {
    const { acts, context } = idleStandby(await claimedBy(executionNamed("another")));
    await expect(run(context)).rejects.toMatchObject({ name: "EpochStale" });
    expect(acts).toEqual([]);
  });

  it.each(acting)("%s does nothing while the kill switch is on", async (_name, _act, run) => {
    const store = await claimedBy(ours);
    const on = { revision: 2, writeId: "s", workload: "spacelift", on: true, by: "somebody", why: "stop" };
    store.put(witness, "spacelift/switch", on);
    const { acts, context } = idleStandby(store);
    await expect(run(context)).rejects.toMatchObject({ name: "KillSwitchOn" });
    expect(acts).toEqual([]);
  });
});

describe("the loss of a promotion", () => {
  it("is measured once: a second activation does not take the new epoch's own canaries for the old site's", async () => {
    const store = await claimedBy(ours);
    const canary = {
      sequence: 9,
      acknowledgedAtMs: START_MS,
      periodMs: 10_000,
      reportedAtMs: START_MS,
      mayHaveBeatenAtMs: START_MS,
    };
    for (const place of [witness, atParis])
      store.put(place, "spacelift/lease", { ...leaseIn(store, place), revision: 2, writeId: "r", canary });
    const first = await activateSite(idleStandby(store).context, mandate);
    const { context } = idleStandby(store);
    const later = {
      ...context.ports.canary,
      newest: () => Promise.resolve({ sequence: 50, writtenAtMs: START_MS + 90_000 }),
    };
    const second = await activateSite({ ...context, ports: { ...context.ports, canary: later } }, mandate);
    expect(first.loss).toMatchObject({ known: true, interval: { minMs: 20_000 } });
    expect(second.loss).toEqual(first.loss);
  });
});

describe("the beat of a step", () => {
  const lastBeatMs = START_MS - 30_000;
  const canary = {
    sequence: 9,
    acknowledgedAtMs: lastBeatMs,
    periodMs: 10_000,
    reportedAtMs: lastBeatMs,
    mayHaveBeatenAtMs: lastBeatMs,
  };
  /** Each beat with what the leases told of beats when it was sent. */
  const beatsOf = async (store: ModelledStore, run: (context: Context) => Promise<unknown>) => {
    const { context } = idleStandby(store);
    const beats: { askedAtMs?: number; validForMs?: number; toldMs: number | undefined }[] = [];
    const port: Context["ports"]["canary"] = {
      ...context.ports.canary,
      beat: (_region, request) => {
        const toldMs = leaseIn(store, witness).canary?.mayHaveBeatenAtMs;
        beats.push({ ...request, toldMs });
        return Promise.resolve({ type: "written" as const, sequence: 9, writtenAtMs: START_MS });
      },
    };
    await run({ ...context, ports: { ...context.ports, canary: port } });
    return beats;
  };
  const activated = async (changes: object): Promise<ModelledStore> => {
    const store = await claimedBy(ours);
    putClaim(store, (claim) => ({ ...claim, activeSite: "paris" }));
    const own = { ...leaseIn(store, witness), site: "paris", by: "paris", epoch: 2, durationMs: 90_000 };
    store.put(witness, "spacelift/lease", { ...own, revision: 2, writeId: "r", canary, ...changes });
    return store;
  };
  const activate = (context: Context) => activateSite(context, mandate);

  it("admits nobody in a check: it is announced in no lease", async () => {
    const beats = await beatsOf(await activated({}), (context) =>
      verifyCheck(context, mandate, "database-canary", "standby", null),
    );
    expect(beats).toHaveLength(1);
    expect(beats[0]).not.toHaveProperty("validForMs");
  });

  it("is announced by an activation that comes after the watch's renewals", async () => {
    const unanswered = { sinceMs: lastBeatMs, toldAtMs: START_MS };
    const store = await activated({ unanswered, durationMs: 300_000 });
    const [beat] = await beatsOf(store, activate);
    expect(beat).toMatchObject({ askedAtMs: START_MS, toldMs: START_MS });
    expect(leaseIn(store, witness)).toMatchObject({
      canary: {
        ...canary,
        mayHaveBeatenAtMs: START_MS,
        writesUntilMs: START_MS + (beat?.validForMs ?? Number.NaN),
      },
      fenced: false,
      unanswered,
      durationMs: 300_000,
    });
  });

  it.each([
    ["carries no canary yet", { canary: null }],
    ["tells of a later beat", { canary: { ...canary, mayHaveBeatenAtMs: START_MS + 5000 } }],
    ["goes by a plan with shorter leases", { durationMs: 40_000 }],
  ])(
    "never admits writers for longer than the lease that it renews first, where that %s",
    async (_, changes) => {
      const store = await activated(changes);
      const [beat] = await beatsOf(store, activate);
      const { revision, durationMs } = leaseIn(store, witness);
      // Whoever waits for the lease to run out starts anew.
      expect(revision).toBe(3);
      expect(durationMs).toBeGreaterThan(beat?.validForMs ?? Number.NaN);
    },
  );

  it.each([
    ["is of a later epoch", { site: "ireland", by: "ireland", epoch: 3, durationMs: 0 }],
    ["says that this site has fenced itself", { fenced: true }],
  ])("is not sent where the lease %s", async (_, changes) => {
    const store = await activated(changes);
    await expect(beatsOf(store, activate)).rejects.toMatchObject({ name: "EpochStale" });
    const { acts, context } = idleStandby(store);
    await expect(activate(context)).rejects.toMatchObject({ name: "EpochStale" });
    expect(acts).toEqual([]);
    expect(leaseIn(store, witness)).toMatchObject({ revision: 2, ...changes });
  });

  it("is announced in the lease's next epoch as well", async () => {
    const [beat] = await beatsOf(await activated({ epoch: 1 }), activate);
    expect(beat).toMatchObject({ askedAtMs: START_MS, toldMs: START_MS });
  });

  it("is none where no store takes canaries, and the lease of the epoch stays as it is", async () => {
    const store = await activated({});
    const { acts, context } = idleStandby(store);
    const stores = context.plan.stores.filter(({ type }) => type !== "aurora-global");
    await activateSite({ ...context, plan: { ...context.plan, stores } }, mandate);
    expect(acts).toEqual([]);
    expect(leaseIn(store, witness).revision).toBe(2);
  });

  it("never takes back that a later one was announced", async () => {
    const later = { ...canary, mayHaveBeatenAtMs: START_MS + 5000, writesUntilMs: START_MS + 300_000 };
    const store = await activated({ canary: later });
    expect(await beatsOf(store, activate)).toMatchObject([{ toldMs: START_MS + 5000 }]);
    expect(leaseIn(store, witness).canary?.writesUntilMs).toBe(START_MS + 300_000);
  });

  it.each([
    ["its own watch has told of none yet", { canary: null }],
    ["what it tells is of another site's clock", { by: "ireland" }],
    ["it was another site's", { site: "ireland", by: "ireland", epoch: 1 }],
  ])("leaves the last one unknown in a lease where %s", async (_, changes) => {
    const [beat] = await beatsOf(await activated(changes), activate);
    expect(beat?.toldMs).toBeUndefined();
    expect(beat?.askedAtMs).toBe(START_MS);
  });
});

describe("a look at who writes, before a move is finished", () => {
  const clock = createHandClock();
  const looking = async (writer: string, memo: { readonly startedAtMs: number } | null = null) => {
    const store = await claimedBy(ours);
    const { context, acts } = idleStandby(store, writer);
    const upright = {
      arn: paris,
      status: "available",
      engineVersion: "17.5",
      kmsKeyId: null,
      instances: [{ id: "spacelift-paris-1", status: "available", isWriter: true }],
    };
    const databases = { ...context.ports.databases, cluster: () => Promise.resolve(upright) };
    const at = { ...context, ports: { ...context.ports, databases, clock } };
    return { acts, done: confirmStore(at, mandate, "database", memo) };
  };

  it("is content where the writer is here, by its role", async () => {
    const { acts, done } = await looking(paris);
    expect(await done).toMatchObject({ done: true });
    expect(acts).toEqual([]);
  });

  it("waits a minute for a describe that may be stale, then stops; it promotes nothing in either case", async () => {
    const first = await looking(ireland);
    expect(await first.done).toMatchObject({ done: false });
    const later = await looking(ireland, { startedAtMs: clock.nowMs() - 60_000 });
    await expect(later.done).rejects.toMatchObject({
      name: "StandbyUnfit",
      message: expect.stringMatching(/its writer is .*spacelift-ireland; .* promotes nothing$/) as string,
    });
    expect([...first.acts, ...later.acts]).toEqual([]);
  });

  it("asks for the mandate first", async () => {
    const { context } = idleStandby(await claimedBy(executionNamed("another")), paris);
    await expect(confirmStore(context, mandate, "database", null)).rejects.toMatchObject({
      name: "EpochStale",
    });
  });
});
