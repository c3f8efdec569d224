import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { enteredAtMs, exitedAtMs } from "@lifeboat/lab/checks/read-execution";
import type { Lab } from "@lifeboat/lab/create-lab";
import { claimOf } from "@lifeboat/lab/claim-of";
import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Stage } from "@lifeboat/lab/scenarios/scenario";
import { describe, expect, it } from "vitest";
import { play } from "./run-scenario.ts";

const MINUTE_MS = 60_000;

const executionIn = (lab: Lab) => {
  const [execution, ...others] = gatherEvidence(lab).executions;
  if (execution === undefined || others.length > 0)
    throw new Error("there was more than one execution, or none");
  return execution;
};

const hasEntered = (lab: Lab, state: string) => (): boolean =>
  gatherEvidence(lab).executions.some((execution) => enteredAtMs(execution, state).length > 0);

/**
 * The region is lost, the workload is moved, and the region comes back as soon as nothing is left but to retire and to record: without
 * it and the witness the new site could renew its lease nowhere, and would fence itself.
 */
const recoverUntilServed = async ({ lab, wait, waitFor, markOutage }: Stage): Promise<void> => {
  await wait(CALM_MS);
  markOutage();
  lab.cloud.world.network.lose(lab.plan.sites.primary.region);
  await waitFor("all but the record", RECOVERY_WITHIN_MS, hasEntered(lab, "RetirePrimary"));
  lab.cloud.world.network.restore(lab.plan.sites.primary.region);
};

const toldOf = (lab: Lab) =>
  gatherEvidence(lab).notices.filter(({ subject }) => subject?.endsWith("not recorded yet") === true);
const eventsOf = (lab: Lab, type: string) =>
  lab.cloud.eventbridge.events.filter(({ event }) => event["detail-type"] === type);
const recordOf = (lab: Lab) => gatherEvidence(lab).records.at(-1)?.body;

describe("an outcome that cannot be recorded", () => {
  it("is recorded when the witness is back: the cooldown begins, the hold is given back, people were told once", async () => {
    const simulation = await play(async (stage) => {
      const { lab, wait, waitFor } = stage;
      const { network } = lab.cloud.world;
      await recoverUntilServed(stage);
      network.lose(lab.plan.witness.region);
      await wait(20 * MINUTE_MS);
      expect(hasEnded(lab, 1)).toBe(false);
      expect(claimOf(lab).holder).not.toBeNull();
      network.restore(lab.plan.witness.region);
      await waitFor("the execution to end", 6 * MINUTE_MS, () => hasEnded(lab, 1));
      await waitFor(
        "protection",
        RECOVERY_WITHIN_MS,
        () => claimOf(lab).protection === "protected" && claimOf(lab).holder === null,
      );
    });
    const { lab } = simulation;
    const execution = executionIn(lab);
    expect(simulation.result.outcome).toBe("recovered");
    expect(execution.status).toBe("SUCCEEDED");
    const [firstTriedAtMs = 0] = enteredAtMs(execution, "RecordOutcome");
    expect(enteredAtMs(execution, "RecordOutcome").length).toBeGreaterThan(4);
    // How long the witness was away is no part of the recovery, nor of its cooldown.
    expect(Math.abs((recordOf(lab)?.endedAtMs ?? 0) - firstTriedAtMs)).toBeLessThan(MINUTE_MS);
    expect(Math.abs((claimOf(lab).recoveredAtMs ?? 0) - firstTriedAtMs)).toBeLessThan(MINUTE_MS);
    expect(claimOf(lab)).toMatchObject({ holder: null, request: null, phase: "idle", activeSite: "paris" });
    const [notice, ...more] = toldOf(lab);
    expect(more).toEqual([]);
    expect(notice?.subject).toBe("spacelift: recovered, not recorded yet");
    expect(notice?.message).toContain("Why: LedgerUnreadable: s3://");
    expect(notice?.message).toMatch(/^Lost: between /m);
    expect(eventsOf(lab, "lifeboat.recovery.unrecorded")).toHaveLength(1);
    expect(eventsOf(lab, "lifeboat.recovery.ended")).toHaveLength(1);
  });

  it("waits longer and longer, for five minutes at most", async () => {
    const simulation = await play(async (stage) => {
      const { lab, wait, waitFor } = stage;
      await recoverUntilServed(stage);
      lab.cloud.world.network.lose(lab.plan.witness.region);
      await wait(25 * MINUTE_MS);
      lab.cloud.world.network.restore(lab.plan.witness.region);
      await waitFor("the execution to end", 6 * MINUTE_MS, () => hasEnded(lab, 1));
    });
    const execution = executionIn(simulation.lab);
    const exits = exitedAtMs(execution, "RecordLater");
    const waits = enteredAtMs(execution, "RecordLater").map((atMs, index) => (exits[index] ?? 0) - atMs);
    expect(waits.slice(0, 6)).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 300_000]);
    expect(waits.slice(6).every((ms) => ms === 300_000)).toBe(true);
  });

  it("ends it after half an hour, with the record where that could be written, and the watch gives the hold back", async () => {
    const simulation = await play(async (stage) => {
      const { lab, wait, waitFor } = stage;
      const { network } = lab.cloud.world;
      await recoverUntilServed(stage);
      network.lose(lab.plan.witness.region);
      await wait(27 * MINUTE_MS);
      expect(hasEnded(lab, 1)).toBe(false);
      await waitFor("the execution to give up", 10 * MINUTE_MS, () => hasEnded(lab, 1));
      network.restore(lab.plan.witness.region);
      await waitFor("the hold to be given back", 10 * MINUTE_MS, () => claimOf(lab).holder === null);
      await wait(10 * MINUTE_MS);
    });
    const { lab } = simulation;
    const execution = executionIn(lab);
    expect(execution).toMatchObject({ status: "FAILED", error: "OutcomeNotRecorded" });
    expect(execution.cause).toMatch(
      /^recovered \(spacelift is served from paris\), but the outcome could not be recorded: LedgerUnreadable: s3:\/\//,
    );
    expect(recordOf(lab)).toMatchObject({ outcome: "recovered", execution: execution.arn });
    expect(toldOf(lab)).toHaveLength(1);
  });

  it("gives the hold back at once where the record alone is refused, says so, and does not spin", async () => {
    const refusedForMs = 15 * MINUTE_MS;
    const simulation = await play(async (stage) => {
      const { lab, wait, waitFor } = stage;
      const { clock, faults } = lab.cloud.world;
      await recoverUntilServed(stage);
      const untilMs = clock.nowMs() + refusedForMs;
      faults.call = ({ origin, operation, region }) =>
        operation === "PutObject" &&
        region === lab.plan.sites.standby.region &&
        origin.principal.includes("-record-outcome@") &&
        clock.nowMs() < untilMs
          ? { type: "refuse", code: "AccessDenied", message: "not authorized", status: 403 }
          : undefined;
      await waitFor("people to be told", 5 * MINUTE_MS, () => toldOf(lab).length > 0);
      await waitFor("the hold to be given back", 40 * MINUTE_MS, () => claimOf(lab).holder === null);
      expect(hasEnded(lab, 1)).toBe(false);
      await waitFor("the execution to end", 2 * refusedForMs, () => hasEnded(lab, 1));
      await waitFor("protection", 40 * MINUTE_MS, () => claimOf(lab).protection === "protected");
      await wait(MINUTE_MS);
    });
    const { lab } = simulation;
    const execution = executionIn(lab);
    expect(simulation.result.outcome).toBe("recovered");
    expect(enteredAtMs(execution, "RecordOutcome").length).toBeLessThan(6);
    const [notice, ...more] = toldOf(lab);
    expect(more).toEqual([]);
    expect(notice?.message).toContain("Why: AwsRejected: ");
    expect(notice?.message).toContain("Repeating alone does not mend this");
    expect(recordOf(lab)).toMatchObject({ outcome: "recovered" });
  });

  it("keeps nobody waiting where the workload has not been moved: the next execution begins as soon as it can", async () => {
    const simulation = await play(async (stage) => {
      const { lab, wait, waitFor, markOutage } = stage;
      const { network } = lab.cloud.world;
      await wait(CALM_MS);
      markOutage();
      network.lose(lab.plan.sites.primary.region);
      await waitFor("it to begin", RECOVERY_WITHIN_MS, hasEntered(lab, "Assess"));
      network.lose(lab.plan.witness.region);
      await waitFor("the first to end", 5 * MINUTE_MS, () => hasEnded(lab, 1));
      network.restore(lab.plan.witness.region);
      await waitFor("the recovery", RECOVERY_WITHIN_MS, () => claimOf(lab).recoveredAtMs !== null);
    });
    const [first] = gatherEvidence(simulation.lab).executions;
    expect(first).toMatchObject({ status: "FAILED", error: "OutcomeNotRecorded" });
    expect(recordOf(simulation.lab)).toMatchObject({ outcome: "recovered" });
    expect(toldOf(simulation.lab)).toEqual([]);
  });
});
