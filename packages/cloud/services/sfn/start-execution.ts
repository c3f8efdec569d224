import { AwsError } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import type { ExecutionRecord } from "./execution-record.ts";
import type { Executor } from "./run-execution.ts";
import type { StateMachines } from "./state-machine.ts";

export interface StartInput {
  readonly stateMachineArn: string | undefined;
  readonly name?: string | undefined;
  /** JSON text; `{}` when left out. */
  readonly input?: string | undefined;
  readonly startedBy?: string | undefined;
}

/** The payload limit of Step Functions. */
const INPUT_LIMIT_BYTES = 262_144;
/** A closed execution's name is free again after ninety days. */
const NAME_KEPT_MS = 90 * 86_400_000;

// oxlint-disable-next-line no-control-regex -- AWS names the control characters among what a name must not have
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001F\u007F-\u009F]/;

const checkName = (name: string): void => {
  if (name.length === 0 || name.length > 80 || FORBIDDEN.test(name)) {
    throw new AwsError("InvalidName", `Invalid Name: '${name}'`);
  }
};

const checkInput = (input: string): void => {
  if (Buffer.byteLength(input) > INPUT_LIMIT_BYTES) {
    throw new AwsError(
      "InvalidExecutionInput",
      `Invalid State Machine Execution Input: 'The input exceeds ${INPUT_LIMIT_BYTES} bytes'`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${reason}'`);
  }
};

/**
 * Starts an execution. StartExecution is idempotent for Standard machines: the same name with the same input answers
 * with the running execution; a different input, or a name closed within ninety days, is ExecutionAlreadyExists.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const createStarter = (
  world: World,
  machines: StateMachines,
  executions: Map<string, ExecutionRecord>,
  executor: Executor,
): ((region: string, input: StartInput) => ExecutionRecord) => {
  const ids = world.random.stream("sfn-execution-names");
  return (region, { stateMachineArn, name, input = "{}", startedBy }) => {
    const machine = machines.find(region, stateMachineArn);
    if (name !== undefined) checkName(name);
    checkInput(input);
    const chosen = name ?? ids.uuid();
    const kind = machine.type === "EXPRESS" ? "express" : "execution";
    const unique = machine.type === "EXPRESS" ? `:${ids.uuid()}` : "";
    const arn = `${machine.arn.replace(":stateMachine:", `:${kind}:`)}:${chosen}${unique}`;
    const existing = executions.get(arn);
    if (existing !== undefined) {
      if (existing.state.status === "RUNNING" && existing.input === input) return existing;
      const age = world.clock.nowMs() - (existing.stoppedAtMs ?? world.clock.nowMs());
      if (age < NAME_KEPT_MS) {
        throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
      }
    }
    const record = executor.launch({ arn, name: chosen, machine, input, startedBy });
    executions.set(arn, record);
    return record;
  };
};
