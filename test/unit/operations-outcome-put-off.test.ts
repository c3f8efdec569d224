import { recordOutcome } from "@lifeboat/operations/steps/record-outcome";
import { tellUnrecorded } from "@lifeboat/operations/steps/tell-unrecorded";
import { RecoveryError } from "@lifeboat/recovery/errors";
import type { RecoveryEvent } from "@lifeboat/recovery/recovery-event";
import { describe, expect, it } from "vitest";
import { claimedBy, idleStandby, ours } from "./operations-standby-world.ts";
import type { ModelledStore } from "./operations-store.ts";
import { bootstrapped, claimIn, contextAt, executionNamed, portsWith, START_MS } from "./operations-world.ts";
import { recordOf } from "./record-example.ts";

describe("an outcome that was put off", () => {
  const refused = new RecoveryError("AwsRejected", "PutObject of a record: AccessDenied");
  const withRecords = (store: ModelledStore, append: () => Promise<void>) => {
    const { context } = idleStandby(store);
    const records = { append, appendProtection: () => Promise.reject(new Error("protects nothing")) };
    return { ...context, ports: { ...context.ports, records } };
  };
  const recovered = recordOf({ execution: ours, startedAtMs: START_MS, endedAtMs: START_MS + 5000 });

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
