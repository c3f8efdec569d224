import { evaluateField, evaluateNumber, type Place } from "../evaluate-field.ts";
import type { TaskPhase } from "../execution.ts";
import { append, inputDetails } from "../history.ts";
import { jsonText, type Json } from "../../values/json.ts";
import { DataLimitError, isOverLimit } from "../leave-state.ts";
import type { TaskState } from "../../definition/machine.ts";
import { createChance, drawHex } from "../../values/random.ts";
import { setPhase, type LiveThread, type Run } from "../run.ts";
import { LONGEST_SECONDS } from "../../definition/state-fields.ts";

type TaskPlace = Place & { readonly state: TaskState };

/**
 * A token that no other task has, the same whenever this execution is run. It does not draw from the execution's
 * chance, so that a machine with one more callback computes the same random numbers.
 */
const tokenOf = (run: Run, taskId: string): string =>
  `AQC${drawHex(createChance(`${run.execution.seed}/token/${taskId}`), 61)}`;

const secondsOf = async (
  place: TaskPlace,
  field: "timeoutSeconds" | "heartbeatSeconds",
): Promise<number | undefined> => {
  const template = place.state[field];
  return template === undefined
    ? undefined
    : evaluateNumber(place, template, { least: 1, most: LONGEST_SECONDS });
};

/** Where the events of service integrations say what they are about. */
export const resourceDetails = ({ integration }: TaskState) => ({
  resourceType: integration.resourceType,
  resource: integration.action,
});

/** The family of a task's event types. */
export const eventPrefix = ({ integration }: TaskState): "Task" | "LambdaFunction" | "Activity" => {
  if (integration.kind === "service") return "Task";
  return integration.kind === "activity" ? "Activity" : "LambdaFunction";
};

const recordScheduled = (
  run: Run,
  thread: LiveThread,
  state: TaskState,
  input: Json,
  times: { readonly timeoutInSeconds: number | undefined; readonly heartbeatInSeconds: number | undefined },
): void => {
  const type = `${eventPrefix(state)}Scheduled`;
  switch (state.integration.kind) {
    case "service":
      append(run, thread, type, {
        ...resourceDetails(state),
        region: run.execution.executionArn.split(":")[3],
        parameters: jsonText(input),
        ...times,
      });
      break;
    case "lambda-function":
      append(run, thread, type, {
        resource: state.integration.resource,
        ...inputDetails(input),
        timeoutInSeconds: times.timeoutInSeconds,
      });
      break;
    case "activity":
      append(run, thread, type, { resource: state.integration.resource, ...inputDetails(input), ...times });
  }
};

/** Schedules an attempt of a task: the host starts it. Its fields are evaluated anew for each attempt. */
export const doTask = async (place: TaskPlace): Promise<void> => {
  const { run, thread, state } = place;
  const taskId = `${run.execution.executionArn}/${run.execution.nextTaskNumber}`;
  const token = state.integration.pattern === "request-response" ? undefined : tokenOf(run, taskId);
  const input =
    state.arguments === undefined
      ? thread.visit.input
      : await evaluateField(place, state.arguments, { token });
  const timeoutInSeconds = await secondsOf(place, "timeoutSeconds");
  const heartbeatInSeconds = await secondsOf(place, "heartbeatSeconds");
  if (isOverLimit(input)) throw new DataLimitError(state.name);
  run.execution.nextTaskNumber += 1;
  recordScheduled(run, thread, state, input, { timeoutInSeconds, heartbeatInSeconds });
  const started = state.integration.kind !== "activity";
  if (started) recordStarted(run, thread, state, undefined);
  const timeoutAtMs = timeoutInSeconds === undefined ? undefined : run.nowMs + timeoutInSeconds * 1000;
  const heartbeatMs = heartbeatInSeconds === undefined ? undefined : heartbeatInSeconds * 1000;
  setPhase(thread, {
    type: "task",
    taskId,
    started,
    submitted: false,
    ...(timeoutAtMs === undefined ? {} : { timeoutAtMs }),
    ...(heartbeatMs === undefined ? {} : { heartbeatMs, heartbeatAtMs: run.nowMs + heartbeatMs }),
  } satisfies TaskPhase);
  run.effects.push({
    type: "start-task",
    taskId,
    stateName: state.name,
    resource: state.integration.resource,
    arguments: input,
    token,
    timeoutAtMs,
  });
};

export const recordStarted = (
  run: Run,
  thread: LiveThread,
  state: TaskState,
  workerName: string | undefined,
): void => {
  if (state.integration.kind === "service") append(run, thread, "TaskStarted", resourceDetails(state));
  else if (state.integration.kind === "activity") append(run, thread, "ActivityStarted", { workerName });
  else append(run, thread, "LambdaFunctionStarted", undefined);
};
