import type { Json, JsonObject } from "../values/json.ts";
import type { LiveThread, Run } from "./run.ts";

let lastIso = { ms: 0, text: new Date(0).toISOString() };

/** Asked for several times at one instant, and slow to format. */
const iso = (ms: number): string => {
  if (ms !== lastIso.ms) lastIso = { ms, text: new Date(ms).toISOString() };
  return lastIso.text;
};

export interface ContextExtras {
  readonly token?: string | undefined;
  readonly mapItem?: { readonly Index: number; readonly Value: Json };
}

const RETRIABLE = new Set(["Task", "Parallel", "Map"]);

/**
 * `$states.context`.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export const contextObject = (
  run: Run,
  thread: LiveThread,
  stateType: string,
  extras: ContextExtras = {},
): JsonObject => {
  const { execution, testContext } = run;
  const { child, visit } = thread;
  return {
    Execution: {
      Id: child?.arn ?? execution.executionArn,
      Input: child === undefined ? execution.input : child.input,
      Name: child?.name ?? execution.executionName,
      RoleArn: execution.roleArn === "" ? null : execution.roleArn,
      StartTime: iso(child?.startedAtMs ?? execution.startedAtMs),
      // Recorded: TestState counts no redrives, and calls every state by one name.
      ...(testContext === undefined ? { RedriveCount: execution.redriveCount } : {}),
      ...(execution.redrivenAtMs === undefined ? {} : { RedriveTime: iso(execution.redrivenAtMs) }),
    },
    StateMachine: { Id: execution.stateMachineArn, Name: execution.stateMachineName },
    State: {
      Name: testContext === undefined ? visit.state : "StateName",
      EnteredTime: iso(visit.enteredAtMs),
      // Recorded: a state that has no Retry has no count either.
      ...(RETRIABLE.has(stateType) ? { RetryCount: visit.retryCount } : {}),
    },
    ...(extras.token === undefined ? {} : { Task: { Token: extras.token } }),
    ...(extras.mapItem === undefined ? {} : { Map: { Item: extras.mapItem } }),
    ...testContext,
  };
};
