import { isJsonArray, isJsonObject, type Json } from "../values/json.ts";
import type { SyntaxNode } from "./syntax-node.ts";

/** `$run.workload`: a variable, and the names that lead from it to a member. Most expressions of a machine are no more. */
export interface PlainPath {
  readonly variable: string;
  readonly names: readonly string[];
}

/** What a node of a plain path has; filters, groups, sorting and the like are further members. */
const PLAIN = new Set(["type", "value", "position"]);

const textOfPlain = (node: SyntaxNode | undefined, type: "variable" | "name"): string | undefined =>
  node?.type === type && typeof node.value === "string" && Object.keys(node).every((key) => PLAIN.has(key))
    ? node.value
    : undefined;

/** The path that an expression is; `undefined` for any other expression. */
export const plainPathOf = (syntax: SyntaxNode): PlainPath | undefined => {
  const { type, steps, ...more } = syntax;
  const isPath = type === "path" && Object.keys(more).length === 0;
  const [first, ...rest] = isPath ? (steps as readonly SyntaxNode[]) : [syntax];
  const variable = textOfPlain(first, "variable");
  if (variable === undefined) return undefined;
  const names: string[] = [];
  for (const step of rest) {
    const name = textOfPlain(step, "name");
    if (name === undefined) return undefined;
    names.push(name);
  }
  return { variable, names };
};

/**
 * What lies at the end of `names`, where only objects are on the way: JSONata would answer the very same value. `undefined`
 * where it is for JSONata to say, which maps over arrays and marks those that it answers.
 */
export const followPlainPath = (from: Json | undefined, names: readonly string[]): Json | undefined => {
  let value = from;
  for (const name of names) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return isJsonArray(value) ? undefined : value;
};
