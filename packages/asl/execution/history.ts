import { jsonText, type Json } from "../values/json.ts";
import type { HistoryEvent } from "./execution.ts";
import type { LiveThread, Run } from "./run.ts";

/** Events in the history of a STANDARD execution, at most; the last one is its end. */
export const EVENT_LIMIT = 25_000;

/** Bytes of JSON text that a state or task may take or give. */
export const PAYLOAD_LIMIT_BYTES = 262_144;

const detailsKey = (type: string): string => {
  if (type.endsWith("StateEntered")) return "stateEnteredEventDetails";
  if (type.endsWith("StateExited")) return "stateExitedEventDetails";
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
};

/** Details without the members that are not there. Most have them all: an event is written for every step. */
const present = (details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  for (const name in details) {
    if (details[name] === undefined) {
      return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
    }
  }
  return details;
};

export interface AppendOptions {
  /** The event that it comes after, where that is not the thread's last. */
  readonly previousEventId?: number;
  /** The thread's next event does not come after this one. */
  readonly aside?: true;
}

/**
 * Appends an event to the execution's history and makes it the thread's last. Events of child executions belong to
 * another history and are not shown. Returns the event's id.
 */
export const append = (
  run: Run,
  thread: LiveThread,
  type: string,
  details: Readonly<Record<string, unknown>> | undefined,
  options: AppendOptions = {},
): number => {
  if (thread.child !== undefined) return thread.lastEventId;
  const id = ++run.execution.lastEventId;
  const event: HistoryEvent = {
    id,
    previousEventId: options.previousEventId ?? thread.lastEventId,
    type,
    timestampMs: run.nowMs,
    ...(details === undefined ? {} : { [detailsKey(type)]: present(details) }),
  };
  run.events.push(event);
  if (options.aside !== true) thread.lastEventId = id;
  return id;
};

const complete = { truncated: false };

export const inputDetails = (input: Json) => ({ input: jsonText(input), inputDetails: complete });

export const outputDetails = (output: Json) => ({ output: jsonText(output), outputDetails: complete });

/** `assignedVariables` as StateExited shows them: JSON text by name; absent where nothing was assigned. */
export const assignedDetails = (assigned: Readonly<Record<string, Json>> | undefined) =>
  assigned === undefined || Object.keys(assigned).length === 0
    ? {}
    : {
        assignedVariables: Object.fromEntries(
          Object.entries(assigned).map(([name, value]) => [name, jsonText(value)]),
        ),
        assignedVariablesDetails: complete,
      };
