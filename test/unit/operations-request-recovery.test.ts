import { NO_SIGHTINGS } from "@lifeboat/operations/observe-leases";
import { executionArn, requestRecovery, type RequestResult } from "@lifeboat/operations/request-recovery";
import type { Ports } from "@lifeboat/operations/ports";
import { begin, type BeginRequest } from "@lifeboat/operations/steps/begin";
import { recordOutcome } from "@lifeboat/operations/steps/record-outcome";
import { RecoveryError } from "@lifeboat/recovery/errors";
import {
  withActiveSite,
  withHolder,
  withOutcome,
  withRequest,
  withoutRequest,
} from "@lifeboat/recovery/ledger";
import type { RecoveryRecord } from "@lifeboat/recovery/outcome";
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
  MACHINE_ARN,
  portsWith,
  putClaim,
  putSwitch,
  START_MS,
  type HandClock,
  type ModelledExecutions,
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

describe("an execution that begins at the active site", () => {
  const loss = { known: true, interval: { minMs: 0, maxMs: 5000 } } as const;
  const first = executionNamed("one");
  const move = { execution: first, from: "ireland", loss, startedAtMs: START_MS };
  /** The workload has been moved to Paris by an execution that still has it. */
  const arrived = async (): Promise<ModelledStore> => {
    const store = await bootstrapped();
    const holder = { execution: first, site: "paris", from: "ireland", succeeds: null, loss: null };
    putClaim(store, (claim) =>
      withRequest(claim, { execution: first, requestedAtMs: START_MS, trigger: "watch" }, "r"),
    );
    putClaim(store, (claim) => withHolder(claim, { ...holder, startedAtMs: START_MS }, "h"));
    putClaim(store, (claim) => withActiveSite(claim, { activeSite: "paris", loss }, "a"));
    return store;
  };
  const unfinished = async (): Promise<ModelledStore> => {
    const store = await arrived();
    const ending = { execution: first, endedAtMs: START_MS, recovered: false, givenUp: false };
    putClaim(store, (claim) => withOutcome(claim, ending, "o"));
    return store;
  };
  const beginWith = (
    store: ModelledStore,
    executions: Partial<Ports["executions"]>,
    options: Partial<BeginRequest> = {},
  ) =>
    begin(
      contextAt(
        "paris",
        portsWith({ ledger: store, executions: executions as Ports["executions"], ids: createIds("b") }),
      ),
      { execution: executionNamed("two"), dryRun: false, trigger: "person", sightings: null, ...options },
    );

  it("finishes a move that was left unfinished, as the workload's only one, and looks at no lease", async () => {
    const store = await unfinished();
    const begun = await beginWith(store, createExecutions());
    expect(begun).toMatchObject({ finishes: move, otherExecution: null, sightings: NO_SIGHTINGS });
    expect(claimIn(store).request).toMatchObject({ execution: executionNamed("two"), trigger: "person" });
  });

  it.each(["TIMED_OUT", "ABORTED", "FAILED", "SUCCEEDED"] as const)(
    "takes over from one that is recorded and has ended: %s",
    async (status) => {
      const store = await arrived();
      const executions = createExecutions();
      executions.states.set(first, status);
      expect(await beginWith(store, executions)).toMatchObject({ finishes: move, otherExecution: null });
    },
  );

  it.each(["RUNNING", "PENDING_REDRIVE"] as const)(
    "steps back from one that holds it and is %s, although its request was forgotten",
    async (status) => {
      const store = await arrived();
      putClaim(store, (claim) => withoutRequest(claim, first, "f"));
      const executions = createExecutions();
      executions.states.set(first, status);
      expect(await beginWith(store, executions)).toMatchObject({ otherExecution: first });
      expect(claimIn(store).request).toBeNull();
    },
  );

  it("fails where nobody says whether the one that holds it goes on: its own region is no lost one", async () => {
    const store = await arrived();
    const silent = { status: () => Promise.reject(new RecoveryError("AwsUnavailable", "no answer")) };
    await expect(beginWith(store, silent)).rejects.toMatchObject({ name: "AwsUnavailable" });
  });

  it("writes nothing in a dry run", async () => {
    const store = await unfinished();
    const before = claimIn(store);
    expect(await beginWith(store, createExecutions(), { dryRun: true })).toMatchObject({ finishes: move });
    expect(claimIn(store)).toEqual(before);
  });

  it("is refused where nobody started it, where the move is finished, and where another one moves it away", async () => {
    const refused = {
      name: "InputInvalid",
      message: expect.stringContaining("is active at paris already") as string,
    };
    const left = await unfinished();
    await expect(beginWith(left, createExecutions(), { trigger: "automatic" })).rejects.toMatchObject(
      refused,
    );
    const away = {
      execution: executionNamed("away"),
      site: "ireland",
      from: "paris",
      succeeds: null,
      loss: null,
    };
    putClaim(left, (claim) => withHolder(claim, away, "w"));
    await expect(beginWith(left, createExecutions())).rejects.toMatchObject(refused);
    const done = await arrived();
    const ending = { execution: first, endedAtMs: START_MS, recovered: true, givenUp: false };
    putClaim(done, (claim) => withOutcome(claim, ending, "o"));
    await expect(beginWith(done, createExecutions())).rejects.toMatchObject(refused);
  });
});

describe("an execution that begins", () => {
  const beginAs = (store: ModelledStore, executions: ModelledExecutions, name: string, dryRun = false) =>
    begin(contextAt("paris", portsWith({ ledger: store, executions, ids: createIds(name) })), {
      execution: executionNamed(name),
      dryRun,
      trigger: "person",
      sightings: null,
    });

  it("becomes the workload's only one", async () => {
    const store = await bootstrapped();
    const begun = await beginAs(store, createExecutions(), "person-1");
    expect(begun).toMatchObject({
      otherExecution: null,
      claim: { request: { execution: executionNamed("person-1") } },
    });
  });

  it("steps back from one that runs", async () => {
    const store = await bootstrapped();
    const executions = createExecutions();
    await beginAs(store, executions, "person-1");
    executions.states.set(executionNamed("person-1"), "RUNNING");
    expect(await beginAs(store, executions, "person-2")).toMatchObject({
      otherExecution: executionNamed("person-1"),
    });
    expect(claimIn(store).request?.execution).toBe(executionNamed("person-1"));
  });

  it("finds itself again when it is called twice", async () => {
    const store = await bootstrapped();
    const executions = createExecutions();
    await beginAs(store, executions, "person-1");
    executions.states.set(executionNamed("person-1"), "RUNNING");
    expect(await beginAs(store, executions, "person-1")).toMatchObject({ otherExecution: null });
    expect(claimVersions(store)).toHaveLength(2);
  });

  it("writes nothing in a dry run", async () => {
    const store = await bootstrapped();
    await beginAs(store, createExecutions(), "person-1", true);
    expect(store.calls.filter(({ operation }) => operation !== "read")).toEqual([]);
  });

  it("refuses to move a workload to where it is", async () => {
    const store = await bootstrapped();
    putClaim(store, (claim) => ({ ...claim, activeSite: "paris" }));
    await expect(beginAs(store, createExecutions(), "person-1")).rejects.toMatchObject({
      name: "InputInvalid",
      message: expect.stringMatching(/active at paris already/),
    });
  });

  it("of two at once lets one go on", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const store = await bootstrapped(
          createModelledStore({ pause: () => scheduler.schedule(Promise.resolve()) }),
        );
        const executions = createExecutions();
        for (const name of ["one", "two"]) executions.states.set(executionNamed(name), "RUNNING");
        const both = Promise.all([beginAs(store, executions, "one"), beginAs(store, executions, "two")]);
        await scheduler.waitFor(both);
        expect((await both).filter(({ otherExecution }) => otherExecution === null)).toHaveLength(1);
      }),
      { numRuns: 200 },
    );
  });
});

describe("an execution that ends", () => {
  const record = (name: string, changes: Partial<RecoveryRecord> = {}): RecoveryRecord => ({
    workload: "spacelift",
    execution: executionNamed(name),
    outcome: "recovered",
    reason: "served from paris",
    dryRun: false,
    trigger: "automatic",
    from: "ireland",
    to: "paris",
    epoch: 2,
    planHash: "hash",
    fencing: "lease-run-out",
    rpo: { minMs: 0, maxMs: 10_000 },
    phases: [],
    startedAtMs: START_MS,
    endedAtMs: START_MS + 400_000,
    remaining: [],
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
