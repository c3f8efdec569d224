import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { enteredAtMs } from "@lifeboat/lab/checks/read-execution";
import type { Lab } from "@lifeboat/lab/create-lab";
import { isServed } from "@lifeboat/lab/faults/is-served";
import { claimOf } from "@lifeboat/lab/claim-of";
import { asOperator } from "@lifeboat/lab/scenarios/rare-paths/as-operator";
import {
  CALM_MS,
  executionsOf,
  hasEnded,
  RECOVERY_WITHIN_MS,
  type Stage,
} from "@lifeboat/lab/scenarios/scenario";
import { closedKey } from "@lifeboat/operations/switch-objects";
import { describe, expect, it } from "vitest";
import { play } from "./run-scenario.ts";
import { SMALLEST, endOf, recordOf, startAgain } from "./finish-staging.ts";

describe("a move back to the site built as primary that was stopped after its traffic had moved", () => {
  const onCall = { peopleOnCall: true } as const;

  /** There and back: the way back is stopped in the console while workers are started; then the other region is restored. */
  const stopOnTheWayBack = async (stage: Stage): Promise<string> => {
    const { lab, wait, waitFor, markOutage } = stage;
    const { network } = lab.cloud.world;
    const { primary, standby } = lab.plan.sites;
    await wait(CALM_MS);
    markOutage();
    network.lose(primary.region);
    await waitFor("the way there", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    network.restore(primary.region);
    await waitForProtection(stage);
    await wait(lab.plan.decision.cooldownMs);
    markOutage();
    network.lose(standby.region);
    await waitFor("workers to be started", RECOVERY_WITHIN_MS, () =>
      gatherEvidence(lab).executions.some(
        (one) => one.arn.includes(primary.region) && enteredAtMs(one, "RestartWorkers").length > 0,
      ),
    );
    const back = [...executionsOf(lab).keys()].find((arn) => arn.includes(primary.region)) ?? "";
    await asOperator(stage, primary.region, "sfn", "StopExecution", {
      executionArn: back,
      error: "Stopped",
      cause: "by mistake",
    });
    await wait(300_000);
    network.restore(standby.region);
    return back;
  };

  const waitForProtection = ({ lab, waitFor }: Stage): Promise<void> =>
    waitFor("protection", 4 * RECOVERY_WITHIN_MS, () => claimOf(lab).protection === "protected");

  /** What is there of the switch, as `site:key`. */
  const switchesOn = (lab: Lab): readonly string[] =>
    lab.plan.traffic.flatMap((traffic) =>
      traffic.type !== "switch"
        ? []
        : Object.entries(traffic.switches).flatMap(([site, { bucket, key }]) =>
            [key, closedKey(key)]
              .filter((object) => {
                const newest = lab.cloud.s3.bucket(bucket).objects.get(object)?.[0];
                return newest !== undefined && !newest.isDeleteMarker;
              })
              .map((object) => `${site}:${object}`),
          ),
    );

  it("leaves its switch off when it is finished after it is protected: the next failover moves users", async () => {
    let second = "";
    const { lab } = await play(async (stage) => {
      const { lab: world, wait, waitFor, markOutage } = stage;
      await stopOnTheWayBack(stage);
      await waitForProtection(stage);
      expect(switchesOn(world)).toEqual([]);
      second = await startAgain(stage, SMALLEST, world.plan.sites.primary.name);
      await endOf(stage, second);
      await wait(300_000);
      expect(switchesOn(world)).toEqual([]);
      await wait(world.plan.decision.cooldownMs);
      // The primary's control plane and its buckets go on, and with them its switch.
      markOutage();
      world.cloud.world.network.losePlane(world.plan.sites.primary.region, "data");
      await waitFor("the next failover", RECOVERY_WITHIN_MS, () => claimOf(world).activeSite === "paris");
      await waitFor("users to be served", RECOVERY_WITHIN_MS, () => isServed(world));
    }, onCall);
    expect(recordOf(lab, second)?.outcome).toBe("recovered");
  });

  it("ends when it is finished before it is protected, while the watch clears the switch at every tick", async () => {
    let second = "";
    const { lab } = await play(async (stage) => {
      await stopOnTheWayBack(stage);
      await stage.waitFor(
        "the switches to be at rest",
        RECOVERY_WITHIN_MS,
        () => switchesOn(stage.lab).length === 0,
      );
      expect(claimOf(stage.lab).protection).toBe("degraded");
      second = await startAgain(stage, SMALLEST, stage.lab.plan.sites.primary.name);
      await endOf(stage, second);
      expect(switchesOn(stage.lab)).toEqual([]);
      await waitForProtection(stage);
    }, onCall);
    expect(recordOf(lab, second)?.outcome).toBe("recovered");
  });
});
