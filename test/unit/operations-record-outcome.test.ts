import { fencePrimary } from "@lifeboat/operations/steps/fence-primary";
import { recordOutcome } from "@lifeboat/operations/steps/record-outcome";
import { tick } from "@lifeboat/operations/watch/tick";
import { freshMemory } from "@lifeboat/operations/watch/watch-memory";
import { withHolder, withRequest } from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
import { describe, expect, it } from "vitest";
import { claimedBy, idleStandby, ireland, mandate, ours, paris } from "./operations-standby-world.ts";
import type { ModelledStore } from "./operations-store.ts";
import {
  bootstrapped,
  claimIn,
  claimVersions,
  contextAt,
  executionNamed,
  MACHINE_ARN,
  portsWith,
  putClaim,
  START_MS,
} from "./operations-world.ts";
import { recordOf } from "./record-example.ts";

describe("an execution that ends", () => {
  const record = (name: string, changes: Partial<RecoveryRecord> = {}): RecoveryRecord =>
    recordOf({
      execution: executionNamed(name),
      startedAtMs: START_MS,
      endedAtMs: START_MS + 400_000,
      ...changes,
    });

  const ending = async (
    store: ModelledStore,
    ended: RecoveryRecord,
    publish = (): Promise<void> => Promise.resolve(),
  ) => {
    const appended: { record: RecoveryRecord; claim: unknown }[] = [];
    const ports = portsWith({
      ledger: store,
      notices: { publish },
      records: {
        append: (_place, one) => {
          appended.push({ record: one, claim: claimIn(store) });
          return Promise.resolve();
        },
        appendProtection: () => Promise.reject(new Error("an outcome protects nothing")),
      },
    });
    await recordOutcome(contextAt("paris", ports), ended, { abortedByPerson: false, wasPutOff: false });
    return appended;
  };

  const held = async (): Promise<ModelledStore> => {
    const store = await bootstrapped();
    const execution = executionNamed("one");
    putClaim(store, (claim) =>
      withRequest(claim, { execution, requestedAtMs: START_MS, trigger: "alarm" }, "r"),
    );
    putClaim(store, (claim) =>
      withHolder(claim, { execution, site: "paris", from: "ireland", succeeds: null, loss: null }, "h"),
    );
    return store;
  };

  it("leaves its record before it frees the workload", async () => {
    const store = await held();
    const appended = await ending(store, record("one"));
    expect(appended).toMatchObject([
      { record: { outcome: "recovered" }, claim: { holder: { execution: executionNamed("one") } } },
    ]);
    expect(claimIn(store)).toMatchObject({ holder: null, request: null, recoveredAtMs: START_MS + 400_000 });
  });

  it("starts no cooldown unless it recovered", async () => {
    const store = await held();
    await ending(store, record("one", { outcome: "failed" }));
    expect(claimIn(store)).toMatchObject({
      holder: null,
      recoveredAtMs: null,
      attemptEndedAtMs: START_MS + 400_000,
    });
  });

  it("frees nothing of another execution's", async () => {
    const store = await held();
    await ending(store, record("two", { outcome: "refused" }));
    expect(claimIn(store)).toMatchObject({
      holder: { execution: executionNamed("one") },
      request: { execution: executionNamed("one") },
    });
  });

  it("leaves the hold of one that died in place, for the next one to wait it out", async () => {
    const store = await held();
    putClaim(store, (claim) =>
      withRequest(
        claim,
        { execution: executionNamed("two"), requestedAtMs: START_MS, trigger: "person" },
        "r2",
      ),
    );
    await ending(store, record("two", { outcome: "refused" }));
    expect(claimIn(store)).toMatchObject({ holder: { execution: executionNamed("one") }, request: null });
  });

  it("changes nothing more when it is called again", async () => {
    const store = await held();
    await ending(store, record("one"));
    const versions = claimVersions(store).length;
    await ending(store, record("one"));
    expect(claimVersions(store)).toHaveLength(versions);
  });

  it("stands although nobody could be told", async () => {
    const store = await held();
    await ending(store, record("one"), () => Promise.reject(new Error("no topic")));
    expect(claimIn(store).holder).toBeNull();
  });

  it("leaves no trace of a dry run", async () => {
    const store = await held();
    expect(await ending(store, record("one", { dryRun: true }))).toEqual([]);
    expect(claimIn(store).holder).not.toBeNull();
  });
});

describe("an execution that ends unfinished", () => {
  const record = (outcome: RecoveryRecord["outcome"]): RecoveryRecord =>
    recordOf({
      execution: ours,
      outcome,
      reason: "",
      rpo: null,
      startedAtMs: START_MS,
      endedAtMs: START_MS + 60_000,
    });

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
