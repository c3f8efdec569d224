import type { WriteRow } from "@lifeboat/cloud/client/rows";
import type { Evidence } from "@lifeboat/lab/checks/evidence";
import { describe, expect, it } from "vitest";
import {
  call,
  claimAt,
  entered,
  execution,
  EXECUTION,
  exited,
  found,
  heldAt,
  historyEvent,
  leaseAt,
  nothing,
  OTHER,
  recordAt,
  switchAt,
} from "./planted-evidence.ts";

describe("a terminal state", () => {
  const begun = { history: [entered(10, "Assess")] };

  it("fires on an end without an outcome, without a cause, and without a record", () => {
    expect(found("terminal-outcome", { executions: [execution({ output: {} })] })).toHaveLength(1);
    expect(found("terminal-outcome", { executions: [execution({ status: "TIMED_OUT" })] })).toHaveLength(1);
    expect(found("terminal-outcome", { executions: [execution(begun)] })).toEqual([
      expect.stringMatching(/without a record/),
    ]);
  });

  it("fires on an execution that goes on and on, and not on one that waits for a person", () => {
    const running = { status: "RUNNING", output: undefined, stoppedAtMs: undefined };
    const endedAtMs = 20 * 3_600_000;
    const stuck = execution({ ...running, history: [entered(10, "PromoteWait")] });
    expect(found("terminal-outcome", { endedAtMs, executions: [stuck] })).toHaveLength(1);
    const held = execution({ ...running, history: [entered(10, "Hold")] });
    expect(found("terminal-outcome", { endedAtMs, executions: [held] })).toEqual([]);
  });

  it("fires on a phase that outlasted its timeout, although what it waited for came in the end", () => {
    const visit = (leftAtMs: number, left: ReturnType<typeof exited>) =>
      execution({
        stoppedAtMs: leftAtMs,
        output: { outcome: "held" },
        history: [
          historyEvent(1, "MapStateEntered", { stateEnteredEventDetails: { name: "PromoteStores" } }),
          entered(2, "Promote"),
          left,
        ],
      });
    const records = [recordAt(100, { outcome: "held" })];
    const late = visit(2_400_000, exited(2_400_000, "PromoteStores"));
    expect(found("terminal-outcome", { records, executions: [late] })).toEqual([
      expect.stringMatching(/was in PromoteStores for 2399999 ms, and nobody was asked/),
    ]);
    const asked = visit(9_000_000, entered(1_805_000, "BeginHold"));
    expect(found("terminal-outcome", { records, executions: [asked] })).toEqual([]);
  });

  it("is content with an outcome that is on record, and with an error that says why", () => {
    const planted = { executions: [execution(begun)], records: [recordAt(100)] };
    expect(found("terminal-outcome", planted)).toEqual([]);
    const refused = execution({
      status: "FAILED",
      output: undefined,
      error: "InputInvalid",
      cause: "no workload",
    });
    expect(found("terminal-outcome", { executions: [refused] })).toEqual([]);
  });
});

describe("convergence", () => {
  const END = nothing.endedAtMs;
  const moved = { revision: 9, epoch: 2, activeSite: "paris" } as const;
  const lease = leaseAt(END - 1000, { site: "paris", epoch: 2 });
  const store = { name: "database", writerRegion: "eu-west-3", isMoving: false };
  const compute = (site: string, desired: number) => ({
    name: "services/server",
    site,
    desired,
    activeCount: 3,
    passiveCount: 0,
  });
  const lever = (site: string, on: boolean, closed: boolean) => ({
    name: "traffic/server",
    site,
    on,
    closed,
  });
  const inPlace: Evidence["standing"] = {
    lost: [],
    stores: [store],
    compute: [compute("ireland", 0), compute("paris", 3)],
    switches: [lever("ireland", false, true), lever("paris", true, false)],
  };
  const ended = (standing: Partial<Evidence["standing"]>, more: Partial<Evidence> = {}): readonly string[] =>
    found("convergence", {
      claims: [claimAt(END - 2000, moved)],
      leases: [lease],
      standing: { ...inPlace, ...standing },
      ...more,
    });

  it("is content where everything is where the ledger says", () => expect(ended({})).toEqual([]));

  it("fires on a writer elsewhere, and on one that is being moved", () => {
    expect(ended({ stores: [{ ...store, writerRegion: "eu-west-1" }] })).toEqual([
      "the writer of stores/database is in eu-west-1 while paris is active",
    ]);
    expect(ended({ stores: [{ ...store, isMoving: true }] })).toHaveLength(1);
  });

  it("fires on counts that are too small or too large at the active site", () => {
    expect(ended({ compute: [compute("paris", 2)] })).toEqual([
      "services/server of paris is to have 2 and not 3",
    ]);
    expect(ended({ compute: [compute("paris", 6)] })).toHaveLength(1);
  });

  it("fires on compute at the passive site once the workload is protected, and not before", () => {
    const standing = { compute: [compute("ireland", 3)] };
    expect(ended(standing)).toEqual(["services/server of ireland is to have 3 and not 0"]);
    const degraded = [claimAt(END - 2000, { ...moved, protection: "degraded" })];
    expect(ended(standing, { claims: degraded })).toEqual([]);
    expect(ended({ ...standing, lost: ["eu-west-1"] })).toEqual([]);
  });

  it("fires on a switch that does not fit the active site", () => {
    expect(ended({ switches: [lever("paris", false, false)] })).toEqual([
      "the switch traffic/server of paris is off",
    ]);
    expect(ended({ switches: [lever("ireland", true, true)] })).toHaveLength(1);
    expect(ended({ switches: [lever("ireland", false, false)] })).toHaveLength(1);
  });

  it("fires on an active site without a lease of the epoch", () => {
    const other = leaseAt(END - 1000, { site: "ireland", epoch: 2 });
    const old = leaseAt(END - 1000, { site: "paris", epoch: 1 });
    const sealed = leaseAt(END - 1000, { site: "paris", epoch: 2, durationMs: 0 });
    const runOut = leaseAt(END - 91_000, { site: "paris", epoch: 2 });
    expect(ended({}, { leases: [other, old, sealed, runOut] })).toEqual([
      "paris is active and has no lease of epoch 2",
    ]);
  });

  it("fires on a holder that ended long ago, and waits for a new attempt before", () => {
    const claims = [heldAt(1, 2)];
    const stopped = (stoppedAtMs: number) => ({ claims, executions: [execution({ stoppedAtMs })] });
    expect(ended({}, { ...stopped(0), endedAtMs: 1_800_001 })).toEqual([
      `the ledger is still held by ${EXECUTION}, which has ended`,
    ]);
    expect(ended({}, { ...stopped(0), endedAtMs: 1_799_999 })).toEqual([]);
  });

  it("fires on a request of long ago that nobody has started", () => {
    const request = { execution: EXECUTION, requestedAtMs: 1, trigger: "watch" };
    const asked = (atMs: number, executions: Evidence["executions"] = []) =>
      ended({}, { claims: [claimAt(atMs, { ...moved, request })], executions, endedAtMs: 1_900_000 });
    expect(asked(99_999)).toEqual([
      expect.stringMatching(/asked for half an hour ago, and nobody has started it/),
    ]);
    expect(asked(100_000)).toEqual([]);
    const running = execution({ arn: OTHER, status: "RUNNING", stoppedAtMs: undefined });
    expect(asked(99_999, [running])).toEqual([]);
  });

  it("fires on an act where there has been nothing to do for ten minutes", () => {
    const act = call({ atMs: END - 10, execution: null, service: "ecs", operation: "UpdateService" });
    const calm = { claims: [claimAt(END - 700_000, moved)], wire: [act] };
    expect(ended({}, calm)).toEqual([expect.stringMatching(/^ecs:UpdateService .*there was nothing to do$/)]);
    const refused: WriteRow = {
      sequence: 1,
      sentAtMs: END - 5000,
      outcome: { type: "failed", atMs: 1, reason: "" },
    };
    expect(ended({}, { ...calm, rows: [refused] })).toEqual([]);
  });

  it("judges nothing while an execution runs, and nothing under the kill switch", () => {
    const standing = { stores: [{ ...store, writerRegion: "eu-west-1" }] };
    const running = execution({ status: "RUNNING", stoppedAtMs: undefined });
    expect(ended(standing, { executions: [running] })).toEqual([]);
    expect(ended(standing, { switches: [switchAt(1, true)] })).toEqual([]);
  });
});
