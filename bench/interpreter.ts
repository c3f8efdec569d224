import {
  advance,
  compile,
  start,
  type Json,
  type Machine,
  type Signal,
  type Transition,
} from "@lifeboat/asl/interpreter";
import { StateMachine } from "aws-local-stepfunctions";
import { failoverMachine, failoverResult } from "./failover.ts";
import { jsonataMachine, jsonPathMachine, taskNames, taskResult } from "./machines.ts";

/**
 * Executions a second, on one core, of a machine of 17 states with instant tasks, beside the only other interpreter on
 * npm that runs a machine of the same states (in JSONPath: it ignores JSONata, and keeps no history); and of the failover
 * machine itself. One after the other, in one run.
 *
 *     node bench/interpreter.ts [seconds per interpreter]
 */

const input = { workload: "spacelift", stores: ["aurora", "buckets"], lagMs: 400 };

const small = compile(jsonataMachine);
const failover = compile(failoverMachine());

const runOurs = async (
  machine: Machine,
  resultOf: (stateName: string) => Json,
  seed: number,
): Promise<Transition> => {
  let nowMs = 1_760_000_000_000;
  let transition = await start({
    machine,
    executionArn: "arn:aws:states:eu-west-3:111111111111:execution:failover:bench",
    executionName: "bench",
    stateMachineArn: "arn:aws:states:eu-west-3:111111111111:stateMachine:failover",
    stateMachineName: "failover",
    roleArn: "arn:aws:iam::111111111111:role/failover",
    input,
    startedAtMs: nowMs,
    seed,
  });
  const pending: Signal[] = [];
  while (transition.execution.status === "RUNNING") {
    for (const effect of transition.effects) {
      if (effect.type === "start-task") {
        pending.push({ type: "task-succeeded", taskId: effect.taskId, output: resultOf(effect.stateName) });
      }
    }
    const signal = pending.shift() ?? { type: "wake" };
    if (signal.type === "wake") nowMs = Math.max(nowMs, transition.wakeAtMs ?? nowMs);
    transition = await advance(machine, transition.execution, signal, nowMs);
  }
  return transition;
};

const local = new StateMachine(jsonPathMachine as ConstructorParameters<typeof StateMachine>[0]);
type RunOptions = NonNullable<Parameters<typeof local.run>[1]>;
const overrides = {
  taskResourceLocalHandlers: Object.fromEntries(
    taskNames.map((name) => [name, () => Promise.resolve(taskResult(name))]),
  ),
  waitTimeOverrides: { Pause: 0 },
  // Its JSON type is the same with members that may be written.
} as unknown as NonNullable<RunOptions["overrides"]>;

const runTheirs = async (): Promise<Json> => {
  const execution = local.run(input, { overrides });
  return execution.result;
};

/**
 * Runs for about so many seconds, after a tenth of that to warm up, and gives executions a second of processor time: what a
 * core does, however busy the machine is with something else.
 */
const measure = async (seconds: number, run: (index: number) => Promise<unknown>): Promise<number> => {
  let index = 0;
  const spin = async (forMs: number): Promise<{ count: number; tookMs: number }> => {
    const startedAt = process.cpuUsage();
    let count = 0;
    for (;;) {
      const { user, system } = process.cpuUsage(startedAt);
      const tookMs = (user + system) / 1000;
      if (tookMs >= forMs) return { count, tookMs };
      for (let burst = 0; burst < 10; burst++, count++) await run(index++);
    }
  };
  await spin(seconds * 100);
  const { count, tookMs } = await spin(seconds * 1000);
  return (count / tookMs) * 1000;
};

const runSmall = (seed: number): Promise<Transition> => runOurs(small, taskResult, seed);
const runFailover = (seed: number): Promise<Transition> => runOurs(failover, () => failoverResult, seed);

/** Runs once and refuses to measure what does not succeed. */
const describeOne = async (name: string, run: (seed: number) => Promise<Transition>): Promise<Json> => {
  const { execution, transitions } = await run(0);
  if (execution.status !== "SUCCEEDED") {
    throw new Error(`${name} ended ${execution.status}: ${execution.error}: ${execution.cause}`);
  }
  console.log(`${name}: ${transitions} transitions, ${execution.lastEventId} history events`);
  return execution.output ?? null;
};

const print = (what: string, perSecond: number): void =>
  console.log(`${what.padEnd(60)}${perSecond.toFixed(0).padStart(7)} executions/s and core`);

const main = async (): Promise<void> => {
  const seconds = Number(process.argv[2] ?? 5);
  const output = JSON.stringify(await describeOne("machine of 17 states", runSmall));
  await describeOne("failover machine", runFailover);
  const theirs = JSON.stringify(await runTheirs());
  if (theirs !== output) throw new Error(`the machines disagree: ${output} and ${theirs}`);
  console.log("");
  print("packages/asl, 17 states in JSONata, with history", await measure(seconds, runSmall));
  print("aws-local-stepfunctions 3.0.0, the same in JSONPath, without", await measure(seconds, runTheirs));
  print("packages/asl, the failover machine", await measure(seconds, runFailover));
};

await main();
