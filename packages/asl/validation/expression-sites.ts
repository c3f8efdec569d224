import { compileExpression, ExpressionError, type Expression } from "../expressions/expression.ts";
import type { DefinitionPath } from "../definition/finding.ts";
import { isJsonArray, isJsonObject, type Json } from "../values/json.ts";
import { listOf, type Site } from "./outline.ts";
import { expressionText } from "../expressions/template.ts";

/** What an expression's surroundings give it besides `$states.input` and `$states.context`. */
export interface Surroundings {
  readonly result: boolean;
  readonly errorOutput: boolean;
  readonly token: boolean;
  readonly mapItem: boolean;
}

export interface ExpressionSite extends Surroundings {
  readonly site: Site;
  readonly path: DefinitionPath;
  readonly expression: Expression;
  /** Where the expression's text begins in the string. */
  readonly offset: number;
  /** Whether its value must be there: everywhere but in a Choice's condition. */
  readonly field: string;
}

const HAVE_RESULT = new Set(["Task", "Parallel", "Map"]);
const nothing: Surroundings = { result: false, errorOutput: false, token: false, mapItem: false };

const collect = (
  value: Json | undefined,
  path: DefinitionPath,
  found: (expression: Expression, path: DefinitionPath, offset: number) => void,
): void => {
  if (typeof value === "string") {
    const text = expressionText(value);
    if (text === undefined) return;
    try {
      found(compileExpression(text), path, 2 + text.length - text.trimStart().length);
    } catch (error) {
      // Reported by the check of the structure.
      if (!(error instanceof ExpressionError)) throw error;
    }
  } else if (value !== undefined && isJsonArray(value)) {
    for (const [index, item] of value.entries()) collect(item, [...path, index], found);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) collect(member, [...path, key], found);
  }
};

const isCallback = (site: Site): boolean => {
  const resource = site.state["Resource"];
  return typeof resource === "string" && /\.(waitForTaskToken|sync(:2)?)$/.test(resource);
};

const surroundingsOf = (site: Site, field: string): Surroundings => {
  if (field === "Output" || field === "Assign") return { ...nothing, result: HAVE_RESULT.has(site.type) };
  return { ...nothing, token: field === "Arguments" && isCallback(site), mapItem: field === "ItemSelector" };
};

/** Every expression of a JSONata state that compiles, with what it may name. Nested processors are not looked into. */
export const expressionsOf = (site: Site): ExpressionSite[] => {
  if (site.language !== "JSONata") return [];
  const sites: ExpressionSite[] = [];
  const add = (
    value: Json | undefined,
    path: DefinitionPath,
    field: string,
    surroundings: Surroundings,
  ): void =>
    collect(value, path, (expression, at, offset) =>
      sites.push({ site, path: at, expression, offset, field, ...surroundings }),
    );
  const nested = new Set(["Branches", "ItemProcessor", "Retry", "Catch", "Choices"]);
  for (const [field, value] of Object.entries(site.state)) {
    if (!nested.has(field)) add(value, [...site.path, field], field, surroundingsOf(site, field));
  }
  for (const [index, catcher] of listOf(site, "Catch").entries()) {
    add(catcher, [...site.path, "Catch", index], "Catch", { ...nothing, errorOutput: true });
  }
  for (const [index, rule] of listOf(site, "Choices").entries()) {
    add(rule, [...site.path, "Choices", index], "Choices", nothing);
  }
  return sites;
};
