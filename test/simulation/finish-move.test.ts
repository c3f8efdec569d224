import { actsIn, callsOf } from "@lifeboat/lab/checks/acts";
import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { enteredAtMs, exitedAtMs } from "@lifeboat/lab/checks/read-execution";
import { isServed } from "@lifeboat/lab/faults/is-served";
import { claimOf } from "@lifeboat/lab/claim-of";
import { CALM_MS, executionsOf, hasEnded, RECOVERY_WITHIN_MS } from "@lifeboat/lab/scenarios/scenario";
import { siteNamed } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import { play } from "./run-scenario.ts";
import {
  SMALLEST,
  abortHalfway,
  endOf,
  executionNamed,
  recordOf,
  startAgain,
  strand,
} from "./finish-staging.ts";

describe("a move that was given up after its site had become the active one", () => {
  it("is finished by an execution that a person starts with the workload's name, and users are served", async () => {
    let first = "";
    let second = "";
    const { lab } = await play(
      async (stage) => {
        first = await abortHalfway(stage);
        expect(claimOf(stage.lab)).toMatchObject({
          holder: null,
          activeSite: "paris",
          unfinished: { execution: first, from: "ireland" },
        });
        await stage.wait(300_000);
        // Nothing starts by itself.
        expect(executionsOf(stage.lab).size).toBe(1);
        expect(isServed(stage.lab)).toBe(false);
        second = await startAgain(stage, SMALLEST);
        await endOf(stage, second);
        await stage.waitFor("users to be served", 300_000, () => isServed(stage.lab));
      },
      { spelt: true },
    );
    const began = executionNamed(lab, first);
    const finished = executionNamed(lab, second);
    const before = recordOf(lab, first);
    const record = recordOf(lab, second);
    expect(finished.status).toBe("SUCCEEDED");
    expect(record).toMatchObject({ outcome: "recovered", from: "ireland", to: "paris", fencing: null });
    // The recovery's time is the move's, and its loss the one that was measured at the promotion.
    expect(record?.finishes).toEqual({ execution: first, startedAtMs: before?.startedAtMs });
    expect(before?.rpo).not.toBeNull();
    expect(record?.rpo).toEqual(before?.rpo);
    expect(record?.epoch).toBe((before?.epoch ?? 0) + 1);
    expect(claimOf(lab)).toMatchObject({ holder: null, phase: "idle", recoveredAtMs: record?.endedAtMs });
    expect(claimOf(lab)).not.toHaveProperty("unfinished");
    // No promotion, no word to the site that was left, none of the phases before the services.
    const evidence = gatherEvidence(lab);
    const own = callsOf(evidence, second);
    expect(own.some(({ operation }) => operation === "FailoverGlobalCluster")).toBe(false);
    expect(
      actsIn(evidence).filter(
        ({ origin, region }) =>
          origin.execution === second && region === siteNamed(lab.plan, "ireland").region,
      ),
    ).toEqual([]);
    for (const state of ["FencePrimary", "PromoteStores", "RetirePrimary", "Approve"])
      expect(enteredAtMs(finished, state)).toEqual([]);
    for (const state of ["ConfirmStores", "ActivateSite", "StartServices", "ShiftTraffic", "VerifyWorkload"])
      expect(enteredAtMs(finished, state)).toHaveLength(1);
    expect(enteredAtMs(began, "PromoteStores")).toHaveLength(1);
    const ended = lab.cloud.eventbridge.events
      .map(({ event }) => event.detail as Readonly<Record<string, unknown>>)
      .find(({ type, execution }) => type === "lifeboat.recovery.ended" && execution === second);
    expect(ended?.["moveMs"]).toBe((record?.endedAtMs ?? 0) - (before?.startedAtMs ?? 0));
  });

  it("is protected again afterwards, when the old region is back", async () => {
    const { lab } = await play(async (stage) => {
      await abortHalfway(stage);
      await endOf(stage, await startAgain(stage, SMALLEST));
      stage.lab.cloud.world.network.restore(stage.lab.plan.sites.primary.region);
      await stage.waitFor(
        "protection",
        RECOVERY_WITHIN_MS,
        () => claimOf(stage.lab).protection === "protected",
      );
      await stage.wait(60_000);
    });
    expect(claimOf(lab)).toMatchObject({ activeSite: "paris", protection: "protected" });
  });

  it("that lies for two hours lets people hear all the same that AWS could not stop writes on the old primary", async () => {
    const { lab } = await play(async (stage) => {
      await abortHalfway(stage);
      await stage.wait(2 * 3_600_000);
      await endOf(stage, await startAgain(stage, SMALLEST));
      stage.lab.cloud.world.network.restore(stage.lab.plan.sites.primary.region);
      await stage.waitFor(
        "protection",
        RECOVERY_WITHIN_MS,
        () => claimOf(stage.lab).protection === "protected",
      );
    });
    const { notices } = gatherEvidence(lab);
    const told = notices.find(({ subject }) => subject?.startsWith("spacelift: protected again"));
    expect(told?.message).toMatch(/^ALERT .*AWS could not stop writes on the old primary/m);
    expect(told?.message).not.toContain("AWS did not say");
  });

  it("answers a dry run with what would be done, and that nothing is promoted", async () => {
    let dry = "";
    let first = "";
    const { lab } = await play(async (stage) => {
      first = await abortHalfway(stage);
      const before = claimOf(stage.lab);
      dry = await startAgain(stage, { ...SMALLEST, dryRun: true });
      await endOf(stage, dry);
      expect(claimOf(stage.lab)).toEqual(before);
      await endOf(stage, await startAgain(stage, SMALLEST));
    });
    expect(executionNamed(lab, dry).output).toMatchObject({
      dryRun: true,
      finishes: { execution: first },
      from: "ireland",
      to: "paris",
      decision: { verdict: "go", rule: "finish" },
      wouldPromote: [],
      wouldStart: expect.arrayContaining(["server"]) as unknown,
    });
  });

  it("is finished by one of two that are started at once", async () => {
    let started: readonly string[] = [];
    const { lab } = await play(async (stage) => {
      await abortHalfway(stage);
      const arns: string[] = [];
      for (const _ of [1, 2])
        void stage.startFailover(stage.lab.plan.sites.standby.name, SMALLEST).then((arn) => arns.push(arn));
      await stage.waitFor("both to start", 60_000, () => arns.length === 2);
      started = arns;
      for (const arn of arns) await endOf(stage, arn);
    });
    const outcomes = started.map((arn) => recordOf(lab, arn)?.outcome);
    expect(new Set(outcomes)).toEqual(new Set(["recovered", "refused"]));
    const refused = started.find((arn) => recordOf(lab, arn)?.outcome === "refused") ?? "";
    expect(recordOf(lab, refused)?.reason).toMatch(/^another execution has the workload: /);
    expect(enteredAtMs(executionNamed(lab, refused), "ClaimEpoch")).toEqual([]);
  });

  it("is finished with the loss that two people accepted before the promotion, and asks nobody again", async () => {
    let second = "";
    const { lab } = await play(async (stage) => {
      const { wait, waitFor, waitForQuestion, answer, markOutage, lab: world } = stage;
      const { primary, standby } = world.plan.sites;
      const { network, faults } = world.cloud.world;
      await wait(CALM_MS);
      network.cut(primary.region, standby.region);
      await wait(90_000);
      markOutage();
      strand(world);
      network.lose(primary.region);
      network.mend(primary.region, standby.region);
      await waitForQuestion(RECOVERY_WITHIN_MS);
      await answer({ who: "one", answer: "approve", why: "users wait" });
      await waitForQuestion(60_000);
      await answer({ who: "two", answer: "approve", why: "agreed" });
      await waitForQuestion(RECOVERY_WITHIN_MS);
      await answer({ who: "one", answer: "abort", why: "ECS is out of order" });
      await waitFor("the first to end", RECOVERY_WITHIN_MS, () => hasEnded(world, 1));
      delete faults.call;
      second = await startAgain(stage, SMALLEST);
      await endOf(stage, second);
    });
    const record = recordOf(lab, second);
    expect(record?.outcome).toBe("recovered");
    expect(record?.rpo?.maxMs).toBeGreaterThan(lab.plan.decision.lossLimitMs);
  });

  it("is refused under the kill switch, and finished once that is lifted", async () => {
    let refused = "";
    let second = "";
    const { lab } = await play(async (stage) => {
      await abortHalfway(stage);
      await stage.setKillSwitch(true, "somebody has doubts");
      refused = await startAgain(stage, SMALLEST);
      await endOf(stage, refused);
      await stage.setKillSwitch(false, "no more");
      second = await startAgain(stage, SMALLEST);
      await endOf(stage, second);
    });
    expect(recordOf(lab, refused)).toMatchObject({
      outcome: "refused",
      reason: "the kill switch is on; lift it to let anything act",
    });
    expect(recordOf(lab, second)?.outcome).toBe("recovered");
  });

  it("holds when the kill switch is turned on half-way, and may be given up and finished once more", async () => {
    let first = "";
    let third = "";
    const { lab } = await play(async (stage) => {
      first = await abortHalfway(stage);
      const second = await startAgain(stage, SMALLEST);
      await stage.waitFor(
        "the claim",
        RECOVERY_WITHIN_MS,
        () => exitedAtMs(executionNamed(stage.lab, second), "ClaimEpoch").length > 0,
      );
      await stage.setKillSwitch(true, "somebody has doubts");
      await stage.waitForQuestion(RECOVERY_WITHIN_MS);
      await stage.setKillSwitch(false, "no more");
      await stage.answer({ who: "one", answer: "abort", why: "not now" });
      await endOf(stage, second);
      expect(recordOf(stage.lab, second)?.outcome).toBe("held");
      third = await startAgain(stage, SMALLEST);
      await endOf(stage, third);
    });
    // It is still the first one's move.
    expect(recordOf(lab, third)).toMatchObject({ outcome: "recovered", finishes: { execution: first } });
  });
});

describe("a move that is finished", () => {
  it("is not finished again: the machine says where to start it", async () => {
    let again = "";
    const { lab } = await play(async (stage) => {
      await stage.wait(CALM_MS);
      stage.markOutage();
      stage.lab.cloud.world.network.lose(stage.lab.plan.sites.primary.region);
      await stage.waitFor("the failover", RECOVERY_WITHIN_MS, () => hasEnded(stage.lab, 1));
      again = await startAgain(stage, SMALLEST);
      await endOf(stage, again);
    });
    expect(executionNamed(lab, again)).toMatchObject({
      status: "FAILED",
      error: "InputInvalid",
      cause: '"spacelift" is active at paris already; start the machine in the region of the passive site',
    });
  });
});
