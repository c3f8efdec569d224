import { NO_SIGHTINGS } from "@lifeboat/operations/observe-leases";
import type { Ports } from "@lifeboat/operations/ports";
import { begin, type BeginRequest } from "@lifeboat/operations/steps/begin";
import { RecoveryError } from "@lifeboat/recovery/errors";
import {
  withActiveSite,
  withHolder,
  withOutcome,
  withoutRequest,
  withRequest,
} from "@lifeboat/recovery/ledger";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createModelledStore, type ModelledStore } from "./operations-store.ts";
import {
  bootstrapped,
  claimIn,
  claimVersions,
  contextAt,
  createExecutions,
  createIds,
  executionNamed,
  type ModelledExecutions,
  portsWith,
  putClaim,
  START_MS,
} from "./operations-world.ts";

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
