import { actsIn, callsOf } from "@lifeboat/lab/checks/acts";
import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { enteredAtMs, exitedAtMs } from "@lifeboat/lab/checks/read-execution";
import type { Lab } from "@lifeboat/lab/create-lab";
import { isServed } from "@lifeboat/lab/faults/is-served";
import { claimOf } from "@lifeboat/lab/scenarios/claim-of";
import { asOperator } from "@lifeboat/lab/scenarios/rare-paths/as-operator";
import {
  CALM_MS,
  executionsOf,
  hasEnded,
  RECOVERY_WITHIN_MS,
  type Stage,
} from "@lifeboat/lab/scenarios/scenario";
import { closedKey } from "@lifeboat/operations/switch-objects";
import { siteNamed } from "@lifeboat/recovery/plan";
import { describe, expect, it } from "vitest";
import { play } from "./run-scenario.ts";

const SMALLEST = { workload: "spacelift" };

const executionNamed = (lab: Lab, arn: string) => {
  const execution = gatherEvidence(lab).executions.find((candidate) => candidate.arn === arn);
  if (execution === undefined) throw new Error(`there is no ${arn}`);
  return execution;
};

const recordOf = (lab: Lab, arn: string) =>
  gatherEvidence(lab).records.find(({ body }) => body.execution === arn)?.body;

/** The region is lost, and the first execution holds in `start-services`. */
const stopHalfway = async (stage: Stage): Promise<string> => {
  const { lab, wait, waitForQuestion, markOutage } = stage;
  await wait(CALM_MS);
  markOutage();
  strand(lab);
  lab.cloud.world.network.lose(lab.plan.sites.primary.region);
  await waitForQuestion(RECOVERY_WITHIN_MS);
  const [first = ""] = executionsOf(lab).keys();
  expect(claimOf(lab)).toMatchObject({ activeSite: "paris", holder: { execution: first } });
  return first;
};

/** From the promotion on the new site's ECS refuses everything. */
const strand = (lab: Lab): void => {
  let isPromoted = false;
  lab.cloud.world.faults.call = ({ operation, service, region }) => {
    isPromoted ||= operation === "FailoverGlobalCluster";
    return isPromoted && service === "ecs" && region === lab.plan.sites.standby.region
      ? { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 }
      : undefined;
  };
};

/** A person gives up the first execution, and what was in its way is mended. */
const abortHalfway = async (stage: Stage): Promise<string> => {
  const { lab, answer, waitFor } = stage;
  const first = await stopHalfway(stage);
  await answer({ who: "one", answer: "abort", why: "ECS is out of order" });
  await waitFor("the first to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
  delete lab.cloud.world.faults.call;
  return first;
};

const startAgain = async (
  { lab, startFailover, waitFor }: Stage,
  input: unknown,
  site = lab.plan.sites.standby.name,
): Promise<string> => {
  let arn = "";
  void startFailover(site, input).then((started) => (arn = started));
  await waitFor("it to start", 60_000, () => arn !== "");
  return arn;
};

const endOf = ({ waitFor, lab }: Stage, arn: string): Promise<void> =>
  waitFor(`${arn} to end`, RECOVERY_WITHIN_MS, () => executionNamed(lab, arn).status !== "RUNNING");

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
