import type { Report } from "../definition/check-fields.ts";
import type { JsonPathCheck } from "../definition/check-structure.ts";
import { checkRecovery } from "../definition/check-recovery.ts";
import type { DefinitionPath } from "../definition/finding.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../values/json.ts";
import { catcherFields, stateFields, type FieldSpec } from "../definition/state-fields.ts";
import { parseTimestamp } from "../values/timestamp.ts";

// A member or an index, a range, a wildcard, a descendant, or a filter (whose inside is not read).
const STEP = String.raw`(?:\.\.?(?:[\p{L}_][\p{L}\p{N}_-]*|\*)|\.\.?\[(?=')|\[(?:'[^']*'(?:,'[^']*')*|"[^"]*"|-?\d+(?:,-?\d+)*|-?\d*:-?\d*(?::\d+)?|\*|\?\(.+?\)|\(.+?\))\])`;
const PATH = new RegExp(
  String.raw`^\$(?:\$?|[\p{ID_Start}_][\p{ID_Continue}_]*)${STEP}*(?:\.(?:length|size|min|max|avg|sum)\(\))?$`,
  "u",
);
/** One node and no more: names and indexes. */
const REFERENCE = /^\$(?:\.[\p{L}_][\p{L}\p{N}_-]*|\['[^']*'\]|\[\d+\])*$/u;

/** The intrinsic functions. @see https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
const INTRINSICS = new Set(
  "Format StringToJson JsonToString Array ArrayPartition ArrayContains ArrayRange ArrayGetItem ArrayLength ArrayUnique Base64Encode Base64Decode Hash JsonMerge MathRandom MathAdd StringSplit UUID"
    .split(" ")
    .map((name) => `States.${name}`),
);

const intrinsicProblem = (text: string): string | undefined => {
  const unquoted = text.replaceAll(/'(?:[^'\\]|\\.)*'/g, "''");
  for (const [, name] of unquoted.matchAll(/([A-Za-z][\w.]*)\s*\(/g)) {
    if (name !== undefined && !INTRINSICS.has(name)) return `there is no intrinsic function ${name}`;
  }
  const opened = unquoted.split("(").length;
  return opened === unquoted.split(")").length && unquoted.trimEnd().endsWith(")")
    ? undefined
    : "the parentheses of the intrinsic function do not match";
};

const pathProblem = (value: Json): string | undefined => {
  if (typeof value !== "string") return "must be a path";
  if (value.startsWith("States.")) return intrinsicProblem(value);
  return PATH.test(value) ? undefined : `'${value}' is no JSONPath`;
};

/** Members whose name ends in `.$` hold a path or an intrinsic function. */
const checkTemplate = (value: Json | undefined, path: DefinitionPath, report: Report): void => {
  if (value !== undefined && isJsonArray(value)) {
    for (const [index, item] of value.entries()) checkTemplate(item, [...path, index], report);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (!key.endsWith(".$")) checkTemplate(member, [...path, key], report);
      else {
        const problem = pathProblem(member);
        if (problem !== undefined) report([...path, key], "json-path-syntax", problem);
      }
    }
  }
};

const nested: FieldSpec = { field: { kind: "nested" } };
const fieldsOf = (names: string): Readonly<Record<string, FieldSpec>> =>
  Object.fromEntries(names.split(" ").map((name) => [name, nested]));

const COMMON = "Type Comment QueryLanguage";
const FLOW = `${COMMON} Next End InputPath OutputPath`;
const FIELDS: Readonly<Record<string, Readonly<Record<string, FieldSpec>>>> = {
  Pass: fieldsOf(`${FLOW} Assign Result ResultPath Parameters`),
  Task: fieldsOf(
    `${FLOW} Assign Resource Parameters ResultSelector ResultPath TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath Retry Catch Credentials`,
  ),
  Choice: fieldsOf(`${COMMON} InputPath OutputPath Assign Choices Default`),
  Wait: fieldsOf(`${FLOW} Assign Seconds SecondsPath Timestamp TimestampPath`),
  Succeed: fieldsOf(`${COMMON} InputPath OutputPath`),
  Fail: fieldsOf(`${COMMON} Error ErrorPath Cause CausePath`),
  Parallel: fieldsOf(`${FLOW} Assign Branches Parameters ResultSelector ResultPath Retry Catch`),
  Map: fieldsOf(
    `${FLOW} Assign ItemProcessor Iterator ItemReader ItemsPath Items ItemSelector ItemBatcher ResultWriter Parameters ResultSelector ResultPath MaxConcurrency MaxConcurrencyPath ToleratedFailureCount ToleratedFailureCountPath ToleratedFailurePercentage ToleratedFailurePercentagePath Label Retry Catch`,
  ),
};

const JSONPATH_CATCHER = { ...catcherFields, ResultPath: nested };
const TEMPLATES = ["Parameters", "ResultSelector", "ItemSelector", "Assign", "ItemBatcher"];
const DURATIONS = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];

const checkPaths = (owner: JsonObject, path: DefinitionPath, report: Report): void => {
  for (const [name, value] of Object.entries(owner)) {
    if (!name.endsWith("Path") || (value === null && name !== "ItemsPath")) continue;
    const problem =
      name === "ResultPath"
        ? typeof value === "string" && REFERENCE.test(value)
          ? undefined
          : `'${JSON.stringify(value)}' is no reference path: it must name one place`
        : pathProblem(value);
    if (problem !== undefined) report([...path, name], "json-path-syntax", `${name}: ${problem}`);
  }
};

const checkRule = (rule: Json, path: DefinitionPath, report: Report): void => {
  if (!isJsonObject(rule)) return;
  if (rule["Condition"] !== undefined)
    report([...path, "Condition"], "jsonata-field", "Condition belongs to JSONata");
  const { Variable: variable, And: and, Or: or, Not: not } = rule as Record<string, Json | undefined>;
  if (variable !== undefined) {
    const problem = pathProblem(variable);
    if (problem !== undefined) report([...path, "Variable"], "json-path-syntax", problem);
  }
  for (const [name, list] of [
    ["And", and],
    ["Or", or],
  ] as const) {
    if (list === undefined || !isJsonArray(list)) continue;
    for (const [index, inner] of list.entries()) checkRule(inner, [...path, name, index], report);
  }
  if (not !== undefined) checkRule(not, [...path, "Not"], report);
};

/**
 * What can be told of a state in JSONPath without running it: fields, syntax of paths, names of intrinsic functions.
 * This repository's machines are in JSONata; others are checked so far that a mistake is named.
 */
export const checkJsonPath: JsonPathCheck = (state, path, report, checkNext) => {
  const type = state["Type"];
  const fields = typeof type === "string" ? FIELDS[type] : undefined;
  if (typeof type !== "string" || fields === undefined) return;
  for (const [name, spec] of Object.entries(stateFields[type] ?? {})) {
    if (
      spec.required === true &&
      !Object.hasOwn(state, name) &&
      !(name === "ItemProcessor" && state["Iterator"] !== undefined)
    ) {
      report(path, "required-field", `a ${type} state needs the field ${name}`);
    }
  }
  for (const name of Object.keys(state)) {
    if (Object.hasOwn(fields, name)) continue;
    const isJsonata = Object.hasOwn(stateFields[type] ?? {}, name);
    report(
      [...path, name],
      isJsonata ? "jsonata-field" : "unknown-field",
      isJsonata
        ? `${name} belongs to JSONata; this state is in JSONPath`
        : `a ${type} state has no field ${name}`,
      { atKey: true },
    );
  }
  checkPaths(state, path, report);
  for (const name of TEMPLATES) checkTemplate(state[name], [...path, name], report);
  checkRecovery(state, path, report, checkNext, JSONPATH_CATCHER);
  if (type === "Wait" && DURATIONS.filter((name) => Object.hasOwn(state, name)).length !== 1) {
    report(path, "wait-duration", `a Wait state needs exactly one of ${DURATIONS.join(", ")}`);
  }
  const timestamp = state["Timestamp"];
  if (typeof timestamp === "string" && parseTimestamp(timestamp) === undefined) {
    report(
      [...path, "Timestamp"],
      "field-type",
      "Timestamp: does not match an RFC3339 timestamp with T and an offset",
    );
  }
  const choices = state["Choices"];
  if (type !== "Choice" || choices === undefined || !isJsonArray(choices)) return;
  for (const [index, rule] of choices.entries()) {
    checkRule(rule, [...path, "Choices", index], report);
    if (isJsonObject(rule)) checkNext(rule["Next"], [...path, "Choices", index, "Next"]);
  }
};
