import type { Mandate } from "@lifeboat/operations/context";
import type { Databases, GlobalCluster, Ports } from "@lifeboat/operations/ports";
import { activateSite } from "@lifeboat/operations/steps/activate-site";
import { confirmStore } from "@lifeboat/operations/steps/confirm-store";
import { fencePrimary } from "@lifeboat/operations/steps/fence-primary";
import { promoteStore } from "@lifeboat/operations/steps/promote-store";
import { recordOutcome } from "@lifeboat/operations/steps/record-outcome";
import { tellUnrecorded } from "@lifeboat/operations/steps/tell-unrecorded";
import { shiftTraffic } from "@lifeboat/operations/steps/shift-traffic";
import { startService, startWorkers } from "@lifeboat/operations/steps/start-compute";
import { verifyCheck } from "@lifeboat/operations/steps/verify-checks";
import { tick } from "@lifeboat/operations/watch/tick";
import { freshMemory } from "@lifeboat/operations/watch/watch-memory";
import { RecoveryError } from "@lifeboat/recovery/errors";
import { withHolder } from "@lifeboat/recovery/ledger";
import type { RecoveryEvent } from "@lifeboat/recovery/recovery-event";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { describe, expect, it } from "vitest";
import type { ModelledStore } from "./operations-store.ts";
import {
  atParis,
  bootstrapped,
  claimIn,
  contextAt,
  createHandClock,
  executionNamed,
  leaseIn,
  MACHINE_ARN,
  portsWith,
  putClaim,
  START_MS,
  witness,
} from "./operations-world.ts";

const ours = executionNamed("ours");
const mandate: Mandate = { execution: ours, epoch: 2 };
const arnIn = (region: string, cluster: string): string =>
  `arn:aws:rds:${region}:111122223333:cluster:${cluster}`;
const paris = arnIn("eu-west-3", "spacelift-paris");
const ireland = arnIn("eu-west-1", "spacelift-ireland");

const globalCluster = (writer: string): GlobalCluster => ({
  id: "spacelift",
  status: "available",
  engineVersion: "17.5",
  members: [paris, ireland].map((arn) => ({
    arn,
    region: arn.split(":")[3] ?? "",
    isWriter: arn === writer,
    connected: true,
  })),
  transition: null,
});

/** Ports of a standby where nothing has been done yet, so that every step has something to do; notes what is done. */
const idleStandby = (store: ModelledStore, writer = ireland) => {
  const acts: string[] = [];
  const act = (name: string) => () => {
    acts.push(name);
    return Promise.resolve();
  };
  const databases: Partial<Databases> = {
    globalCluster: () => Promise.resolve(globalCluster(writer)),
    cluster: () =>
      Promise.resolve({
        arn: paris,
        status: "available",
        engineVersion: "17.5",
        kmsKeyId: null,
        instances: [{ id: "spacelift-paris-1", status: "available", isWriter: false }],
      }),
    failOver: () => {
      acts.push("failOver");
      return Promise.resolve("accepted");
    },
  };
  const ports: Ports = portsWith({
    ledger: store,
    databases: databases as Databases,
    compute: {
      service: () => Promise.resolve({ status: "ACTIVE", desired: 0, running: 0, settled: true }),
      group: () => Promise.resolve({ desired: 0, inService: 0, max: 8 }),
      scaleService: act("scaleService"),
      scaleGroup: act("scaleGroup"),
    },
    traffic: {
      readSwitch: () => Promise.resolve("absent"),
      setSwitch: act("setSwitch"),
      clearSwitch: act("clearSwitch"),
      resolve: () => Promise.resolve([]),
    },
    brokers: { iotDomain: () => Promise.resolve(null) },
    canary: {
      beat: () => {
        acts.push("beat");
        return Promise.resolve({ type: "written" as const, sequence: 9, writtenAtMs: START_MS });
      },
      newest: () => Promise.resolve({ sequence: 7, writtenAtMs: START_MS - 20_000 }),
    },
    notices: { publish: act("publish") },
    records: { append: act("append"), appendProtection: act("appendProtection") },
  });
  return { acts, context: contextAt("paris", ports) };
};

const claimedBy = async (execution: string): Promise<ModelledStore> => {
  const store = await bootstrapped();
  putClaim(store, (claim) =>
    withHolder(claim, { execution, site: "paris", from: "ireland", succeeds: null, loss: null }, "claimed"),
  );
  return store;
};

const record = (outcome: RecoveryRecord["outcome"]): RecoveryRecord => ({
  workload: "spacelift",
  execution: ours,
  outcome,
  reason: "",
  dryRun: false,
  trigger: "automatic",
  from: "ireland",
  to: "paris",
  epoch: 2,
  planHash: "hash",
  fencing: "lease-run-out",
  rpo: null,
  phases: [],
  startedAtMs: START_MS,
  endedAtMs: START_MS + 60_000,
  remaining: [],
});

type Context = ReturnType<typeof idleStandby>["context"];

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
    const store = await activated({ fenced: true, unanswered, durationMs: 80_000 });
    const [beat] = await beatsOf(store, activate);
    expect(beat).toMatchObject({ askedAtMs: START_MS, toldMs: START_MS });
    expect(leaseIn(store, witness)).toMatchObject({
      canary: { ...canary, mayHaveBeatenAtMs: START_MS },
      fenced: true,
      unanswered,
      durationMs: 80_000,
    });
  });

  it("is announced in the lease's next epoch as well", async () => {
    const [beat] = await beatsOf(await activated({ epoch: 1 }), activate);
    expect(beat).toMatchObject({ askedAtMs: START_MS, toldMs: START_MS });
  });

  it("never takes back that a later one was announced", async () => {
    const later = { ...canary, mayHaveBeatenAtMs: START_MS + 5000 };
    const store = await activated({ canary: later });
    expect(await beatsOf(store, activate)).toMatchObject([{ toldMs: START_MS + 5000 }]);
    expect(leaseIn(store, witness).revision).toBe(2);
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

describe("an execution that ends unfinished", () => {
  const oldSite = async (store: ModelledStore) => {
    const beats: string[] = [];
    const { context } = idleStandby(store);
    const canary = {
      ...context.ports.canary,
      beat: () => {
        beats.push("beat");
        return Promise.resolve({ type: "written" as const, sequence: 1, writtenAtMs: START_MS });
      },
    };
    const report = await tick(
      contextAt("ireland", { ...context.ports, canary }),
      MACHINE_ARN,
      freshMemory(START_MS),
    );
    return { report, beats };
  };

  it("keeps the old site down once promotions may have begun", async () => {
    const store = await claimedBy(ours);
    const { context } = idleStandby(store);
    await fencePrimary(context, mandate);
    await recordOutcome(context, record("held"), { abortedByPerson: false, wasPutOff: false });
    expect(claimIn(store)).toMatchObject({ request: null, holder: { execution: ours }, phase: "promote" });
    const { report, beats } = await oldSite(store);
    expect(report.detail).toMatch(/epoch 2 moves spacelift to paris/);
    expect(beats).toEqual([]);
  });

  it("lets the old site go on where a person gave it up and nothing was promoted", async () => {
    const store = await claimedBy(ours);
    const { context } = idleStandby(store, ireland);
    await fencePrimary(context, mandate);
    await recordOutcome(context, record("held"), { abortedByPerson: true, wasPutOff: false });
    expect(claimIn(store)).toMatchObject({ holder: null, phase: "idle" });
  });

  it("keeps it down where a person gave up too late: the writer has moved", async () => {
    const store = await claimedBy(ours);
    const { context } = idleStandby(store, paris);
    await fencePrimary(context, mandate);
    await recordOutcome(context, record("held"), { abortedByPerson: true, wasPutOff: false });
    expect(claimIn(store).holder).toMatchObject({ execution: ours });
  });

  it("leaves no hold where it never claimed past the point of no return", async () => {
    const store = await claimedBy(ours);
    await recordOutcome(idleStandby(store).context, record("failed"), {
      abortedByPerson: false,
      wasPutOff: false,
    });
    expect(claimIn(store)).toMatchObject({ holder: null, phase: "idle" });
  });
});

describe("an outcome that was put off", () => {
  const refused = new RecoveryError("AwsRejected", "PutObject of a record: AccessDenied");
  const withRecords = (store: ModelledStore, append: () => Promise<void>) => {
    const { context } = idleStandby(store);
    const records = { append, appendProtection: () => Promise.reject(new Error("protects nothing")) };
    return { ...context, ports: { ...context.ports, records } };
  };
  const recovered: RecoveryRecord = { ...record("recovered"), endedAtMs: START_MS + 5000 };

  it("frees the workload although its record cannot be written, and says what keeps it", async () => {
    const store = await claimedBy(ours);
    const context = withRecords(store, () => Promise.reject(refused));
    await expect(recordOutcome(context, recovered, { abortedByPerson: false, wasPutOff: true })).rejects.toBe(
      refused,
    );
    expect(claimIn(store)).toMatchObject({ holder: null, request: null, recoveredAtMs: START_MS + 5000 });
  });

  it("keeps the workload at the first try, so that who was freed has a record", async () => {
    const store = await claimedBy(ours);
    const context = withRecords(store, () => Promise.reject(refused));
    await expect(
      recordOutcome(context, recovered, { abortedByPerson: false, wasPutOff: false }),
    ).rejects.toBe(refused);
    expect(claimIn(store)).toMatchObject({ holder: { execution: ours } });
  });

  it("writes its record although the ledger is out of reach, and says that it is", async () => {
    const store = await claimedBy(ours);
    const written: string[] = [];
    const context = withRecords(store, () => {
      written.push("record");
      return Promise.resolve();
    });
    const silent = { ...store, read: () => Promise.resolve({ type: "unreachable", reason: "no answer" }) };
    const cutOff = { ...context, ports: { ...context.ports, ledger: silent as unknown as ModelledStore } };
    await expect(
      recordOutcome(cutOff, recovered, { abortedByPerson: false, wasPutOff: true }),
    ).rejects.toMatchObject({ name: "LedgerUnreadable" });
    expect(written).toEqual(["record"]);
    expect(claimIn(store)).toMatchObject({ holder: { execution: ours } });
  });

  it("takes nothing from whoever holds the workload meanwhile", async () => {
    const store = await claimedBy(executionNamed("another"));
    const context = withRecords(store, () => Promise.resolve());
    const before = claimIn(store);
    await recordOutcome(context, recovered, { abortedByPerson: false, wasPutOff: true });
    expect(claimIn(store)).toEqual(before);
  });
});

describe("word of an outcome that is not recorded yet", () => {
  const told = async (
    kind: "passing" | "final",
    publish: (subject: string, text: string) => Promise<void>,
  ) => {
    const events: RecoveryEvent[] = [];
    const tell = (event: RecoveryEvent) => {
      events.push(event);
      return Promise.resolve({ told: true as const });
    };
    const ports = portsWith({ ledger: await bootstrapped(), notices: { publish }, events: { tell } });
    const rpo = { minMs: 0, maxMs: 10_000 };
    const words = { execution: ours, outcome: "recovered", reason: "served", to: "paris", rpo } as const;
    const done = tellUnrecorded(contextAt("paris", ports), { ...words, why: "no witness", kind });
    return { events, done };
  };

  it.each([
    ["passing", "every few minutes"],
    ["final", "every five minutes"],
  ] as const)("says why, what was lost, and that it is tried again: %s, %s", async (kind, again) => {
    const messages: string[] = [];
    const { events, done } = await told(kind, (subject, text) => {
      messages.push(`${subject}\n${text}`);
      return Promise.resolve();
    });
    await done;
    expect(messages).toHaveLength(1);
    for (const part of [
      "recovered, not recorded yet",
      "Why: no witness",
      again,
      "Lost: between 0.0 s and 10.0 s",
    ])
      expect(messages[0]).toContain(part);
    expect(events).toMatchObject([
      {
        type: "lifeboat.recovery.unrecorded",
        id: `spacelift/ours/recovery.unrecorded/${kind}`,
        outcome: "recovered",
        reason: "no witness",
        passing: kind === "passing",
      },
    ]);
  });

  it("reaches whoever hooks in where the message cannot be sent, and fails so that it is sent again", async () => {
    const { events, done } = await told("passing", () => Promise.reject(new Error("no topic")));
    await expect(done).rejects.toThrow("no topic");
    expect(events).toHaveLength(1);
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
