import { compileExpression, ExpressionError } from "../expressions/expression.ts";
import type { DefinitionPath, Finding } from "./finding.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../values/json.ts";
import { jsonPathOnlyFields, type FieldKind, type FieldSpec } from "./state-fields.ts";
import { expressionText } from "../expressions/template.ts";
import { parseTimestamp } from "../values/timestamp.ts";

export type Report = (path: DefinitionPath, rule: string, message: string, more?: Partial<Finding>) => void;

const isExpression = (value: Json): boolean =>
  typeof value === "string" && expressionText(value) !== undefined;

/** Reports every expression under `value` that does not compile. */
export const checkExpressions = (value: Json, path: DefinitionPath, report: Report): void => {
  if (typeof value === "string") {
    const text = expressionText(value);
    if (text === undefined) return;
    try {
      compileExpression(text);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const leading = 2 + text.length - text.trimStart().length;
      const rule = error.message.includes("$eval") ? "eval" : "expression-syntax";
      report(path, rule, `not a JSONata 2.0.6 expression: ${error.message}`, {
        offset: leading + Math.max(0, (error.position ?? 1) - 1),
      });
    }
  } else if (isJsonArray(value)) {
    for (const [index, item] of value.entries()) checkExpressions(item, [...path, index], report);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) checkExpressions(member, [...path, key], report);
  }
};

const isIntegerWithin = (value: Json, least: number, most: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

const RESERVED_VARIABLE = "states";
const VARIABLE_NAME = /^[\p{ID_Start}_][\p{ID_Continue}_]{0,79}$/u;

const checkAssign = (value: Json, path: DefinitionPath, report: Report): void => {
  if (!isJsonObject(value)) {
    report(path, "assign", "Assign must be an object of variable names and values");
    return;
  }
  for (const name of Object.keys(value)) {
    if (name === RESERVED_VARIABLE) {
      report([...path, name], "assign", "the variable $states is reserved", { atKey: true });
    } else if (!VARIABLE_NAME.test(name.replace(/\.\$$/, ""))) {
      report([...path, name], "assign", `'${name}' is no variable name of at most 80 characters`, {
        atKey: true,
      });
    }
  }
};

/** What is wrong with a literal value of the kind; expressions have been let through. */
const literalProblem = (value: Json, field: FieldKind): string | undefined => {
  switch (field.kind) {
    case "text":
    case "literal-text":
      return typeof value === "string" ? undefined : "must be a string";
    case "timestamp":
      return typeof value === "string" && parseTimestamp(value) !== undefined
        ? undefined
        : "does not match an RFC3339 timestamp with T and an offset";
    case "array":
      return isJsonArray(value) ? undefined : "must be an array or a JSONata expression";
    case "integer":
      return isIntegerWithin(value, field.least, field.most)
        ? undefined
        : `must be an integer from ${field.least} to ${field.most} or a JSONata expression`;
    case "percentage":
      return typeof value === "number" && value >= 0 && value <= 100
        ? undefined
        : "must be a number from 0 to 100 or a JSONata expression";
    case "condition":
      return typeof value === "boolean" ? undefined : "must be a JSONata expression or a boolean";
    case "next":
      return typeof value === "string" ? undefined : "must be the name of a state";
    case "end":
      return value === true ? undefined : "must be true where it stands";
    case "refused":
      return field.reason;
    case "assign":
    case "json":
    case "nested":
      return undefined;
  }
};

/** Checks one object against its field table: unknown, missing and badly typed fields, and its expressions. */
export const checkFields = (
  what: string,
  value: JsonObject,
  fields: Readonly<Record<string, FieldSpec>>,
  path: DefinitionPath,
  report: Report,
): void => {
  for (const [name, spec] of Object.entries(fields)) {
    if (spec.required === true && !Object.hasOwn(value, name)) {
      report(path, "required-field", `${what} needs the field ${name}`);
    }
  }
  for (const [name, member] of Object.entries(value)) {
    const at = [...path, name];
    const spec = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (spec === undefined) {
      if (jsonPathOnlyFields.has(name)) {
        report(at, "json-path-field", `${name} belongs to JSONPath; ${what} is in JSONata`, { atKey: true });
      } else {
        report(at, "unknown-field", `${what} has no field ${name}`, { atKey: true });
      }
      continue;
    }
    const { field } = spec;
    if (field.kind === "literal-text" || field.kind === "next") {
      if (typeof member !== "string") report(at, "field-type", `${name} must be a string`);
      continue;
    }
    if (field.kind === "nested") continue;
    if (field.kind === "assign") checkAssign(member, at, report);
    const problem =
      field.kind !== "refused" && isExpression(member) ? undefined : literalProblem(member, field);
    if (problem !== undefined)
      report(at, field.kind === "refused" ? "unsupported" : "field-type", `${name}: ${problem}`);
    checkExpressions(member, at, report);
  }
};
