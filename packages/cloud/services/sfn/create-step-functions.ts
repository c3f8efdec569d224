import type {
  RedriveExecutionInput,
  SendTaskFailureInput,
  SendTaskHeartbeatInput,
  SendTaskSuccessInput,
  StartExecutionInput,
  StopExecutionInput,
} from "@aws-sdk/client-sfn";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import { createWhenUp } from "../../kernel/when-up.ts";
import type { World } from "../../kernel/world.ts";
import type { LambdaModel } from "../lambda/create-lambda.ts";
import { describeExecution, type ExecutionRecord } from "./execution-record.ts";
import type { Interpreter, Json } from "./interpreter-port.ts";
import { createEffects } from "./perform-effects.ts";
import { findExecution, queryOperations } from "./query-executions.ts";
import { createExecutor } from "./run-execution.ts";
import type { CallApi } from "./sdk-task.ts";
import { createStarter, type StartInput } from "./start-execution.ts";
import { createStateMachines, type StateMachine, type StateMachineOptions } from "./state-machine.ts";
import { createTaskTokens } from "./task-tokens.ts";

export interface StepFunctionsModel extends ServiceModel {
  /** Throws what the interpreter throws on a definition that it refuses. */
  createStateMachine(options: StateMachineOptions): StateMachine;
  /** Starts an execution from inside the region, as a rule's or a schedule's target. AwsErrors as StartExecution's. */
  start(region: string, input: StartInput): ExecutionRecord;
  readonly executions: ReadonlyMap<string, ExecutionRecord>;
  /** Resolves when the execution has ended. */
  whenEnded(arn: string): Promise<ExecutionRecord>;
}

export interface StepFunctionsOptions {
  readonly interpreter: Interpreter;
  readonly lambda: LambdaModel;
  readonly api: CallApi;
}

/** Step Functions of the simulated account, around an interpreter of the States Language. */
export const createStepFunctions = (
  world: World,
  { interpreter, lambda, api }: StepFunctionsOptions,
): StepFunctionsModel => {
  const { clock } = world;
  const whenUp = createWhenUp(world.network);
  const machines = createStateMachines(world.accountId, interpreter);
  const executions = new Map<string, ExecutionRecord>();
  const waiters = new Map<string, ((record: ExecutionRecord) => void)[]>();
  const tokens = createTaskTokens();

  const whenEnded = (arn: string): Promise<ExecutionRecord> =>
    new Promise((resolve) => {
      const record = executions.get(arn);
      if (record !== undefined && record.state.status !== "RUNNING") resolve(record);
      else waiters.set(arn, [...(waiters.get(arn) ?? []), resolve]);
    });

  const executor = createExecutor(world, interpreter, whenUp, {
    perform: (record, effect) => effects.perform(record, effect),
    ended(record) {
      effects.abandon(record);
      const waiting = waiters.get(record.arn) ?? [];
      waiters.delete(record.arn);
      for (const resolve of waiting) resolve(record);
    },
  });
  const effects = createEffects({
    around: { world, lambda, api, whenEnded },
    tokens,
    random: world.random.stream("sfn-tasks"),
    whenUp,
    signal: (record, signal) => executor.signal(record, signal),
    stop(arn) {
      const record = executions.get(arn);
      if (record !== undefined) executor.signal(record, { type: "abort" });
    },
  });
  const start = createStarter(world, machines, executions, executor);

  const parseOutput = (output: string | undefined): Json => {
    try {
      return JSON.parse(output ?? "") as Json;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AwsError("InvalidOutput", `Invalid Output: '${reason}'`);
    }
  };

  return {
    service: "sfn",
    operations: {
      ...queryOperations(world, machines, executions),

      StartExecution: ({ stateMachineArn, name, input }: StartExecutionInput, { region, origin }: Call) => {
        const record = start(region, { stateMachineArn, name, input, startedBy: origin.execution });
        return { executionArn: record.arn, startDate: new Date(record.startedAtMs) };
      },

      /** Answers at once; the execution stops a moment later. */
      StopExecution: ({ executionArn, error, cause }: StopExecutionInput, { region }: Call) => {
        const record = findExecution(executions, region, executionArn);
        executor.signal(record, {
          type: "abort",
          ...(error === undefined ? {} : { error }),
          ...(cause === undefined ? {} : { cause }),
        });
        return { stopDate: new Date(record.stoppedAtMs ?? clock.nowMs()) };
      },

      SendTaskSuccess: ({ taskToken, output }: SendTaskSuccessInput, { region }: Call) => {
        const held = tokens.redeem(taskToken, region);
        const parsed = parseOutput(output);
        held.isOpen = false;
        executor.signal(held.record, { type: "task-succeeded", taskId: held.taskId, output: parsed });
        return {};
      },

      SendTaskFailure: ({ taskToken, error, cause }: SendTaskFailureInput, { region }: Call) => {
        const held = tokens.redeem(taskToken, region);
        held.isOpen = false;
        executor.signal(held.record, {
          type: "task-failed",
          taskId: held.taskId,
          ...(error === undefined ? {} : { error }),
          ...(cause === undefined ? {} : { cause }),
        });
        return {};
      },

      SendTaskHeartbeat: ({ taskToken }: SendTaskHeartbeatInput, { region }: Call) => {
        const held = tokens.redeem(taskToken, region);
        executor.signal(held.record, { type: "task-heartbeat", taskId: held.taskId });
        return {};
      },

      /** https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html */
      RedriveExecution: ({ executionArn }: RedriveExecutionInput, { region }: Call) => {
        const record = findExecution(executions, region, executionArn);
        const { redriveStatus, redriveStatusReason } = describeExecution(record, clock.nowMs());
        if (redriveStatus !== "REDRIVABLE") {
          throw new AwsError("ExecutionNotRedrivable", String(redriveStatusReason));
        }
        executor.redrive(record);
        return { redriveDate: new Date(clock.nowMs()) };
      },
    },
    createStateMachine: (options) => machines.add(options, clock.nowMs()),
    start,
    executions,
    whenEnded,
  };
};
