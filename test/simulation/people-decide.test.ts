import { answerQuestion, readQuestion, type ReadQuestion } from "@lifeboat/lab/answer-question";
import { actsIn } from "@lifeboat/lab/checks/acts";
import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { enteredAtMs, verdictsIn } from "@lifeboat/lab/checks/read-execution";
import type { Lab } from "@lifeboat/lab/create-lab";
import {
  CALM_MS,
  executionsOf,
  hasEnded,
  RECOVERY_WITHIN_MS,
  type Scenario,
  type Stage,
} from "@lifeboat/lab/scenarios/scenario";
import { deployedName } from "@lifeboat/control-plane/names";
import { trafficHasMoved } from "@lifeboat/lab/scenarios/rare-paths/traffic-has-moved";
import { claimOf } from "@lifeboat/lab/claim-of";
import { asOperator } from "@lifeboat/lab/scenarios/rare-paths/as-operator";
import type { Simulation } from "@lifeboat/lab/simulate";
import { describe, expect, it } from "vitest";
import { withEdit } from "../unit/plan-example.ts";
import { play } from "./run-scenario.ts";

const decide = (
  planText: string,
  run: Scenario["run"],
  /** What people have broken by hand, and the checkers may find. */
  broken: readonly string[] = [],
): Promise<Simulation> => play(run, { planText, broken });

const promotions = (lab: Lab): number =>
  lab.wire.filter(({ operation }) => operation === "FailoverGlobalCluster").length;

const lose = async (
  { lab, wait, markOutage, waitForQuestion }: Stage,
  worsen: (lab: Lab) => void = () => undefined,
): Promise<void> => {
  await wait(CALM_MS);
  markOutage();
  worsen(lab);
  lab.cloud.world.network.lose(lab.plan.sites.primary.region);
  await waitForQuestion(RECOVERY_WITHIN_MS);
};

const onlyExecution = (simulation: Simulation) => {
  const [execution, ...others] = gatherEvidence(simulation.lab).executions;
  if (execution === undefined || others.length > 0)
    throw new Error("there was more than one execution, or none");
  return execution;
};

/** Nothing stops the old writer, and the plan does not take that for granted: the claim holds. What it may lose nobody is asked about. */
const withoutFence = (plan: Parameters<Parameters<typeof withEdit>[0]>[0]): void => {
  plan.setIn(["stores", 0, "enforcer"], "none");
  plan.setIn(["decision", "acceptPresumedFencing"], false);
  plan.setIn(["decision", "lossLimit"], "2m");
  plan.setIn(["objectives", "rpo"], "2m");
};
const unfenced = withEdit(withoutFence);

describe("an override at a hold", () => {
  it("takes two people where a loss takes two, and goes on only after another look at the standby", async () => {
    const simulation = await decide(unfenced, async (stage) => {
      const { lab, wait, waitFor, waitForQuestion, answer } = stage;
      await lose(stage);
      await answer({ who: "one", answer: "override", why: "the region is dark" });
      await waitForQuestion(60_000);
      await answer({ who: "one", answer: "override", why: "I said so", via: "page" });
      await wait(700_000);
      expect(promotions(lab)).toBe(0);
      await answer({ who: "two", answer: "override", why: "agreed" });
      await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    });
    const execution = onlyExecution(simulation);
    expect(simulation.result.outcome).toBe("recovered");
    expect(promotions(simulation.lab)).toBe(1);
    expect(enteredAtMs(execution, "Reassess")).toHaveLength(1);
    expect(verdictsIn(execution).at(-1)).toMatchObject({ verdict: "override", persons: 2 });
    const record = gatherEvidence(simulation.lab).records.at(-1)?.body;
    expect(record).toMatchObject({ outcome: "recovered", fencing: "override" });
  });

  it("is not needed for a retry, which proves nothing and holds again with a question of its own", async () => {
    const simulation = await decide(unfenced, async (stage) => {
      const { lab, wait, waitFor, waitForQuestion, answer } = stage;
      await lose(stage);
      await answer({ who: "one", answer: "retry", why: "perhaps" });
      await waitForQuestion(600_000);
      expect(promotions(lab)).toBe(0);
      await answer({ who: "two", answer: "abort", why: "the region is coming back" });
      await waitFor("the execution to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
      lab.cloud.world.network.restore(lab.plan.sites.primary.region);
      // The site that was given back renews its lease by itself.
      await wait(300_000);
    });
    const questions = new Set(
      gatherEvidence(simulation.lab).notices.flatMap(
        ({ message }) => /^Question: (\S+)$/m.exec(message)?.[1] ?? [],
      ),
    );
    expect(questions.size).toBe(2);
    expect(simulation.recoveries[0]).toMatchObject({
      outcome: "held",
      reason: expect.stringMatching(/^aborted by \S+\/two in phase claim/) as string,
    });
  });
});

const ANSWER_MS = 900_000;
const impatient = withEdit((plan) => {
  plan.setIn(["decision", "answerWithin"], "15m");
});

describe("a hold that nobody answers", () => {
  /** Once the promotion is asked for, these services of the new site refuse all calls: three times as long as people have to answer, or for `forMs`. */
  const strand = (lab: Lab, services: readonly string[], forMs = 3 * ANSWER_MS): void => {
    const { clock, faults } = lab.cloud.world;
    let untilMs: number | undefined;
    faults.call = ({ operation, service, region }) => {
      if (operation === "FailoverGlobalCluster") untilMs ??= clock.nowMs() + forMs;
      return region === lab.plan.sites.standby.region &&
        services.includes(service) &&
        clock.nowMs() < (untilMs ?? 0)
        ? { type: "refuse", code: "ThrottlingException", message: "Rate exceeded", status: 400 }
        : undefined;
    };
  };

  it("is tried again once the site is the active one, for nothing goes on with it by itself", async () => {
    const simulation = await decide(impatient, async (stage) => {
      const { lab, waitFor } = stage;
      await lose(stage, (lab) => strand(lab, ["ecs"]));
      await waitFor("the execution to end", 6 * ANSWER_MS, () => hasEnded(lab, 1));
    });
    const execution = onlyExecution(simulation);
    expect(simulation.result.outcome).toBe("recovered");
    expect(enteredAtMs(execution, "BeginHold").length).toBeGreaterThan(2);
    const { notices } = gatherEvidence(simulation.lab);
    const asked = notices.find(({ subject }) => subject === "spacelift: hold needed, start-services");
    expect(asked?.message).toContain("after that the phase is tried again");
    expect(asked?.message).toContain(
      "After an abort the move stays unfinished until somebody starts the machine",
    );
  });

  it("is tried again as well where nobody can be asked", async () => {
    const simulation = await decide(impatient, async (stage) => {
      const { lab, waitFor, wait, markOutage } = stage;
      await wait(CALM_MS);
      markOutage();
      strand(lab, ["ecs", "sns"]);
      lab.cloud.world.network.lose(lab.plan.sites.primary.region);
      await waitFor("the execution to end", 6 * ANSWER_MS, () => hasEnded(lab, 1));
    });
    expect(simulation.result.outcome).toBe("recovered");
    const later = enteredAtMs(onlyExecution(simulation), "AskLater");
    expect(later.length).toBeGreaterThan(2);
    // Whoever hooks in hears of it all the same.
    const held = simulation.lab.cloud.eventbridge.events.filter(
      ({ event }) => event["detail-type"] === "lifeboat.recovery.held",
    );
    expect(Date.parse(String(held[0]?.event.time))).toBeLessThan(later[0] ?? 0);
  });

  it.each(["ask", "count-answers"])(
    "counts what was answered before it is tried again, also where %s was out of order meanwhile",
    async (name) => {
      const simulation = await decide(
        impatient,
        async (stage) => {
          const { lab, waitFor, answer } = stage;
          const { faults } = lab.cloud.world;
          await lose(stage, (lab) => strand(lab, ["ecs"]));
          // The question is out. What the machine does next about it fails until it gives up for a while.
          const broken = deployedName(lab.plan.workload, name);
          faults.throttles = (_place, functionName) => functionName === broken;
          await waitFor("it to put off its question", ANSWER_MS, () => {
            const [execution] = gatherEvidence(lab).executions;
            return execution !== undefined && enteredAtMs(execution, "AskLater").length > 0;
          });
          delete faults.throttles;
          delete faults.call;
          await answer({ who: "one", answer: "abort", why: "something is wrong with the new site" });
          await waitFor("the execution to end", ANSWER_MS, () => hasEnded(lab, 1));
        },
        ["convergence"],
      );
      expect(simulation.recoveries[0]).toMatchObject({
        outcome: "held",
        reason: expect.stringMatching(/^aborted by \S+\/one in phase start-services/) as string,
      });
      expect(enteredAtMs(onlyExecution(simulation), "StartServices")).toHaveLength(1);
    },
  );

  it("ends once somebody has taken the workload away from it by hand", async () => {
    const simulation = await decide(
      impatient,
      async (stage) => {
        const { lab, waitFor } = stage;
        await lose(stage, (lab) => strand(lab, ["ecs"]));
        const { witnessBucket: Bucket } = lab.plan.ledger;
        const Key = `${lab.plan.workload}/claim`;
        const claim = claimOf(lab);
        const released = {
          ...claim,
          revision: claim.revision + 1,
          writeId: "anna-1",
          holder: null,
          phase: "idle",
        };
        await asOperator(stage, lab.plan.witness.region, "s3", "PutObject", {
          Bucket,
          Key,
          Body: JSON.stringify(released),
          IfMatch: lab.cloud.s3.bucket(Bucket).objects.get(Key)?.[0]?.etag,
        });
        await waitFor("the execution to end", 7 * ANSWER_MS, () => hasEnded(lab, 1));
      },
      ["convergence"],
    );
    expect(simulation.recoveries[0]).toMatchObject({
      outcome: "held",
      reason: expect.stringMatching(
        /^nobody answered the hold in phase start-services: EpochStale: /,
      ) as string,
    });
  });

  it("ends after eight tries that nobody asked for", async () => {
    const simulation = await decide(
      withEdit((plan) => {
        plan.setIn(["decision", "answerWithin"], "5m");
      }),
      async (stage) => {
        const { lab, waitFor } = stage;
        await lose(stage, (lab) => strand(lab, ["ecs"], Number.POSITIVE_INFINITY));
        await waitFor("the execution to end", 12 * ANSWER_MS, () => hasEnded(lab, 1));
      },
      ["convergence"],
    );
    const execution = onlyExecution(simulation);
    expect(enteredAtMs(execution, "StartServices")).toHaveLength(1 + 8);
    expect(simulation.recoveries[0]).toMatchObject({
      outcome: "held",
      reason: expect.stringMatching(/^nobody answered the hold in phase start-services/) as string,
    });
  });

  it("ends where all is moved and a check is left, so that the old site is made fit to stand by", async () => {
    const simulation = await decide(impatient, async (stage) => {
      const { lab, waitFor } = stage;
      const { faults, network } = lab.cloud.world;
      const verify = deployedName(lab.plan.workload, "verify");
      await stage.wait(CALM_MS);
      stage.markOutage();
      network.lose(lab.plan.sites.primary.region);
      await waitFor("traffic to move", RECOVERY_WITHIN_MS, trafficHasMoved(lab));
      faults.throttles = (_place, name) => name === verify;
      await waitFor("the execution to end", 3 * ANSWER_MS, () => hasEnded(lab, 1));
    });
    expect(enteredAtMs(onlyExecution(simulation), "VerifyWorkload")).toHaveLength(1);
    expect(simulation.recoveries[0]).toMatchObject({
      outcome: "held",
      reason: expect.stringMatching(/^nobody answered the hold in phase verify-workload/) as string,
    });
  });

  it("ends before that, and leaves the workload to the next execution", async () => {
    const simulation = await decide(
      withEdit((plan) => {
        withoutFence(plan);
        plan.setIn(["decision", "answerWithin"], "15m");
      }),
      async (stage) => {
        const { lab, waitFor } = stage;
        await lose(stage);
        await waitFor("the first to end", 3 * ANSWER_MS, () => hasEnded(lab, 1));
      },
    );
    expect(simulation.recoveries[0]).toMatchObject({
      outcome: "held",
      reason: expect.stringMatching(/^nobody answered the hold in phase claim/) as string,
    });
    expect(promotions(simulation.lab)).toBe(0);
  });
});

const asking = withEdit((plan) => {
  plan.setIn(["decision", "mode"], "approval");
});

describe("an approval that comes late", () => {
  it("moves nothing when the outage is over by then", async () => {
    const simulation = await decide(asking, async (stage) => {
      const { lab, wait, waitFor, answer } = stage;
      await lose(stage);
      await wait(600_000);
      lab.cloud.world.network.restore(lab.plan.sites.primary.region);
      await wait(1_800_000);
      await answer({ who: "one", answer: "approve", why: "I have just got up" });
      await waitFor("the execution to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    });
    expect(simulation.recoveries[0]).toMatchObject({ outcome: "not-needed" });
    expect(promotions(simulation.lab)).toBe(0);
    const { transitions = 0 } = [...executionsOf(simulation.lab).values()][0] ?? {};
    // Looking by itself every five minutes.
    expect(transitions).toBeLessThan(60);
  });

  it("moves the workload when it still has to be", async () => {
    const simulation = await decide(asking, async (stage) => {
      const { lab, wait, waitFor, answer } = stage;
      await lose(stage);
      await wait(1_800_000);
      await answer({ who: "one", answer: "approve", why: "I have just got up", via: "page" });
      await waitFor("the execution to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
    });
    expect(simulation.result.outcome).toBe("recovered");
    expect(simulation.result.humanWaitMs).toBeGreaterThan(1_700_000);
  });

  it("does nothing for the next execution: people are asked anew", async () => {
    let first: ReadQuestion | undefined;
    let late = "";
    const simulation = await decide(asking, async (stage) => {
      const { lab, wait, waitFor, waitForQuestion, answer } = stage;
      await lose(stage);
      first = lab.cloud.sns.messages.map(readQuestion).find((found) => found !== undefined);
      await answer({ who: "one", answer: "reject", why: "not yet" });
      await waitFor("the first to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
      await waitForQuestion(RECOVERY_WITHIN_MS);
      if (first === undefined) throw new Error("nobody was asked");
      // The link and the command of the first message, with a good proof.
      let settled = false;
      const given = answerQuestion(lab, first, { who: "two", answer: "approve", why: "late" }).finally(
        () => (settled = true),
      );
      await lab.cloud.world.clock.run({
        untilMs: lab.cloud.world.clock.nowMs() + 60_000,
        until: () => settled,
      });
      late = (await given).said;
      await wait(400_000);
      expect(actsIn(gatherEvidence(lab)).filter(({ service }) => service === "rds")).toEqual([]);
      await answer({ who: "two", answer: "approve", why: "now" });
      await waitFor("the second to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 2));
    });
    expect(late).toContain("answered already");
    expect(simulation.recoveries.map(({ outcome }) => outcome)).toEqual(["refused", "recovered"]);
  });
});
