import { checkFields, type Report } from "./check-fields.ts";
import type { DefinitionPath } from "./finding.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../values/json.ts";
import { catcherFields, LONGEST_SECONDS, retrierFields, type FieldSpec } from "./state-fields.ts";

const checkErrorEquals = (
  value: Json | undefined,
  isLast: boolean,
  path: DefinitionPath,
  report: Report,
): void => {
  if (value === undefined) return;
  if (!isJsonArray(value) || value.length === 0 || !value.every((name) => typeof name === "string")) {
    report(path, "error-equals", "ErrorEquals must be a list of error names, not empty");
    return;
  }
  if (!value.includes("States.ALL")) return;
  if (value.length > 1) {
    report(path, "states-all-alone", "States.ALL must stand alone in ErrorEquals");
  }
  if (!isLast) {
    report(
      path,
      "states-all-last",
      "States.ALL must be in the last retrier or catcher: those after it are never used",
    );
  }
};

const isCount = (value: Json | undefined): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LONGEST_SECONDS;

const checkRetrier = (retrier: JsonObject, path: DefinitionPath, report: Report): void => {
  const { IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds, JitterStrategy } = retrier as Record<
    string,
    Json | undefined
  >;
  if (IntervalSeconds !== undefined && (!isCount(IntervalSeconds) || IntervalSeconds < 1)) {
    report([...path, "IntervalSeconds"], "retry", "IntervalSeconds must be a positive integer");
  }
  if (MaxAttempts !== undefined && !isCount(MaxAttempts)) {
    report([...path, "MaxAttempts"], "retry", "MaxAttempts must be an integer of at least 0");
  }
  if (BackoffRate !== undefined && (typeof BackoffRate !== "number" || BackoffRate < 1)) {
    report([...path, "BackoffRate"], "retry", "BackoffRate must be a number of at least 1.0");
  }
  if (MaxDelaySeconds !== undefined) {
    const interval = isCount(IntervalSeconds) ? IntervalSeconds : 1;
    if (!isCount(MaxDelaySeconds) || MaxDelaySeconds <= interval || MaxDelaySeconds >= 31_622_400) {
      report(
        [...path, "MaxDelaySeconds"],
        "retry",
        `MaxDelaySeconds must be an integer above IntervalSeconds (${interval}) and below 31622400`,
      );
    }
  }
  if (JitterStrategy !== undefined && JitterStrategy !== "FULL" && JitterStrategy !== "NONE") {
    report([...path, "JitterStrategy"], "retry", "JitterStrategy must be FULL or NONE");
  }
};

const checkList = (
  name: "Retry" | "Catch",
  fields: Readonly<Record<string, FieldSpec>>,
  state: JsonObject,
  path: DefinitionPath,
  report: Report,
  checkEntry: (entry: JsonObject, path: DefinitionPath) => void,
): void => {
  const list = state[name];
  if (list === undefined) return;
  if (!isJsonArray(list)) {
    report([...path, name], "field-type", `${name} must be a list`);
    return;
  }
  for (const [index, entry] of list.entries()) {
    const at = [...path, name, index];
    if (!isJsonObject(entry)) {
      report(at, "field-type", `an entry of ${name} must be an object`);
      continue;
    }
    checkFields(name === "Retry" ? "a retrier" : "a catcher", entry, fields, at, report);
    checkErrorEquals(entry["ErrorEquals"], index === list.length - 1, [...at, "ErrorEquals"], report);
    checkEntry(entry, at);
  }
};

/** Checks Retry and Catch of a state. `fieldsOfCatcher` differs in JSONPath. */
export const checkRecovery = (
  state: JsonObject,
  path: DefinitionPath,
  report: Report,
  checkNext: (next: Json | undefined, path: DefinitionPath) => void,
  fieldsOfCatcher: Readonly<Record<string, FieldSpec>> = catcherFields,
): void => {
  checkList("Retry", retrierFields, state, path, report, (retrier, at) => checkRetrier(retrier, at, report));
  checkList("Catch", fieldsOfCatcher, state, path, report, (catcher, at) =>
    checkNext(catcher["Next"], [...at, "Next"]),
  );
};
