import { checkStructure, type QueryLanguage } from "./check-structure.ts";
import { DefinitionError } from "./finding.ts";
import { parseResource } from "./integration.ts";
import { isJsonObject, type Json, type JsonObject } from "../values/json.ts";
import type { Catcher, ItemBatcher, Machine, Processor, Retrier, State } from "./machine.ts";
import { refuseJsonPath } from "./refuse-json-path.ts";
import { compileTemplate, literalTemplate, type Template } from "../expressions/template.ts";

interface Build {
  readonly processors: Processor[];
  readonly language: QueryLanguage;
  standardOnly: string | undefined;
}

type CompileField = (owner: JsonObject, name: string, location?: string) => Template | undefined;

const fieldCompiler =
  (language: QueryLanguage): CompileField =>
  (owner, name, location = name) => {
    const value = owner[name];
    if (value === undefined) return undefined;
    return language === "JSONata" ? compileTemplate(value, location) : literalTemplate(value, location);
  };

// The structure has been checked, so members have the types that their names promise.
const list = (owner: JsonObject, name: string): readonly JsonObject[] =>
  (owner[name] ?? []) as readonly JsonObject[];
const text = (owner: JsonObject, name: string): string | undefined => owner[name] as string | undefined;
const number = (owner: JsonObject, name: string): number | undefined => owner[name] as number | undefined;

const buildRetrier = (retrier: JsonObject): Retrier => ({
  errors: retrier["ErrorEquals"] as readonly string[],
  intervalSeconds: number(retrier, "IntervalSeconds") ?? 1,
  maxAttempts: number(retrier, "MaxAttempts") ?? 3,
  backoffRate: number(retrier, "BackoffRate") ?? 2,
  maxDelaySeconds: number(retrier, "MaxDelaySeconds"),
  jitter: text(retrier, "JitterStrategy") === "FULL" ? "FULL" : "NONE",
});

const buildCatcher = (catcher: JsonObject, index: number, field: CompileField): Catcher => ({
  errors: catcher["ErrorEquals"] as readonly string[],
  output: field(catcher, "Output", `Catch[${index}]/Output`),
  assign: field(catcher, "Assign", `Catch[${index}]/Assign`),
  next: text(catcher, "Next") ?? "",
});

const buildBatcher = (state: JsonObject, field: CompileField): ItemBatcher | undefined => {
  const batcher = state["ItemBatcher"];
  if (!isJsonObject(batcher)) return undefined;
  return {
    batchInput: field(batcher, "BatchInput", "ItemBatcher/BatchInput"),
    maxItems: field(batcher, "MaxItemsPerBatch", "ItemBatcher/MaxItemsPerBatch"),
    maxBytes: field(batcher, "MaxInputBytesPerBatch", "ItemBatcher/MaxInputBytesPerBatch"),
  };
};

const buildState = (build: Build, name: string, state: JsonObject): State => {
  const field = fieldCompiler((text(state, "QueryLanguage") as QueryLanguage | undefined) ?? build.language);
  const base = {
    name,
    output: field(state, "Output"),
    assign: field(state, "Assign"),
    next: text(state, "Next"),
    retriers: list(state, "Retry").map(buildRetrier),
    catchers: list(state, "Catch").map((catcher, index) => buildCatcher(catcher, index, field)),
  };
  const type = state["Type"] as State["type"];
  switch (type) {
    case "Pass":
    case "Succeed":
      return { ...base, type };
    case "Fail":
      return { ...base, type, error: field(state, "Error"), cause: field(state, "Cause") };
    case "Wait":
      return { ...base, type, seconds: field(state, "Seconds"), timestamp: field(state, "Timestamp") };
    case "Choice":
      return {
        ...base,
        type,
        defaultNext: text(state, "Default"),
        rules: list(state, "Choices").map((rule, index) => ({
          condition:
            field(rule, "Condition", `Choices[${index}]/Condition`) ?? literalTemplate(false, "Condition"),
          next: text(rule, "Next") ?? "",
          output: field(rule, "Output", `Choices[${index}]/Output`),
          assign: field(rule, "Assign", `Choices[${index}]/Assign`),
        })),
      };
    case "Task": {
      const integration = parseResource(text(state, "Resource") ?? "");
      if (integration.kind === "activity" || integration.pattern !== "request-response") {
        build.standardOnly ??= `state '${name}' uses ${integration.resource}`;
      }
      return {
        ...base,
        type,
        integration,
        arguments: field(state, "Arguments"),
        timeoutSeconds: field(state, "TimeoutSeconds"),
        heartbeatSeconds: field(state, "HeartbeatSeconds"),
      };
    }
    case "Parallel":
      return {
        ...base,
        type,
        arguments: field(state, "Arguments"),
        branches: list(state, "Branches").map((branch) => buildProcessor(build, branch)),
      };
    case "Map": {
      const processor = state["ItemProcessor"] as JsonObject;
      const config = processor["ProcessorConfig"];
      const mode = isJsonObject(config) && config["Mode"] === "DISTRIBUTED" ? "DISTRIBUTED" : "INLINE";
      if (mode === "DISTRIBUTED") build.standardOnly ??= `state '${name}' is a distributed Map`;
      return {
        ...base,
        type,
        mode,
        childType: isJsonObject(config) && config["ExecutionType"] === "EXPRESS" ? "EXPRESS" : "STANDARD",
        hasReader: state["ItemReader"] !== undefined,
        items: field(state, "Items"),
        itemSelector: field(state, "ItemSelector"),
        itemBatcher: buildBatcher(state, field),
        maxConcurrency: field(state, "MaxConcurrency"),
        toleratedFailureCount: field(state, "ToleratedFailureCount"),
        toleratedFailurePercentage: field(state, "ToleratedFailurePercentage"),
        label: text(state, "Label"),
        processor: buildProcessor(build, processor),
      };
    }
  }
};

const buildProcessor = (build: Build, processor: JsonObject): number => {
  const index = build.processors.length;
  const states = new Map<string, State>();
  build.processors.push({ startAt: text(processor, "StartAt") ?? "", states });
  for (const [name, state] of Object.entries(processor["States"] as JsonObject)) {
    states.set(name, buildState(build, name, state as JsonObject));
  }
  return index;
};

export interface CompileOptions {
  /** TestState gives a Map its items, so a reader may stand there. */
  readonly allowItemReader?: boolean;
}

/**
 * Compiles a definition (parsed JSON of the States Language) into what {@link start} runs. Everything that this
 * interpreter does not do as Step Functions does it is refused here: JSONPath, items from S3, roles of other accounts.
 *
 * @throws {DefinitionError} With every reason and its place.
 * @see https://states-language.net/spec.html
 */
export const compile = (definition: unknown, options: CompileOptions = {}): Machine => {
  const findings = checkStructure(definition as Json, { checkJsonPathState: refuseJsonPath, ...options });
  if (findings.length > 0) throw new DefinitionError(findings);
  const machine = definition as JsonObject;
  const build: Build = {
    processors: [],
    language: machine["QueryLanguage"] === "JSONata" ? "JSONata" : "JSONPath",
    standardOnly: undefined,
  };
  buildProcessor(build, machine);
  return {
    processors: build.processors,
    timeoutSeconds: number(machine, "TimeoutSeconds"),
    standardOnly: build.standardOnly,
  };
};
