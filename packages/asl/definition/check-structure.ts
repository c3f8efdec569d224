import { checkFields, type Report } from "./check-fields.ts";
import { checkRecovery } from "./check-recovery.ts";
import type { DefinitionPath, Finding } from "./finding.ts";
import { resourceProblem } from "./integration.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../values/json.ts";
import { choiceRuleFields, itemBatcherFields, stateFields } from "./state-fields.ts";

export type QueryLanguage = "JSONata" | "JSONPath";

export interface StructureOptions {
  /** Checks the fields of a state in JSONPath, and of what hangs on it but its processors. */
  readonly checkJsonPathState: JsonPathCheck;
  /** TestState gives a Map its items. */
  readonly allowItemReader?: boolean;
}

export type JsonPathCheck = (
  state: JsonObject,
  path: DefinitionPath,
  report: Report,
  checkNext: (next: Json | undefined, path: DefinitionPath) => void,
) => void;

interface Walk {
  readonly report: Report;
  readonly options: StructureOptions;
  readonly names: Map<string, DefinitionPath>;
  readonly machineLanguage: QueryLanguage;
}

const STATE_NAME_LIMIT = 80;
const TERMINAL_TYPES = new Set(["Succeed", "Fail", "Choice"]);

const checkFlow = (state: JsonObject, type: string, path: DefinitionPath, report: Report): void => {
  if (TERMINAL_TYPES.has(type)) return;
  const hasNext = Object.hasOwn(state, "Next");
  const hasEnd = Object.hasOwn(state, "End");
  if (!hasNext && !hasEnd) report(path, "next-or-end", `a ${type} state needs Next or End`);
  if (hasNext && hasEnd) report(path, "next-or-end", `a ${type} state has either Next or End, not both`);
};

const checkBatcher = (state: JsonObject, path: DefinitionPath, report: Report): void => {
  const batcher = state["ItemBatcher"];
  if (batcher === undefined) return;
  const at = [...path, "ItemBatcher"];
  if (!isJsonObject(batcher)) {
    report(at, "field-type", "ItemBatcher must be an object");
    return;
  }
  checkFields("ItemBatcher", batcher, itemBatcherFields, at, report);
  if (batcher["MaxItemsPerBatch"] === undefined && batcher["MaxInputBytesPerBatch"] === undefined) {
    report(at, "required-field", "ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch");
  }
};

/** The fields of a state in JSONata that are more than a value of a kind. */
const checkJsonataState = (
  walk: Walk,
  state: JsonObject,
  type: string,
  path: DefinitionPath,
  checkNext: (next: Json | undefined, path: DefinitionPath) => void,
): void => {
  const fields = { ...stateFields[type] };
  if (walk.options.allowItemReader === true && type === "Map")
    fields["ItemReader"] = { field: { kind: "json" } };
  checkFields(`a ${type} state`, state, fields, path, walk.report);
  checkRecovery(state, path, walk.report, checkNext);
  if (type === "Map") checkBatcher(state, path, walk.report);
  if (type === "Wait" && Object.hasOwn(state, "Seconds") === Object.hasOwn(state, "Timestamp")) {
    walk.report(path, "wait-duration", "a Wait state needs exactly one of Seconds and Timestamp");
  }
  if (type === "Choice") checkChoices(state, path, walk.report, checkNext);
};

const checkChoices = (
  state: JsonObject,
  path: DefinitionPath,
  report: Report,
  checkNext: (next: Json | undefined, path: DefinitionPath) => void,
): void => {
  const choices = state["Choices"];
  if (choices === undefined) return;
  if (!isJsonArray(choices) || choices.length === 0) {
    report([...path, "Choices"], "field-type", "Choices must be a list, not empty");
    return;
  }
  for (const [index, rule] of choices.entries()) {
    const at = [...path, "Choices", index];
    if (!isJsonObject(rule)) {
      report(at, "field-type", "a choice rule must be an object");
      continue;
    }
    checkFields("a choice rule", rule, choiceRuleFields, at, report);
    checkNext(rule["Next"], [...at, "Next"]);
  }
};

const checkNested = (walk: Walk, state: JsonObject, type: string, path: DefinitionPath): void => {
  if (type === "Parallel" && state["Branches"] !== undefined) {
    const branches = state["Branches"];
    if (!isJsonArray(branches) || branches.length === 0) {
      walk.report([...path, "Branches"], "field-type", "Branches must be a list, not empty");
      return;
    }
    for (const [index, branch] of branches.entries()) {
      checkProcessor(walk, branch, [...path, "Branches", index], ["StartAt", "States", "Comment"]);
    }
  }
  if (type !== "Map" || state["ItemProcessor"] === undefined) return;
  const at = [...path, "ItemProcessor"];
  const processor = state["ItemProcessor"];
  checkProcessor(walk, processor, at, ["StartAt", "States", "Comment", "ProcessorConfig"]);
  if (!isJsonObject(processor) || processor["ProcessorConfig"] === undefined) return;
  const config = processor["ProcessorConfig"];
  const mode = isJsonObject(config) ? (config["Mode"] ?? "INLINE") : undefined;
  if (!isJsonObject(config) || (mode !== "INLINE" && mode !== "DISTRIBUTED")) {
    walk.report(
      [...at, "ProcessorConfig"],
      "field-type",
      "ProcessorConfig.Mode must be INLINE or DISTRIBUTED",
    );
    return;
  }
  const executionType = config["ExecutionType"];
  if (mode === "DISTRIBUTED" && executionType !== "STANDARD" && executionType !== "EXPRESS") {
    walk.report(
      [...at, "ProcessorConfig"],
      "field-type",
      "a distributed Map needs ExecutionType STANDARD or EXPRESS",
    );
  }
};

const checkState = (
  walk: Walk,
  name: string,
  state: Json,
  states: JsonObject,
  path: DefinitionPath,
): void => {
  const { report } = walk;
  if (Array.from(name).length > STATE_NAME_LIMIT) {
    report(path, "state-name", `a state's name has at most ${STATE_NAME_LIMIT} characters`, { atKey: true });
  }
  const twin = walk.names.get(name);
  if (twin !== undefined) {
    report(path, "duplicate-state", `the name '${name}' is already taken by /${twin.join("/")}`, {
      atKey: true,
    });
  }
  walk.names.set(name, path);
  if (!isJsonObject(state)) {
    report(path, "field-type", "a state must be an object");
    return;
  }
  const type = state["Type"];
  if (typeof type !== "string" || !Object.hasOwn(stateFields, type)) {
    report(path, "state-type", `Type must be one of ${Object.keys(stateFields).join(", ")}`);
    return;
  }
  const language = languageOf(walk, state, path);
  const checkNext = (next: Json | undefined, at: DefinitionPath): void => {
    if (typeof next === "string" && !Object.hasOwn(states, next)) {
      report(at, "missing-state", `there is no state '${next}' beside it`);
    }
  };
  checkFlow(state, type, path, report);
  checkNext(state["Next"], [...path, "Next"]);
  if (type === "Choice") checkNext(state["Default"], [...path, "Default"]);
  if (type === "Task" && typeof state["Resource"] === "string") {
    const problem = resourceProblem(state["Resource"]);
    if (problem !== undefined) report([...path, "Resource"], "resource", problem);
  }
  if (language === "JSONata") checkJsonataState(walk, state, type, path, checkNext);
  else walk.options.checkJsonPathState(state, path, report, checkNext);
  checkNested(walk, state, type, path);
};

const languageOf = (walk: Walk, state: JsonObject, path: DefinitionPath): QueryLanguage => {
  const language = state["QueryLanguage"] ?? walk.machineLanguage;
  if (language !== "JSONata" && language !== "JSONPath") {
    walk.report([...path, "QueryLanguage"], "query-language", "QueryLanguage must be JSONata or JSONPath");
    return walk.machineLanguage;
  }
  if (language === "JSONPath" && walk.machineLanguage === "JSONata") {
    walk.report(
      path,
      "query-language",
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
    );
    return "JSONata";
  }
  return language;
};

const checkProcessor = (
  walk: Walk,
  processor: Json,
  path: DefinitionPath,
  fields: readonly string[],
): void => {
  const { report } = walk;
  if (!isJsonObject(processor)) {
    report(path, "field-type", "must be an object with StartAt and States");
    return;
  }
  const missing = ["States", "StartAt"].filter((name) => !Object.hasOwn(processor, name));
  if (missing.length > 0)
    report(path, "required-field", `These fields are required: [${missing.join(", ")}]`);
  for (const name of Object.keys(processor)) {
    if (!fields.includes(name))
      report([...path, name], "unknown-field", `there is no field ${name} here`, { atKey: true });
  }
  const { States: states, StartAt: startAt } = processor as Record<string, Json | undefined>;
  if (states === undefined) return;
  if (!isJsonObject(states) || Object.keys(states).length === 0) {
    report([...path, "States"], "field-type", "States must be an object of at least one state");
    return;
  }
  if (startAt !== undefined && (typeof startAt !== "string" || !Object.hasOwn(states, startAt))) {
    report([...path, "StartAt"], "missing-state", `StartAt names no state of States`);
  }
  for (const [name, state] of Object.entries(states)) {
    checkState(walk, name, state, states, [...path, "States", name]);
  }
};

const MACHINE_FIELDS = ["Comment", "StartAt", "States", "TimeoutSeconds", "Version", "QueryLanguage"];

/** Everything that keeps a definition from being a machine, in the order of the definition. */
export const checkStructure = (definition: Json, options: StructureOptions): Finding[] => {
  const findings: Finding[] = [];
  const report: Report = (path, rule, message, more) => void findings.push({ path, rule, message, ...more });
  if (!isJsonObject(definition)) {
    report([], "field-type", "a state machine is a JSON object");
    return findings;
  }
  const {
    QueryLanguage: language,
    TimeoutSeconds: timeout,
    Version: version,
  } = definition as Record<string, Json | undefined>;
  if (language !== undefined && language !== "JSONata" && language !== "JSONPath") {
    report(["QueryLanguage"], "query-language", "QueryLanguage must be JSONata or JSONPath");
  }
  if (timeout !== undefined && (typeof timeout !== "number" || !Number.isInteger(timeout) || timeout < 1)) {
    report(["TimeoutSeconds"], "field-type", "TimeoutSeconds must be a positive integer");
  }
  if (version !== undefined && version !== "1.0") report(["Version"], "field-type", 'Version must be "1.0"');
  const machineLanguage = language === "JSONata" ? "JSONata" : "JSONPath";
  checkProcessor({ report, options, names: new Map(), machineLanguage }, definition, [], MACHINE_FIELDS);
  return findings;
};
