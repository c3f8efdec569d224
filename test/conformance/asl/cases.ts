import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HistoryEvent, Json, JsonObject } from "@lifeboat/asl/interpreter";

/** What a task does, as the recordings' README describes it. */
export type TaskScript =
  | { readonly kind: "echo" }
  | { readonly kind: "return"; readonly value: Json }
  | { readonly kind: "fail"; readonly error?: string; readonly cause?: string; readonly event?: string }
  | { readonly kind: "hang" }
  | { readonly kind: "callback"; readonly submitted?: Json; readonly then: TaskScript }
  | { readonly kind: "sequence"; readonly attempts: readonly TaskScript[] };

export interface ExpectedEvent {
  readonly id?: number;
  readonly previousEventId?: number;
  readonly type: string;
  readonly [detail: string]: unknown;
}

interface CaseBase {
  readonly id: string;
  readonly category: string;
  readonly queryLanguage?: "JSONata" | "JSONPath" | "Mixed";
  readonly portable?: boolean;
  readonly definition: JsonObject;
  readonly type?: "STANDARD" | "EXPRESS";
}

export interface ExecutionCase extends CaseBase {
  readonly kind: "execution";
  readonly input: Json;
  readonly tasks?: Readonly<Record<string, TaskScript>>;
  readonly eventOrder?: "exact" | "concurrent";
  readonly expected: {
    readonly status: string;
    readonly output?: unknown;
    readonly error?: string;
    readonly cause?: string;
    readonly events?: readonly ExpectedEvent[];
  };
}

export interface DefinitionCase extends CaseBase {
  readonly kind: "definition";
  readonly definitionText?: string;
  readonly expected: {
    readonly accepted: boolean;
    readonly diagnostics?: readonly { readonly code: string; readonly location: string }[];
  };
}

export interface StateCase extends CaseBase {
  readonly kind: "state";
  readonly stateName?: string;
  readonly input?: Json;
  readonly variables?: JsonObject;
  readonly context?: JsonObject;
  readonly mock?: {
    readonly result?: Json;
    readonly errorOutput?: { readonly error?: string; readonly cause?: string };
  };
  readonly stateConfiguration?: {
    readonly retrierRetryCount?: number;
    readonly mapIterationFailureCount?: number;
    readonly errorCausedByState?: string;
    readonly mapItemReaderData?: string;
  };
  readonly expected: Readonly<Record<string, unknown>>;
}

export type Case = ExecutionCase | DefinitionCase | StateCase;

/** The recordings lie beside the repository, where they are available at all. */
export const casesFolder = fileURLToPath(new URL("../../../../shared/conformance/asl", import.meta.url));

/** All cases, or `undefined` where the folder is absent. */
export const readCases = (): readonly Case[] | undefined => {
  if (!existsSync(casesFolder)) return undefined;
  return readFileSync(`${casesFolder}/cases.jsonl`, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Case);
};

const parseText = (text: unknown): unknown =>
  typeof text === "string" ? (JSON.parse(text) as unknown) : text;

const JSON_TEXTS = new Set(["input", "output", "parameters"]);
const LEFT_OUT = new Set([
  "inputDetails",
  "outputDetails",
  "assignedVariablesDetails",
  "roleArn",
  "region",
  "parameterDetails",
]);

/** One of our events in the form of the recordings: details beside id and type, JSON texts parsed. */
export const asRecorded = (event: HistoryEvent): ExpectedEvent => {
  const { id, previousEventId, type, timestampMs: _, ...rest } = event;
  const details: Record<string, unknown> = {};
  for (const member of Object.values(rest)) {
    for (const [name, value] of Object.entries(member)) {
      if (LEFT_OUT.has(name)) continue;
      if (JSON_TEXTS.has(name)) details[name] = parseText(value);
      else if (name === "assignedVariables") {
        details[name] = Object.fromEntries(
          Object.entries(value as Record<string, string>).map(([variable, text]) => [
            variable,
            parseText(text),
          ]),
        );
      } else details[name] = value;
    }
  }
  return { id, previousEventId, type, ...details };
};
