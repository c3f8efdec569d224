import { NO_SIGHTINGS } from "@lifeboat/operations/observe-leases";
import { executionArn, requestRecovery, type RequestResult } from "@lifeboat/operations/request-recovery";
import { withOutcome } from "@lifeboat/recovery/ledger";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createModelledStore, type Fate, type ModelledStore } from "./operations-store.ts";
import {
  bootstrapped,
  claimIn,
  claimVersions,
  contextAt,
  createExecutions,
  createHandClock,
  createIds,
  executionNamed,
  type HandClock,
  MACHINE_ARN,
  type ModelledExecutions,
  portsWith,
  putClaim,
  putSwitch,
  START_MS,
} from "./operations-world.ts";

interface Caller {
  readonly clock: HandClock;
  readonly request: () => Promise<RequestResult>;
}

const caller = (
  ledger: ModelledStore,
  executions: ModelledExecutions,
  name = "c",
  clock = createHandClock(),
): Caller => ({
  clock,
  request: () =>
    requestRecovery(
      contextAt("paris", portsWith({ ledger, executions, clock, ids: createIds(name) })),
      MACHINE_ARN,
      "alarm",
      NO_SIGHTINGS,
      "quorum: 3 of 5",
    ),
});

describe("a request for a recovery", () => {
  it("is written into the claim, and starts the execution that it names", async () => {
    const store = await bootstrapped();
    const executions = createExecutions();
    const result = await caller(store, executions).request();
    expect(result).toEqual({
      type: "started",
      execution: executionNamed("spacelift-e1-r1"),
      reason: "quorum: 3 of 5",
    });
    expect(executions.started).toEqual(["spacelift-e1-r1"]);
    expect(claimIn(store)).toMatchObject({
      epoch: 1,
      holder: null,
      request: { execution: executionNamed("spacelift-e1-r1"), requestedAtMs: START_MS, trigger: "alarm" },
    });
  });

  it("starts nothing while the one that was started before is running", async () => {
    const store = await bootstrapped();
    const executions = createExecutions();
    await caller(store, executions).request();
    expect(await caller(store, executions, "d").request()).toMatchObject({ type: "already-requested" });
    expect(executions.started).toHaveLength(1);
    expect(claimVersions(store)).toHaveLength(2);
  });

  it("whose writer died before it started anything is started by the next caller, under the same name", async () => {
    const store = await bootstrapped();
    const executions = createExecutions();
    const dying = { ...executions, start: () => Promise.reject(new Error("killed")) };
    await expect(caller(store, dying).request()).rejects.toThrow("killed");
    expect(executions.started).toEqual([]);
    const result = await caller(store, executions, "d").request();
    expect(result).toMatchObject({ type: "started", execution: executionNamed("spacelift-e1-r1") });
    expect(executions.started).toEqual(["spacelift-e1-r1"]);
    expect(claimVersions(store)).toHaveLength(2);
  });

  it("starts nothing while the kill switch is on", async () => {
    const store = await bootstrapped();
    const executions = createExecutions();
    putSwitch(store, { on: true, by: "Grace", why: "drill" });
    await expect(caller(store, executions).request()).rejects.toMatchObject({ name: "KillSwitchOn" });
    expect([executions.started, claimVersions(store).length]).toEqual([[], 1]);
  });

  it("starts nothing when it cannot be learned whether another runs", async () => {
    const store = await bootstrapped();
    const executions = createExecutions();
    await caller(store, executions).request();
    const silent = { ...executions, status: () => Promise.reject(new Error("no answer")) };
    await expect(caller(store, silent, "d").request()).rejects.toThrow("no answer");
    expect(executions.started).toHaveLength(1);
  });

  it.each(["ABORTED", "FAILED", "TIMED_OUT"] as const)(
    "takes the place of one that %s without freeing the workload, under a new name",
    async (state) => {
      const store = await bootstrapped();
      const executions = createExecutions();
      await caller(store, executions).request();
      executions.states.set(executionNamed("spacelift-e1-r1"), state);
      expect(await caller(store, executions, "d").request()).toMatchObject({ type: "started" });
      expect(executions.started).toEqual(["spacelift-e1-r1", "spacelift-e1-r2"]);
    },
  );

  it("leaves a pause after an attempt that achieved nothing, and not for ever", async () => {
    const store = await bootstrapped();
    const executions = createExecutions();
    putClaim(store, (claim) =>
      withOutcome(
        claim,
        { execution: "e", endedAtMs: START_MS - 10_000, recovered: false, givenUp: false },
        "w",
      ),
    );
    const subject = caller(store, executions);
    expect(await subject.request()).toMatchObject({
      type: "not-needed",
      reason: expect.stringMatching(/ended 10 s ago; the next one waits/),
    });
    subject.clock.advance(120_000);
    expect(await subject.request()).toMatchObject({ type: "started" });
  });

  it("of several callers at once, in whatever order and with whatever lost, starts one execution", async () => {
    const anyFate = fc.constantFrom<Fate>(
      "answered",
      "answered",
      "lost-after",
      "lost-before",
      "delayed",
      "conflict",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(anyFate, { maxLength: 8 }),
        fc.integer({ min: 2, max: 4 }),
        async (scheduler, fates, callers) => {
          const left = [...fates];
          const store = await bootstrapped(
            createModelledStore({
              fate: ({ operation }) => (operation === "read" ? "answered" : (left.shift() ?? "answered")),
              pause: () => scheduler.schedule(Promise.resolve()),
            }),
          );
          const executions = createExecutions();
          const all = Promise.allSettled(
            Array.from({ length: callers }, (_, index) => caller(store, executions, `c${index}-`).request()),
          );
          await scheduler.waitFor(all);
          store.flush();
          expect(executions.started.length).toBeLessThanOrEqual(1);
          // Whoever comes next finds the one that runs, or starts the one that was only asked for.
          const next = caller(store, executions, "next-").request();
          await scheduler.waitFor(next);
          await next;
          expect(executions.started).toHaveLength(1);
          expect(claimIn(store).request?.execution).toBe(
            executionArn(MACHINE_ARN, executions.started[0] ?? ""),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
