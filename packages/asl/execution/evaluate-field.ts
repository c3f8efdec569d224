import { contextObject, type ContextExtras } from "./context-object.ts";
import { append } from "./history.ts";
import { isJsonArray, jsonText, typeName, type Json, type JsonObject } from "../values/json.ts";
import type { State } from "../definition/machine.ts";
import type { Failure, LiveThread, Run } from "./run.ts";
import { evaluateTemplate, namesExpression, TemplateError, type Template } from "../expressions/template.ts";

/** Where a field is evaluated, and what `$states` holds there. */
export interface Place {
  readonly run: Run;
  readonly thread: LiveThread;
  readonly state: State;
}

export interface StatesExtras extends ContextExtras {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** A field could not be evaluated; `fault` is the second sentence of AWS's cause. */
export class FieldError extends Error {
  readonly location: string | undefined;
  /** The event comes after the state was entered, not before: the value was there, but of no use. */
  readonly isLate: boolean;
  constructor(location: string | undefined, fault: string, isLate = false, cause?: unknown) {
    super(fault, { cause });
    this.name = "FieldError";
    this.location = location;
    this.isLate = isLate;
  }
}

const EVALUATION_ERROR = "States.QueryEvaluationError";

/**
 * Evaluates a field's value.
 *
 * @throws {FieldError}
 */
export const evaluateField = async (
  { run, thread, state }: Place,
  template: Template,
  extras: StatesExtras = {},
): Promise<Json> => {
  if (template.kind === "literal") return template.value;
  // The same for all expressions of a field: nothing goes on between them.
  let context: JsonObject | undefined;
  const ofStates = (member: string): Json | undefined => {
    if (member === "input") return thread.visit.input;
    if (member === "context") return (context ??= contextObject(run, thread, state.type, extras));
    return member === "result" || member === "errorOutput" ? extras[member] : undefined;
  };
  try {
    return await evaluateTemplate(template, {
      variables: thread.variables,
      ofStates,
      nowMs: run.nowMs,
      chance: run.chance,
    });
  } catch (error) {
    if (error instanceof TemplateError) throw new FieldError(error.location, error.message, false, error);
    throw error;
  }
};

const unexpected = (template: Template, expected: string, value: Json): FieldError =>
  new FieldError(
    template.location,
    `${namesExpression(template)} returned an unexpected result type. Expected '${expected}', but was '${typeName(value)}' for value: ${jsonText(value)}`,
  );

export const evaluateArray = async (place: Place, template: Template): Promise<readonly Json[]> => {
  const value = await evaluateField(place, template);
  if (!isJsonArray(value)) throw unexpected(template, "array", value);
  return value;
};

export const evaluateBoolean = async (place: Place, template: Template): Promise<boolean> => {
  const value = await evaluateField(place, template);
  if (typeof value !== "boolean") throw unexpected(template, "boolean", value);
  return value;
};

export const evaluateText = async (place: Place, template: Template): Promise<string> => {
  const value = await evaluateField(place, template);
  if (typeof value !== "string") throw unexpected(template, "string", value);
  return value;
};

/** A whole number of at least `least`. `numericText`: a string that holds one will do (recorded for tolerated failures). */
export const evaluateNumber = async (
  place: Place,
  template: Template,
  range: {
    readonly least: number;
    readonly most: number;
    readonly numericText?: true;
    readonly fraction?: true;
  },
): Promise<number> => {
  const value = await evaluateField(place, template);
  const number =
    range.numericText === true && typeof value === "string" && /^\d+(\.\d+)?$/.test(value)
      ? Number(value)
      : value;
  if (typeof number !== "number") throw unexpected(template, "number", value);
  const isFit =
    number >= range.least && number <= range.most && (range.fraction === true || Number.isInteger(number));
  if (!isFit) {
    throw new FieldError(
      template.location,
      `The ${template.location} field must be ${range.fraction === true ? "a number" : "an integer"} from ${range.least} to ${range.most} but was: ${jsonText(value)}`,
    );
  }
  return number;
};

/** Records that a field of the current state could not be evaluated, and gives the failure that this makes. */
export const recordEvaluationFailure = (run: Run, thread: LiveThread, error: FieldError): Failure => {
  const { visit } = thread;
  const cause = `An error occurred while executing the state '${visit.state}' (entered at the event id #${visit.enteredEventId}). ${error.message}`;
  // Recorded: unless something has happened in the state, the event comes after the one before the state.
  const hasJustEntered = thread.lastEventId === visit.enteredEventId && !error.isLate;
  append(
    run,
    thread,
    "EvaluationFailed",
    { error: EVALUATION_ERROR, cause, location: error.location, state: visit.state },
    hasJustEntered ? { previousEventId: visit.beforeEventId } : {},
  );
  return { error: EVALUATION_ERROR, cause };
};
