import type { Random } from "../../kernel/random.ts";
import type { World } from "../../kernel/world.ts";
import { statusChangeDetail, type ExecutionRecord } from "./execution-record.ts";
import type { Effect, Interpreter, Json, Signal, StartRequest, Transition } from "./interpreter-port.ts";
import type { StateMachine } from "./state-machine.ts";

/** What a state transition costs; AWS names no figure, users measure tens of milliseconds. */
const transitionMs = (random: Random): number => random.integer(20, 60);

/** A running execution and the signals that wait for it. */
interface Run {
  readonly record: ExecutionRecord;
  readonly signals: Signal[];
  isBusy: boolean;
  cancelWake: () => void;
}

export interface Launch {
  readonly arn: string;
  readonly name: string;
  readonly machine: StateMachine;
  readonly input: string;
  readonly startedBy: string | undefined;
}

export interface Executor {
  launch(launch: Launch): ExecutionRecord;
  signal(record: ExecutionRecord, signal: Signal): void;
  /** Starts an ended execution again from where it failed. */
  redrive(record: ExecutionRecord): void;
}

export interface ExecutorHooks {
  /** Does what the interpreter asks for. */
  perform(record: ExecutionRecord, effect: Effect): void;
  ended(record: ExecutionRecord): void;
}

/**
 * Drives executions: one signal at a time, each transition at the cost of a little virtual time. While the region is
 * lost its executions stand still, and go on when it is back, with the clocks of their timeouts run on.
 */
export const createExecutor = (
  world: World,
  interpreter: Interpreter,
  whenUp: (region: string, action: () => void) => void,
  hooks: ExecutorHooks,
): Executor => {
  const { clock } = world;
  const random = world.random.stream("sfn-transitions");
  const runs = new Map<string, Run>();

  const emitStatus = ({ record }: Run): void => {
    world.emit(record.machine.region, {
      source: "aws.states",
      detailType: "Step Functions Execution Status Change",
      resources: [record.arn],
      detail: statusChangeDetail(record),
    });
  };

  const enqueue = (run: Run, signal: Signal): void => {
    run.signals.push(signal);
    pump(run);
  };

  const pump = (run: Run): void => {
    if (run.isBusy || run.signals.length === 0) return;
    run.isBusy = true;
    const { machine } = run.record;
    whenUp(machine.region, () => {
      const signal = run.signals.shift();
      if (signal === undefined) throw new Error("a busy execution without a signal");
      void work(run, interpreter.advance(machine.compiled, run.record.state, signal, clock.nowMs()));
    });
  };

  /** Time passes for the states that were entered; only then the outside sees anything of it. */
  const work = async (run: Run, advancing: Promise<Transition>): Promise<void> => {
    const transition = await advancing;
    const entered = Math.max(0, transition.transitions - run.record.transitions);
    let costMs = 0;
    for (let state = 0; state < entered; state++) costMs += transitionMs(random);
    clock.after(costMs, () => whenUp(run.record.machine.region, () => commit(run, transition)));
  };

  const tellEntered = ({ machine }: ExecutionRecord, events: Transition["events"]): void => {
    const { entered } = world.faults;
    if (entered === undefined) return;
    for (const event of events) {
      const { stateEnteredEventDetails: details } = event as {
        readonly stateEnteredEventDetails?: { readonly name: string };
      };
      if (details !== undefined) entered(machine.region, details.name);
    }
  };

  const commit = (run: Run, transition: Transition): void => {
    const { record } = run;
    const wasRunning = record.state.status === "RUNNING";
    record.state = transition.execution;
    record.transitions = transition.transitions;
    record.history.push(...transition.events);
    tellEntered(record, transition.events);
    run.cancelWake();
    const ended = record.state.status !== "RUNNING";
    if (ended && wasRunning) record.stoppedAtMs = clock.nowMs();
    for (const effect of transition.effects) hooks.perform(record, effect);
    if (ended && wasRunning) {
      emitStatus(run);
      hooks.ended(record);
    }
    if (!ended && !wasRunning) emitStatus(run);
    if (!ended && transition.wakeAtMs !== undefined) {
      run.cancelWake = clock.at(transition.wakeAtMs, () => enqueue(run, { type: "wake" }));
    }
    run.isBusy = false;
    pump(run);
  };

  return {
    launch({ arn, name, machine, input, startedBy }) {
      const startedAtMs = clock.nowMs();
      const request: StartRequest = {
        machine: machine.compiled,
        executionArn: arn,
        executionName: name,
        stateMachineArn: machine.arn,
        stateMachineName: machine.name,
        roleArn: machine.roleArn,
        input: JSON.parse(input) as Json,
        startedAtMs,
        seed: random.integer(0, 0x7fff_ffff),
        type: machine.type,
      };
      const record: ExecutionRecord = {
        arn,
        name,
        machine,
        input,
        startedAtMs,
        startedBy,
        stoppedAtMs: undefined,
        state: { status: "RUNNING" },
        history: [],
        transitions: 0,
        redrives: 0,
        redrivenAtMs: undefined,
      };
      const run: Run = { record, signals: [], isBusy: true, cancelWake: () => undefined };
      runs.set(arn, run);
      emitStatus(run);
      void work(run, interpreter.start(request));
      return record;
    },
    signal(record, signal) {
      const run = runs.get(record.arn);
      if (run !== undefined && record.state.status === "RUNNING") enqueue(run, signal);
    },
    redrive(record) {
      const run = runs.get(record.arn);
      if (run === undefined) return;
      record.redrives += 1;
      record.redrivenAtMs = clock.nowMs();
      record.stoppedAtMs = undefined;
      run.signals.length = 0;
      enqueue(run, { type: "redrive" });
    },
  };
};
