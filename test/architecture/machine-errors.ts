import { errorsByPlaceholder } from "@lifeboat/control-plane/function-errors";
import { errorCatalogue, isRepeatable, type ErrorName } from "@lifeboat/recovery/errors";

/** A definition as far as these rules look into it; that it is valid otherwise is for `packages/asl` to say. */
export interface StateText {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: { readonly FunctionName?: string };
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts?: number }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly ItemProcessor?: { readonly States: Readonly<Record<string, StateText>> };
  readonly Branches?: readonly { readonly States: Readonly<Record<string, StateText>> }[];
}

export interface MachineText {
  readonly States: Readonly<Record<string, StateText>>;
}

const errorHandling = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html";
const lambdaPractice = "https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html";
const lambdaInvoke = "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html";

/** Error names that AWS documents, with the page that does. */
export const documentedErrors: Readonly<Record<string, string>> = {
  "States.ALL": errorHandling,
  "States.DataLimitExceeded": errorHandling,
  "States.ExceedToleratedFailureThreshold": errorHandling,
  "States.HeartbeatTimeout": errorHandling,
  "States.ItemReaderFailed": errorHandling,
  "States.Permissions": errorHandling,
  "States.QueryEvaluationError": errorHandling,
  "States.ResultWriterFailed": errorHandling,
  "States.Runtime": errorHandling,
  "States.TaskFailed": errorHandling,
  "States.Timeout": errorHandling,
  // "When Lambda exceeds the maximum number of invocations"; "in newer runtimes, timeouts are reported as Sandbox.Timedout".
  "Lambda.TooManyRequestsException": errorHandling,
  "Lambda.Unknown": errorHandling,
  "Sandbox.Timedout": errorHandling,
  // A function's process that died reports what its runtime says: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
  "Runtime.ExitError": "https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html",
  "Lambda.ClientExecutionTimeoutException": lambdaPractice,
  "Lambda.ServiceException": lambdaPractice,
  "Lambda.AWSLambdaException": lambdaPractice,
  "Lambda.SdkClientException": lambdaPractice,
  "Lambda.ResourceNotReadyException": lambdaInvoke,
  "Lambda.EC2ThrottledException": lambdaInvoke,
};

export interface PlacedState {
  readonly path: string;
  readonly state: StateText;
  /** This state's own Catch and those of the Maps and Parallels around it, flat. */
  readonly caught: readonly string[];
}

/** Every state, those within Maps and Parallels included. */
export const statesOf = (
  { States }: MachineText,
  prefix = "",
  outer: readonly string[] = [],
): readonly PlacedState[] =>
  Object.entries(States).flatMap(([name, state]) => {
    const path = `${prefix}${name}`;
    const caught = [...outer, ...(state.Catch ?? []).flatMap(({ ErrorEquals }) => ErrorEquals)];
    const inner = [
      ...(state.ItemProcessor === undefined ? [] : [state.ItemProcessor]),
      ...(state.Branches ?? []),
    ];
    return [{ path, state, caught }, ...inner.flatMap((machine) => statesOf(machine, `${path}/`, caught))];
  });

const isErrorName = (name: string): name is ErrorName => Object.hasOwn(errorCatalogue, name);
const allErrors = Object.keys(errorCatalogue).filter(isErrorName);

/** What the task's function may throw; a function that nothing is known of may throw anything. */
const thrownBy = ({ Arguments: called }: StateText): readonly ErrorName[] => {
  const placeholder = /^\$\{(\w+)\}$/.exec(called?.FunctionName ?? "")?.[1];
  return errorsByPlaceholder[placeholder ?? ""] ?? allErrors;
};

/** What is wrong with the error handling of one machine, as sentences. */
export const checkMachineErrors = (machine: MachineText): readonly string[] => {
  const states = statesOf(machine);
  return states.flatMap(({ path, state, caught }) => {
    const retried = (state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
    const named = [...retried, ...(state.Catch ?? []).flatMap(({ ErrorEquals }) => ErrorEquals)];
    const unknown = named
      .filter((name) => !isErrorName(name) && documentedErrors[name] === undefined)
      .map((name) => `${path} names ${name}, which nobody throws`);
    const stubborn = retried
      .filter((name) => isErrorName(name) && !isRepeatable(name))
      .map((name) => `${path} retries ${name}, which repeating does not mend`);
    if (state.Type !== "Task" || !(state.Resource ?? "").includes(":lambda:invoke"))
      return [...unknown, ...stubborn];
    const thrown = thrownBy(state);
    const impatient = thrown
      .filter((name) => isRepeatable(name) && !retried.includes(name))
      .map((name) => `${path} does not retry ${name}`);
    const loose = caught.includes("States.ALL")
      ? []
      : [
          `${path} lets ${thrown.filter((name) => !retried.includes(name)).join(", ")} end the execution unrecorded`,
        ];
    // The time limit is a person's time to answer: it does not begin anew.
    const deaf =
      state.Resource?.endsWith(".waitForTaskToken") === true && retried.includes("States.Timeout")
        ? [`${path} asks again after the time to answer is over`]
        : [];
    return [...unknown, ...stubborn, ...impatient, ...loose, ...deaf];
  });
};
