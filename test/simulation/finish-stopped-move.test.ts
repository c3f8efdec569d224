import { actsIn } from "@lifeboat/lab/checks/acts";
import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { enteredAtMs } from "@lifeboat/lab/checks/read-execution";
import { isServed } from "@lifeboat/lab/faults/is-served";
import { claimOf } from "@lifeboat/lab/claim-of";
import { asOperator } from "@lifeboat/lab/scenarios/rare-paths/as-operator";
import { CALM_MS, executionsOf, RECOVERY_WITHIN_MS } from "@lifeboat/lab/scenarios/scenario";
import { describe, expect, it } from "vitest";
import { play } from "./run-scenario.ts";
import {
  SMALLEST,
  abortHalfway,
  endOf,
  executionNamed,
  recordOf,
  startAgain,
  stopHalfway,
} from "./finish-staging.ts";

describe("a move whose execution was stopped in the console after its site had become the active one", () => {
  it("is taken over by a person's start, which keeps quiet for as long as a step may still run", async () => {
    let first = "";
    let second = "";
    const { lab } = await play(async (stage) => {
      const { lab: world, waitFor } = stage;
      await stage.wait(CALM_MS);
      stage.markOutage();
      world.cloud.world.network.lose(world.plan.sites.primary.region);
      await waitFor("services to be started", RECOVERY_WITHIN_MS, () =>
        gatherEvidence(world).executions.some((one) => enteredAtMs(one, "StartService").length > 0),
      );
      [first = ""] = executionsOf(world).keys();
      await asOperator(stage, world.plan.sites.standby.region, "sfn", "StopExecution", {
        executionArn: first,
        error: "Stopped",
        cause: "by mistake",
      });
      await stage.wait(60_000);
      expect(claimOf(world)).toMatchObject({ holder: { execution: first }, activeSite: "paris" });
      second = await startAgain(stage, SMALLEST);
      await endOf(stage, second);
    });
    const claimed = gatherEvidence(lab).claims.find(({ body }) => body.holder?.execution === second);
    expect(claimed?.body.holder).toMatchObject({ succeeds: first, from: "ireland", site: "paris" });
    const firstAct = actsIn(gatherEvidence(lab)).find(({ origin }) => origin.execution === second);
    expect((firstAct?.atMs ?? 0) - (claimed?.atMs ?? 0)).toBeGreaterThan(60_000);
    const record = recordOf(lab, second);
    expect(record).toMatchObject({ outcome: "recovered", finishes: { execution: first } });
    // The first one left no record: when it began the ledger says.
    expect(record?.finishes?.startedAtMs).toBeLessThan(executionNamed(lab, second).startedAtMs);
    expect(
      Math.abs((record?.finishes?.startedAtMs ?? 0) - executionNamed(lab, first).startedAtMs),
    ).toBeLessThan(60_000);
  });

  it("is not finished beside a redrive of it that goes on", async () => {
    let refused = "";
    let first = "";
    const { lab } = await play(async (stage) => {
      first = await stopHalfway(stage);
      const region = stage.lab.plan.sites.standby.region;
      await asOperator(stage, region, "sfn", "StopExecution", {
        executionArn: first,
        cause: "by mistake",
        error: "Stopped",
      });
      await stage.wait(60_000);
      await asOperator(stage, region, "sfn", "RedriveExecution", { executionArn: first });
      await stage.wait(10_000);
      refused = await startAgain(stage, SMALLEST);
      await endOf(stage, refused);
      delete stage.lab.cloud.world.faults.call;
      await stage.answer({ who: "one", answer: "retry", why: "ECS is well again" });
      await endOf(stage, first);
    });
    expect(recordOf(lab, refused)).toMatchObject({
      outcome: "refused",
      reason: `another execution has the workload: ${first}`,
    });
    expect(recordOf(lab, first)?.outcome).toBe("recovered");
  });
});

describe("a finisher that was stopped in the console", () => {
  it("does not make a later failover that is stopped in its claim move the workload from a site that is well again", async () => {
    const { lab } = await play(async (stage) => {
      const { lab: world, wait, waitFor } = stage;
      const { primary, standby } = world.plan.sites;
      await abortHalfway(stage);
      const finisher = await startAgain(stage, SMALLEST);
      await waitFor(
        "workers to be started",
        RECOVERY_WITHIN_MS,
        () => enteredAtMs(executionNamed(world, finisher), "RestartWorkers").length > 0,
      );
      const stop = { error: "Stopped", cause: "by mistake" };
      await asOperator(stage, standby.region, "sfn", "StopExecution", { ...stop, executionArn: finisher });
      world.cloud.world.network.restore(primary.region);
      await waitFor(
        "protection",
        4 * RECOVERY_WITHIN_MS,
        () => claimOf(world).protection === "protected" && claimOf(world).holder?.execution === finisher,
      );
      await wait(world.plan.decision.cooldownMs);
      world.cloud.world.network.losePlane(standby.region, "data");
      const movesBack = (): boolean => claimOf(world).holder?.site === primary.name;
      await waitFor("a failover to claim", RECOVERY_WITHIN_MS, movesBack);
      const away = claimOf(world).holder?.execution ?? "";
      await asOperator(stage, primary.region, "sfn", "StopExecution", { ...stop, executionArn: away });
      // While the site comes back nothing starts.
      await stage.setKillSwitch(true, "looking at it");
      world.cloud.world.network.restorePlane(standby.region, "data");
      await wait(600_000);
      await stage.setKillSwitch(false, "paris is well");
      await wait(600_000);
      expect(isServed(world)).toBe(true);
    });
    expect(claimOf(lab)).toMatchObject({ activeSite: "paris", holder: null, protection: "protected" });
    expect(executionsOf(lab).size).toBe(3);
  });
});
