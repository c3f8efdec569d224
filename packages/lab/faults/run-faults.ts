import { faultsEndMs, type Fault } from "@lifeboat/cloud/faults/fault";
import { injectFaults, type InjectedFaults } from "@lifeboat/cloud/faults/inject-faults";
import type { RdsFaults } from "@lifeboat/cloud/services/rds/context";
import { turn } from "@lifeboat/cloud/kernel/clock";
import { withDirectClients } from "@lifeboat/cloud/wire/direct-clients";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { checkInvariants, gatherEvidence, type Violation } from "../checks/check-run.ts";
import { createLab, START_MS, type Lab } from "../create-lab.ts";
import { withVirtualGlobals } from "../virtual-globals.ts";
import { coverageOf } from "./coverage.ts";
import { startCrew } from "./crew.ts";
import { digestOf } from "./digest-of.ts";
import { keepKillSwitch } from "./keep-kill-switch.ts";
import { heldFor, LOOK_EVERY_MS, watchSettling } from "./settle.ts";
import { shareConnections } from "./shared-connections.ts";
import { oncePer } from "../once-per.ts";

export interface FaultRunOptions {
  readonly plan: RecoveryPlan;
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Spell every call for the wire, as a single simulation does: slower, and the same in every respect. */
  readonly spelt?: boolean;
  /** People give up the first move that holds half-way, and finish it later; see `crew.ts`. */
  readonly givesUp?: boolean | undefined;
  /** Called before virtual time starts; for further faults and observers. */
  readonly onLab?: (lab: Lab) => void;
}

/** What became of one schedule. */
export interface FaultRun {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Of each execution, in order; where one did not end, `holding` with what a person is asked, or `running`. */
  readonly outcomes: readonly { readonly outcome: string; readonly reason: string }[];
  readonly violations: readonly Violation[];
  /** `kind/phase` of each fault that struck in a phase; see `coverage.ts`. */
  readonly coverage: readonly string[];
  /**
   * The digest of all that happened, see `digest-of.ts`. Taken from the world that the run left behind when it is asked for, since
   * most runs are compared with none: as long as a run is kept, so is its world.
   */
  readonly digest: () => string;
  readonly apiCalls: number;
  readonly virtualMs: number;
}

/** Leases, canaries and signals need so long until all is as usual. */
const WARM_UP_MS = 75_000;
/** A schedule begins here. */
export const ORIGIN_MS = START_MS + WARM_UP_MS;
/** How long after the last fault that ends a run may take until it has settled. */
const LIVENESS_MS = 10_800_000;
/** People who wait for an answer for half a day make long nights. */
const ANSWER_WITHIN_MS = 20 * 60_000;

/** Runs follow one another: their clients are the same. */
const shared = shareConnections();

/** One plan for all runs of a plan, by which a lab knows what it has made of it. */
const withShortAnswers = oncePer((plan: RecoveryPlan): RecoveryPlan => ({
  ...plan,
  decision: { ...plan.decision, answerWithinMs: ANSWER_WITHIN_MS },
}));

/** Runs one schedule of faults: first they happen, then they stop, and everything has to come to an end. */
export const runFaults = async (options: FaultRunOptions): Promise<FaultRun> => {
  const plan = withShortAnswers(options.plan);
  const { faults, seed } = options;
  const rdsFaults: RdsFaults = {};
  const lab = await createLab({
    plan,
    seed,
    rdsFaults,
    writeEveryMs: 1000,
    // Clients that spell their calls remember how earlier ones went.
    ...(options.spelt === true ? {} : { connections: shared }),
  });
  if (options.spelt !== true) shared.pointTo(lab.cloud);
  const { world } = lab.cloud;
  const run = (): Promise<FaultRun> =>
    withVirtualGlobals(world.clock, world.random.stream("process"), async () => {
      const injected = injectFaults(world, rdsFaults, faults, ORIGIN_MS);
      options.onLab?.(lab);
      await prepare(lab);
      keepKillSwitch(lab, injected);
      const sleeps = (execution: string): boolean => {
        const isAsleep = injected.activeOf("expired-token").length > 0;
        if (isAsleep) injected.log.note("expired-token", 0, execution);
        return isAsleep;
      };
      const crew = startCrew(lab, {
        sleeps,
        isEndless: () => injected.isEndless(),
        givesUp: options.givesUp,
      });
      await world.clock.run({ untilMs: ORIGIN_MS + faultsEndMs(faults) });
      const settling = watchSettling(lab, () => injected.isEndless());
      let isOver = false;
      // A fault that waited for an execution gives what follows it as much time as any other.
      const isLate = (): boolean => world.clock.nowMs() > injected.overAtMs() + LIVENESS_MS;
      await world.clock.run({
        untilMs: Number.POSITIVE_INFINITY,
        until: () => (isOver = settling.isOver()) || isLate(),
        askEveryMs: LOOK_EVERY_MS,
      });
      crew.stop();
      const unsettled = isOver ? undefined : (settling.complaint() ?? "something goes on happening");
      return report(lab, options, injected, unsettled);
    });
  if (options.spelt === true) return run();
  // Clients look for their configuration when they spell their first call.
  world.clock.ignoreFiles();
  try {
    return await withDirectClients(run);
  } finally {
    // Code that can still go on sends what it sends into this world, where nothing happens any more, and not into the next.
    await turn();
    shared.pointTo(undefined);
    lab.end();
  }
};

const prepare = async (lab: Lab): Promise<void> => {
  const { clock } = lab.cloud.world;
  let ready = false;
  const bootstrapped = lab.bootstrap().then(() => {
    ready = true;
  });
  await clock.run({ untilMs: START_MS + 60_000, until: () => ready });
  await bootstrapped;
  lab.workload.client.start();
  for (const resident of lab.workload.residents) resident.start();
  await clock.run({ untilMs: ORIGIN_MS });
};

const report = (
  lab: Lab,
  { seed, faults }: FaultRunOptions,
  injected: InjectedFaults,
  unsettled: string | undefined,
): FaultRun => {
  const executions = [...lab.cloud.sfn.executions.values()];
  const outcomes = executions.map(({ arn, history, state }) => {
    const output = (state.output ?? {}) as { readonly outcome?: string; readonly reason?: string };
    if (state.status !== "RUNNING")
      return {
        outcome: output.outcome ?? state.status.toLowerCase(),
        reason: output.reason ?? state.cause ?? "",
      };
    const reason = heldFor(lab, { arn, history });
    return { outcome: reason === undefined ? "running" : "holding", reason: reason ?? "" };
  });
  const endedAtMs = lab.cloud.world.clock.nowMs();
  const violations: Violation[] = [...checkInvariants(gatherEvidence(lab)), ...modelFaults(lab)];
  if (unsettled !== undefined) {
    const last = outcomes.at(-1);
    violations.push({
      invariant: "liveness",
      message: `${LIVENESS_MS / 60_000} minutes after the last fault the world is not settled: ${unsettled}; the last outcome: ${last?.outcome ?? "none"}, ${last?.reason ?? ""}`,
      atMs: endedAtMs,
    });
  }
  return {
    seed,
    faults,
    outcomes,
    violations,
    coverage: coverageOf(lab, injected),
    digest: () => digestOf(lab, outcomes),
    apiCalls: lab.wire.length,
    virtualMs: endedAtMs - START_MS,
  };
};

const MODEL_FAULTS = new Set(["SimulationFault", "NotSimulated"]);

/** A model that breaks must not pass for an outage. */
const modelFaults = (lab: Lab): readonly Violation[] => {
  const found: Violation[] = [];
  for (const { outcome, service, operation, endedAtMs: atMs } of lab.wire)
    if (outcome.type === "error" && MODEL_FAULTS.has(outcome.code))
      found.push({ invariant: "model", message: `${service}:${operation}: ${outcome.message}`, atMs });
  return found;
};
