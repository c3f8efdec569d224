import type { Ports } from "@lifeboat/operations/ports";
import { fencePrimary } from "@lifeboat/operations/steps/fence-primary";
import { tick } from "@lifeboat/operations/watch/tick";
import { freshMemory, type TickReport, type WatchMemory } from "@lifeboat/operations/watch/watch-memory";
import {
  sealedLease,
  withActiveSite,
  withHolder,
  withPhase,
  withRequest,
  type Claim,
} from "@lifeboat/recovery/ledger";
import { describe, expect, it } from "vitest";
import type { ModelledStore } from "./operations-store.ts";
import {
  atParis,
  bootstrapped,
  claimIn,
  claimVersions,
  contextAt,
  createExecutions,
  createHandClock,
  createIds,
  executionNamed,
  leaseIn,
  MACHINE_ARN,
  portsWith,
  putClaim,
  putLease,
  START_MS,
  witness,
  type HandClock,
  type ModelledExecutions,
} from "./operations-world.ts";

type Status = Awaited<ReturnType<Ports["executions"]["status"]>>;

const execution = executionNamed("one");
const holder = { execution, site: "paris", from: "ireland", succeeds: null, loss: null } as const;
const loss = { known: false, reason: "nobody knows" } as const;

const claimed = (claim: Claim): Claim => withHolder(claim, holder, "h");
const promoting = (claim: Claim): Claim => withPhase(claimed(claim), "promote", "p");
const arrived = (claim: Claim): Claim => withActiveSite(promoting(claim), { activeSite: "paris", loss }, "a");
const named = (name: string) => ({
  execution: executionNamed(name),
  requestedAtMs: START_MS,
  trigger: "watch",
});

interface Held {
  readonly clock: HandClock;
  readonly store: ModelledStore;
  readonly executions: ModelledExecutions;
  readonly ports: Ports;
  readonly tick: (site: "ireland" | "paris") => Promise<TickReport>;
}

/** A workload whose claim is as given, held by an execution of that status; both sites' watches look at it. */
const heldAs = async (
  claim: (before: Claim) => Claim,
  status: Status,
  { error, overrides = {} }: { readonly error?: string; readonly overrides?: Partial<Ports> } = {},
): Promise<Held> => {
  const clock = createHandClock();
  const store = await bootstrapped();
  const executions = createExecutions();
  const desired = new Map<string, number>();
  executions.states.set(execution, status);
  if (error !== undefined) executions.failures.set(execution, error);
  putClaim(store, claim);
  const memories = new Map<string, WatchMemory>();
  let written = 0;
  const ports = portsWith({
    ledger: store,
    clock,
    ids: createIds("watch"),
    executions,
    compute: {
      service: (_region, _cluster, service) => {
        const count = desired.get(service) ?? 3;
        return Promise.resolve({ status: "ACTIVE", desired: count, running: count, settled: true });
      },
      scaleService: (_region, _cluster, service, count) => {
        desired.set(service, count);
        return Promise.resolve();
      },
      group: (_region, name) => {
        const count = desired.get(name) ?? 3;
        return Promise.resolve({ desired: count, inService: count, max: 10 });
      },
      scaleGroup: (_region, name, count) => {
        desired.set(name, count);
        return Promise.resolve();
      },
    },
    canary: {
      beat: () => {
        written += 1;
        return Promise.resolve({ type: "written", sequence: written, writtenAtMs: clock.nowMs() });
      },
      newest: () => Promise.resolve(null),
    },
    http: { get: () => Promise.resolve({ unreachable: "no answer" }) },
    alarms: {
      states: (_region, names) => Promise.resolve(new Map(names.map((name) => [name, "OK"] as const))),
      reportProbe: () => Promise.resolve(),
    },
    ...overrides,
  });
  return {
    clock,
    store,
    executions,
    ports,
    tick: async (site) => {
      const memory = memories.get(site) ?? freshMemory(clock.nowMs());
      const report = await tick(contextAt(site, ports), MACHINE_ARN, memory);
      memories.set(site, report.memory);
      return report;
    },
  };
};

describe("a hold of an execution whose site has become the active one", () => {
  it.each([
    ["FAILED", "OutcomeNotRecorded"],
    ["FAILED", "RecoveryFailed"],
    ["SUCCEEDED", undefined],
  ] as const)(
    "is given back, without a cooldown, where it is %s (%s): all was done",
    async (status, error) => {
      const held = await heldAs(arrived, status, error === undefined ? {} : { error });
      expect(await held.tick("paris")).toMatchObject({
        role: "active",
        detail: expect.stringMatching(/gave back/) as string,
      });
      expect(claimIn(held.store)).toMatchObject({
        holder: null,
        phase: "idle",
        activeSite: "paris",
        epoch: 2,
        recoveredAtMs: null,
        // What it came to nobody knows here: a person may have it finished, which finds little to do.
        unfinished: { execution, from: "ireland", loss },
      });
    },
  );

  it.each([
    ["ABORTED", undefined],
    ["ABORTED", "OutcomeNotRecorded"],
    ["TIMED_OUT", undefined],
    ["FAILED", "States.Runtime"],
    ["FAILED", "EpochStale"],
    ["FAILED", undefined],
    ["RUNNING", undefined],
    ["PENDING_REDRIVE", undefined],
    ["NONE", undefined],
  ] as const)("is kept where it is %s (%s): a redrive may have services to start", async (status, error) => {
    const held = await heldAs(arrived, status, error === undefined ? {} : { error });
    await held.tick("paris");
    expect(claimIn(held.store)).toMatchObject({ holder: { execution }, epoch: 2 });
  });

  it("lets a redrive go on under its mandate, after any number of ticks", async () => {
    const held = await heldAs(arrived, "ABORTED");
    const before = claimVersions(held.store).length;
    for (const _ of [1, 2, 3]) {
      await held.tick("paris");
      held.clock.advance(10_000);
    }
    expect(claimVersions(held.store)).toHaveLength(before);
    await expect(
      fencePrimary(contextAt("paris", held.ports), { execution, epoch: 2 }),
    ).resolves.toMatchObject({ holder: { execution } });
  });
});

describe("a hold of an execution that ended before anything was promoted", () => {
  it.each(["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"] as const)(
    "is given back by the watch beside it where it is %s, and the site that was to be left serves on",
    async (status) => {
      const held = await heldAs(claimed, status);
      expect((await held.tick("ireland")).detail).toMatch(/moves spacelift to paris/);
      expect(await held.tick("paris")).toMatchObject({
        role: "passive",
        detail: expect.stringMatching(/gave back/) as string,
      });
      expect(claimIn(held.store)).toMatchObject({
        holder: null,
        phase: "idle",
        activeSite: "ireland",
        epoch: 2,
        recoveredAtMs: null,
        attemptEndedAtMs: null,
      });
      held.clock.advance(10_000);
      expect((await held.tick("ireland")).detail).toMatch(/^renewed, resuming/);
    },
  );

  it("is given back over leases that it had taken, which the site renews in the new epoch", async () => {
    const held = await heldAs(claimed, "ABORTED");
    for (const place of [witness, atParis])
      putLease(held.store, place, sealedLease(leaseIn(held.store, place), "paris", 2, "s"));
    await held.tick("paris");
    await held.tick("ireland");
    held.clock.advance(10_000);
    await held.tick("ireland");
    expect([witness, atParis].map((place) => leaseIn(held.store, place))).toMatchObject([
      { site: "ireland", epoch: 2, fenced: false },
      { site: "ireland", epoch: 2, fenced: false },
    ]);
  });

  it("is given back once, and its own request with it", async () => {
    const held = await heldAs((claim) => claimed(withRequest(claim, named("one"), "r")), "ABORTED");
    await held.tick("paris");
    expect(claimIn(held.store)).toMatchObject({ holder: null, request: null });
    const versions = claimVersions(held.store).length;
    await held.tick("paris");
    expect(claimVersions(held.store)).toHaveLength(versions);
  });

  it("is given back where the outage goes on, and the next execution begins in the same tick", async () => {
    const held = await heldAs(claimed, "ABORTED", {
      overrides: {
        alarms: {
          states: (_region, names) => Promise.resolve(new Map(names.map((name) => [name, "ALARM"] as const))),
          reportProbe: () => Promise.resolve(),
        },
      },
    });
    expect((await held.tick("paris")).detail).toMatch(/^started/);
    expect(held.executions.started).toHaveLength(1);
    expect(claimIn(held.store)).toMatchObject({ holder: null, request: { trigger: "watch" } });
  });

  it("is given back beside a later request, which stays", async () => {
    const held = await heldAs((claim) => withRequest(claimed(claim), named("two"), "r"), "ABORTED");
    held.executions.states.set(executionNamed("two"), "RUNNING");
    await held.tick("paris");
    expect(claimIn(held.store)).toMatchObject({
      holder: null,
      request: { execution: executionNamed("two") },
    });
  });

  it("stops a redrive of it at its first act", async () => {
    const held = await heldAs(claimed, "ABORTED");
    await held.tick("paris");
    await expect(fencePrimary(contextAt("paris", held.ports), { execution, epoch: 2 })).rejects.toMatchObject(
      { name: "EpochStale" },
    );
    expect(claimIn(held.store)).toMatchObject({ holder: null, phase: "idle" });
  });

  it.each(["RUNNING", "PENDING_REDRIVE", "NONE"] as const)("is left alone while it is %s", async (status) => {
    const held = await heldAs(claimed, status);
    await held.tick("paris");
    expect(claimIn(held.store).holder).toMatchObject({ execution });
  });

  it("is left alone while its region does not answer", async () => {
    const silent = { ...createExecutions(), status: () => Promise.reject(new Error("no answer")) };
    const held = await heldAs(claimed, "ABORTED", { overrides: { executions: silent } });
    await held.tick("paris").catch(() => undefined);
    expect(claimIn(held.store).holder).toMatchObject({ execution });
  });

  it("is kept past the point of no return: a promotion may yet take effect", async () => {
    const held = await heldAs(promoting, "ABORTED");
    const { revision } = claimIn(held.store);
    expect((await held.tick("paris")).detail).not.toMatch(/gave back/);
    await held.tick("ireland");
    expect(claimIn(held.store).revision).toBe(revision);
    expect(claimIn(held.store)).toMatchObject({ holder: { execution }, phase: "promote" });
  });

  it("is kept where a redrive passed the point of no return while its status was asked", async () => {
    const executions = createExecutions();
    const held = await heldAs(claimed, "ABORTED", {
      overrides: {
        executions: {
          ...executions,
          status: async () => {
            if (claimIn(held.store).phase === "claim")
              await fencePrimary(contextAt("paris", held.ports), { execution, epoch: 2 });
            return "ABORTED";
          },
        },
      },
    });
    const { revision } = claimIn(held.store);
    await held.tick("paris");
    // One more, by the redrive alone.
    expect(claimIn(held.store)).toMatchObject({
      holder: { execution },
      phase: "promote",
      revision: revision + 1,
    });
  });

  it("is kept where it took over from one that was past the point of no return", async () => {
    const after = (claim: Claim): Claim =>
      withHolder(promoting(claim), { ...holder, succeeds: executionNamed("zero") }, "t");
    const held = await heldAs(after, "ABORTED");
    await held.tick("paris");
    expect(claimIn(held.store).holder).toMatchObject({ execution });
  });

  it("is not the business of the site that is left: it steps down until it is given back", async () => {
    const held = await heldAs(claimed, "ABORTED");
    await held.tick("ireland");
    expect(claimIn(held.store).holder).toMatchObject({ execution });
  });
});
