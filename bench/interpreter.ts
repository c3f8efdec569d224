import { advance, compile, start, type Json, type Signal, type Transition } from "@lifeboat/asl/interpreter";
import { StateMachine } from "aws-local-stepfunctions";
import { jsonataMachine, jsonPathMachine, taskNames, taskResult } from "./machines.ts";

/**
 * Executions a second of a machine of 17 states with instant tasks, beside the only other interpreter on npm that runs
 * a machine of the same states (in JSONPath; it ignores JSONata). One run, one core, one after the other.
 *
 *     node bench/interpreter.ts [seconds per interpreter]
 */

const input = { workload: "spacelift", stores: ["aurora", "buckets"], lagMs: 400 };

const machine = compile(jsonataMachine);

const runOurs = async (seed: number): Promise<Transition> => {
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
        pending.push({ type: "task-succeeded", taskId: effect.taskId, output: taskResult(effect.stateName) });
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

/** Runs for about so many seconds, after a tenth of that to warm up, and gives executions a second. */
const measure = async (seconds: number, run: (index: number) => Promise<unknown>): Promise<number> => {
  let index = 0;
  const spin = async (forMs: number): Promise<{ count: number; tookMs: number }> => {
    const startedAt = performance.now();
    let count = 0;
    for (;;) {
      const tookMs = performance.now() - startedAt;
      if (tookMs >= forMs) return { count, tookMs };
      for (let burst = 0; burst < 10; burst++, count++) await run(index++);
    }
  };
  await spin(seconds * 100);
  const { count, tookMs } = await spin(seconds * 1000);
  return (count / tookMs) * 1000;
};

const main = async (): Promise<void> => {
  const seconds = Number(process.argv[2] ?? 5);
  const { execution, transitions } = await runOurs(0);
  if (execution.status !== "SUCCEEDED")
    throw new Error(`the machine ended ${execution.status}: ${execution.cause}`);
  const theirs = JSON.stringify(await runTheirs());
  if (theirs !== JSON.stringify(execution.output)) {
    throw new Error(`the machines disagree: ${JSON.stringify(execution.output)} and ${theirs}`);
  }
  const ours = await measure(seconds, runOurs);
  const others = await measure(seconds, runTheirs);
  console.log(`one execution: ${transitions} transitions, ${execution.lastEventId} history events, one core`);
  console.log(`packages/asl, JSONata, with history        ${ours.toFixed(0).padStart(7)} executions/s`);
  console.log(`aws-local-stepfunctions 3.0.0, JSONPath    ${others.toFixed(0).padStart(7)} executions/s`);
};

await main();
