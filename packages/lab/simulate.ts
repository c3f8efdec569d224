import type { ApiModels } from "@lifeboat/cloud/wire/conformance/load";
import { withDirectClients } from "@lifeboat/cloud/wire/direct-clients";
import { deployedName } from "@lifeboat/control-plane/names";
import type { Outcome } from "@lifeboat/recovery/outcome";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { checkInvariants, gatherEvidence, type Violation } from "./checks/check-run.ts";
import { createLab, START_MS, type Lab } from "./create-lab.ts";
import { watchOperations } from "./measure/aws-operations.ts";
import { measureRun, type Measured } from "./measure/measure-run.ts";
import { nothingMoved } from "./measure/nothing-moved.ts";
import { narrate } from "./narrate.ts";
import { createPeople, type People } from "./people.ts";
import type { Scenario, Stage } from "./scenarios/scenario.ts";
import type { Stack } from "./stack.ts";
import { withVirtualGlobals } from "./virtual-globals.ts";

export interface SimulationOptions {
  readonly plan: RecoveryPlan;
  readonly scenario: Scenario;
  readonly seed: number;
  /** Checks everything on the wire against AWS's own models; tests do. */
  readonly conformance?: ApiModels;
  /**
   * False: calls are handed over as they are instead of being spelt for the wire, which takes a fifth of the time and ends the same;
   * `conformance` has nothing to check then. For runs of many seeds or of many hours, and not for a `stack` whose bundles bring
   * clients of their own.
   */
  readonly spelt?: boolean;
  /** What is deployed, and how; the manifest as it stands where left out. */
  readonly stack?: Stack;
  /** Ends the run with {@link ScenarioStopped} as soon as it holds: for whoever knows then what he wanted to know. */
  readonly stopWhen?: () => boolean;
  /**
   * Lines of the timeline, as they happen. `atMs` counts from the outage, or from the start before it: the line of kind `outage` is
   * the last one that counts as those before it.
   */
  readonly onEvent?: (event: TimelineEvent) => void;
}

export interface TimelineEvent {
  readonly atMs: number;
  readonly kind: "outage" | "world" | "alarm" | "phase" | "hold" | "step" | "users" | "note";
  readonly text: string;
}

export interface Simulation {
  readonly scenario: string;
  readonly seed: number;
  readonly workload: string;
  /** Of the last execution; all of them are in `recoveries`. Where none was started, `not-needed`. */
  readonly result: Measured;
  /** How the scenario is meant to end. */
  readonly expected: Outcome;
  readonly recoveries: readonly Measured[];
  readonly objectives: RecoveryPlan["objectives"];
  /** What happened although it must never happen. */
  readonly violations: readonly Violation[];
  readonly lab: Lab;
}

/** How often the world is looked at from outside, milliseconds of virtual time. */
const SAMPLE_MS = 250;
/** The first renewals and canaries, before users come. */
const WARM_UP_MS = 90_000;

/** Thrown when a scenario's own expectation does not come true in time: the run has no result. */
export class ScenarioStalled extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ScenarioStalled";
  }
}

/** Thrown when `stopWhen` has come true. */
export class ScenarioStopped extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ScenarioStopped";
  }
}

/** Runs one scenario against a plan on virtual time. The same plan, scenario and seed give the same simulation. */
export const simulate = async (options: SimulationOptions): Promise<Simulation> => {
  const { plan, seed } = options;
  const lab = await createLab({
    plan,
    seed,
    ...(options.conformance === undefined ? {} : { conformance: options.conformance }),
    ...(options.stack === undefined ? {} : { stack: options.stack }),
  });
  const { clock, random } = lab.cloud.world;
  const run = (): Promise<Simulation> =>
    withVirtualGlobals(clock, random.stream("process"), () => runIn(lab, options));
  if (options.spelt !== false) return run();
  // Clients look for their configuration when they spell their first call.
  clock.ignoreFiles();
  return withDirectClients(run);
};

const runIn = async (lab: Lab, options: SimulationOptions): Promise<Simulation> => {
  const { plan, scenario, seed } = options;
  const { clock } = lab.cloud.world;
  const operations = watchOperations(lab);
  const outagesAtMs: number[] = [];
  const originMs = (): number => outagesAtMs.at(-1) ?? START_MS + WARM_UP_MS;
  const say = (kind: TimelineEvent["kind"], text: string): void =>
    options.onEvent?.({ atMs: clock.nowMs() - originMs(), kind, text });
  const look = narrate(lab, say);
  const sample = (): void => {
    operations.look();
    look();
    clock.after(SAMPLE_MS, sample);
  };

  const stop = options.stopWhen ?? (() => false);
  const run = async (untilMs: number, until: () => boolean): Promise<void> => {
    await clock.run({ untilMs, until: () => until() || stop() });
    if (stop()) throw new ScenarioStopped(`${scenario.name}, seed ${seed}: stopped`);
  };
  const runUntil = (atMs: number): Promise<void> => run(atMs, () => false);
  const during = async <Result>(action: Promise<Result>): Promise<Result> => {
    let settled = false;
    const watched = action.finally(() => {
      settled = true;
    });
    await run(clock.nowMs() + 60_000, () => settled);
    return watched;
  };

  await during(lab.bootstrap());
  await runUntil(START_MS + WARM_UP_MS);
  lab.workload.client.start();
  for (const resident of lab.workload.residents) resident.start();
  sample();

  const people = createPeople(lab);
  const stage: Stage = {
    lab,
    wait: (durationMs) => runUntil(clock.nowMs() + durationMs),
    async waitFor(what, withinMs, condition) {
      const deadlineMs = clock.nowMs() + withinMs;
      await run(deadlineMs, condition);
      if (!condition())
        throw new ScenarioStalled(
          `${scenario.name}, seed ${seed}: waited ${withinMs / 1000} s for ${what} in vain`,
        );
    },
    tell: (text) => say("world", text),
    markOutage() {
      say("outage", "an outage begins; from here on times count from it");
      outagesAtMs.push(clock.nowMs());
    },
    waitForQuestion: (withinMs) =>
      stage.waitFor("a question to people", withinMs, () => people.questions().length > 0),
    startFailover: (site, input) => during(people.startFailover(site, input)),
    setKillSwitch: (on, why) => during(people.setKillSwitch(on, why)),
    answer: (answer) => during(people.answer(answer)),
  };
  if (scenario.peopleOnCall === true) keepPeopleOnCall(lab, people);
  await scenario.run(stage);

  const executions = [...lab.cloud.sfn.executions.values()].filter(
    (record) => record.machine.name === deployedName(plan.workload, "failover"),
  );
  const recoveries = executions.map((record) =>
    measureRun(lab, record, operations, outagesAtMs.findLast((atMs) => atMs <= record.startedAtMs) ?? null),
  );
  const result = recoveries.at(-1) ?? nothingMoved(lab);
  return {
    scenario: scenario.name,
    seed,
    workload: plan.workload,
    result,
    expected: scenario.expected,
    recoveries,
    objectives: plan.objectives,
    violations: checkInvariants(gatherEvidence(lab)),
    lab,
  };
};

/** How long somebody who is on call needs to read a message and to answer. */
const ANSWER_AFTER_MS = 120_000;

/** Answers what executions ask, as people on call do who agree: approve, and have a held step tried again. */
const keepPeopleOnCall = (lab: Lab, people: People): void => {
  const { clock } = lab.cloud.world;
  let answers = 0;
  const look = (): void => {
    const question = people.questions().at(-1);
    if (question !== undefined) {
      const answer = question.kind === "approval" ? "approve" : "retry";
      answers += 1;
      // A plan may want several people: each answer is another one's. Whoever was not heard is followed by the next.
      people.answer({ who: `person ${answers} on call`, answer, why: "agreed" }).catch(() => undefined);
    }
    clock.after(ANSWER_AFTER_MS, look);
  };
  clock.after(ANSWER_AFTER_MS, look);
};
