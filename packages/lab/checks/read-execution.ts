import type { HistoryEvent } from "@lifeboat/cloud/services/sfn/interpreter-port";
import type { ExecutionEvidence } from "./evidence.ts";

type Details = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

const detail = (event: HistoryEvent, group: string, name: string): unknown =>
  (event as unknown as Details)[group]?.[name];

/** When the state of that name was entered, each time. */
export const enteredAtMs = ({ history }: ExecutionEvidence, state: string): readonly number[] =>
  history
    .filter((event) => detail(event, "stateEnteredEventDetails", "name") === state)
    .map((event) => event.timestampMs);

/** When the state of that name was left, each time. */
export const exitedAtMs = ({ history }: ExecutionEvidence, state: string): readonly number[] =>
  history
    .filter((event) => detail(event, "stateExitedEventDetails", "name") === state)
    .map((event) => event.timestampMs);

/** The state that was entered last: where a running execution is. */
export const lastEntered = ({ history }: ExecutionEvidence): string | undefined => {
  const names = history.map((event) => detail(event, "stateEnteredEventDetails", "name"));
  return names.findLast((name): name is string => typeof name === "string");
};

const parsed = (text: unknown): unknown => {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** Outputs of tasks, in their order: answers of people among them. */
export const taskOutputs = ({ history }: ExecutionEvidence): readonly unknown[] =>
  history
    .map((event) => parsed(detail(event, "taskSucceededEventDetails", "output")))
    .filter((output) => output !== undefined);

/** Tokens that were handed out to people: whoever has one can answer for them. */
export const taskTokens = ({ history }: ExecutionEvidence): readonly string[] =>
  history
    .map((event) =>
      field(field(parsed(detail(event, "taskScheduledEventDetails", "parameters")), "Payload"), "token"),
    )
    .filter((token): token is string => typeof token === "string");

/** Did a person take responsibility on record: in the input, or in the answer to a hold? */
export const hasOverride = (execution: ExecutionEvidence): boolean => {
  const said = [execution.input, ...taskOutputs(execution)].map((value) => field(value, "override"));
  return said.some((override) => typeof override === "object" && override !== null);
};

/** How many people approved. */
export const approvalsIn = (execution: ExecutionEvidence): number =>
  taskOutputs(execution).filter((output) => field(output, "action") === "approve").length;

export const isDryRun = ({ input }: ExecutionEvidence): boolean => field(input, "dryRun") === true;

export const outcomeOf = ({ output }: ExecutionEvidence): unknown => field(output, "outcome");
