import type { Ports, Tending } from "@lifeboat/operations/ports";
import { withHolder, withProtection } from "@lifeboat/recovery/ledger";
import { describe, expect, it } from "vitest";
import { watchAt } from "./operations-watch-world.ts";
import {
  atIreland,
  atParis,
  claimIn,
  createExecutions,
  executionNamed,
  leaseIn,
  plan,
  putClaim,
  terms,
  witness,
} from "./operations-world.ts";

describe("the passive site's watch", () => {
  const failing = new Set<string>();
  const quiet = (executions = createExecutions()): Partial<Ports> => ({
    executions,
    http: { get: () => Promise.resolve({ unreachable: "no answer" }) },
    alarms: {
      states: (_region, names) =>
        Promise.resolve(new Map(names.map((name) => [name, failing.has(name) ? "ALARM" : "OK"]))),
      reportProbe: () => Promise.resolve(),
    },
  });
  const allFail = (): void => {
    for (const signal of plan.decision.signals) if (signal.type !== "lease") failing.add(signal.alarm);
  };

  it("asks for a recovery when the plan's quorum says so, and not before", async () => {
    failing.clear();
    const executions = createExecutions();
    const watch = await watchAt("paris", quiet(executions));
    expect(await watch.tick()).toMatchObject({ role: "passive", detail: expect.stringMatching(/no quorum/) });
    expect(executions.started).toEqual([]);
    allFail();
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^started/) });
    expect(executions.started).toHaveLength(1);
  });

  it("counts the lease by what another container has seen, although it sees it for the first time itself", async () => {
    failing.clear();
    failing.add("spacelift-unreachable-from-standby");
    const watch = await watchAt("paris", quiet());
    const votes = { detail: expect.stringMatching(/2 of 5 signals fail \(probe-from-standby, lease\)/) };
    for (let ticks = 0; ticks < 4; ticks++) {
      await watch.tick();
      watch.clock.advance(terms.renewEveryMs);
    }
    expect(await watch.tick()).toMatchObject(votes);
    watch.restart();
    expect(await watch.tick()).toMatchObject(votes);
  });

  it("starts nothing while an execution carries out an epoch", async () => {
    allFail();
    const executions = createExecutions();
    const watch = await watchAt("paris", quiet(executions));
    executions.states.set(executionNamed("one"), "RUNNING");
    putClaim(watch.store, (claim) =>
      withHolder(
        claim,
        { execution: executionNamed("one"), site: "paris", from: "ireland", succeeds: null, loss: null },
        "h",
      ),
    );
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/is being carried out/) });
    expect(executions.started).toEqual([]);
  });

  it("is not blocked by a holder whose execution died: a recovery that never completed does not block the next", async () => {
    allFail();
    const executions = createExecutions();
    const watch = await watchAt("paris", quiet(executions));
    executions.states.set(executionNamed("one"), "ABORTED");
    putClaim(watch.store, (claim) =>
      withHolder(
        claim,
        { execution: executionNamed("one"), site: "paris", from: "ireland", succeeds: null, loss: null },
        "h",
      ),
    );
    expect(await watch.tick()).toMatchObject({ detail: expect.stringMatching(/^started/) });
    expect(executions.started).toHaveLength(1);
  });

  it("has protection looked at with whatever is not known to have stopped, and says how far it is", async () => {
    const asked: unknown[] = [];
    const tending = {
      retire: () => Promise.reject(new Error("no answer in time")),
      protect: (_region, request) => {
        asked.push(request);
        return Promise.resolve({ type: "looked", protected: false, missing: ["stores/database"] });
      },
    } satisfies Partial<Tending> as unknown as Tending;
    const watch = await watchAt("paris", { ...quiet(), tending });
    putClaim(watch.store, (claim) => withProtection(claim, "degraded", "d"));
    expect(await watch.tick()).toMatchObject({ detail: "not protected yet: stores/database" });
    expect(asked).toEqual([
      {
        workload: "spacelift",
        claimRevision: claimIn(watch.store).revision,
        running: ["services (no answer in time)"],
      },
    ]);
  });

  it("goes on with its ticks where nobody answers", async () => {
    const failing = () => Promise.reject(new Error("no answer in time"));
    const tending = { retire: failing, protect: failing } as unknown as Tending;
    const watch = await watchAt("paris", { ...quiet(), tending });
    putClaim(watch.store, (claim) => withProtection(claim, "degraded", "d"));
    expect(await watch.tick()).toMatchObject({ detail: "not protected yet: no answer in time" });
  });

  it("renews no lease and writes no canary", async () => {
    failing.clear();
    const watch = await watchAt("paris", quiet());
    await watch.tick();
    expect(watch.beats).toEqual([]);
    for (const place of [witness, atParis, atIreland]) expect(leaseIn(watch.store, place).revision).toBe(1);
  });

  it("does nothing while the witness is out of reach", async () => {
    allFail();
    const executions = createExecutions();
    const watch = await watchAt("paris", quiet(executions));
    watch.lost.add(witness);
    expect(await watch.tick()).toMatchObject({ role: "unknown" });
    expect(executions.started).toEqual([]);
    expect(claimIn(watch.store).request).toBeNull();
  });
});
