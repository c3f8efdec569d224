import { walkSyntax } from "../expressions/expression.ts";
import type { SyntaxNode } from "../expressions/syntax-node.ts";
import type { ExpressionSite } from "./expression-sites.ts";
import type { Report } from "../definition/check-fields.ts";
import { libraryNames } from "../expressions/step-functions-library.ts";

/** The functions of JSONata 2.0.6, without `$eval`, which Step Functions forbids. */
const builtIns = new Set(
  (
    "sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad " +
    "match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round " +
    "abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge " +
    "reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl " +
    "decodeUrlComponent decodeUrl toMillis fromMillis clone now millis"
  ).split(" "),
);

export const isFunctionName = (name: string): boolean => builtIns.has(name) || libraryNames.has(name);

/** For the test that compares the list with the package. */
export const builtInNames: ReadonlySet<string> = builtIns;

/** Names that an expression binds itself: by `:=`, as parameters, by `@` and `#`. */
export const localNames = (syntax: SyntaxNode): Set<string> => {
  const names = new Set<string>();
  const add = (name: unknown): void => {
    if (typeof name === "string") names.add(name);
  };
  walkSyntax(syntax, (node) => {
    if (node.type === "bind") add((node["lhs"] as SyntaxNode | undefined)?.value);
    if (node.type === "lambda") {
      for (const parameter of (node["arguments"] ?? []) as readonly SyntaxNode[]) add(parameter.value);
    }
    add(node["focus"]);
    add(node["index"]);
  });
  return names;
};

/** Names of variables that an expression takes from around it. */
export const freeVariables = (syntax: SyntaxNode): Map<string, number | undefined> => {
  const locals = localNames(syntax);
  const free = new Map<string, number | undefined>();
  walkSyntax(syntax, (node) => {
    if (node.type !== "variable" || typeof node.value !== "string") return;
    const name = node.value;
    if (name === "" || name === "$" || name === "states" || locals.has(name) || isFunctionName(name)) return;
    if (!free.has(name)) free.set(name, node.position);
  });
  return free;
};

/** Functions that are called by a name that is neither JSONata's, nor Step Functions', nor the expression's own. */
const unknownFunctions = (syntax: SyntaxNode): Map<string, number | undefined> => {
  const locals = localNames(syntax);
  const unknown = new Map<string, number | undefined>();
  walkSyntax(syntax, (node) => {
    if (node.type !== "function" && node.type !== "partial") return;
    const procedure = node["procedure"] as SyntaxNode | undefined;
    const name = procedure?.value;
    if (procedure?.type !== "variable" || typeof name !== "string") return;
    if (!locals.has(name) && !isFunctionName(name)) unknown.set(name, procedure.position);
  });
  return unknown;
};

/** Chains of names after `$states`: `$states.context.Task` gives `["context", "Task"]`. */
const statesPaths = (
  syntax: SyntaxNode,
): { readonly names: readonly string[]; readonly position: number | undefined }[] => {
  const found: { names: string[]; position: number | undefined }[] = [];
  walkSyntax(syntax, (node) => {
    const steps = node.type === "path" ? ((node["steps"] ?? []) as readonly SyntaxNode[]) : [];
    const [first, ...rest] = steps;
    if (first?.type !== "variable" || first.value !== "states") return;
    const names: string[] = [];
    for (const step of rest) {
      if (step.type !== "name" || typeof step.value !== "string") break;
      names.push(step.value);
    }
    found.push({ names, position: first.position });
  });
  return found;
};

const statesProblem = (
  site: ExpressionSite,
  [first, second, third]: readonly string[],
): string | undefined => {
  switch (first) {
    case undefined:
    case "input":
      return undefined;
    case "result":
      return site.result
        ? undefined
        : "$states.result exists only in Output and Assign of a Task, a Parallel and a Map";
    case "errorOutput":
      return site.errorOutput ? undefined : "$states.errorOutput exists only in Output and Assign of a Catch";
    case "context":
      if (second === "Task" && !site.token) {
        return "$states.context.Task exists only in Arguments of a task that waits for a token or a job";
      }
      if (second === "Map" && third === "Item" && !site.mapItem) {
        return "$states.context.Map.Item exists only in ItemSelector";
      }
      return undefined;
    default:
      return `$states has no member ${first}: it has input, context, result and errorOutput`;
  }
};

/**
 * Names and wildcards that would be looked up in a document that is not there: Step Functions gives an expression no
 * input but its variables. Inside a path, after its first step, there is one.
 */
const withoutDocument = (syntax: SyntaxNode): SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  const walk = (value: unknown, hasDocument: boolean): void => {
    if (Array.isArray(value)) {
      for (const item of value) walk(item, hasDocument);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const node = value as SyntaxNode;
    const isLookup =
      node.type === "name" ||
      node.type === "wildcard" ||
      node.type === "descendant" ||
      (node.type === "variable" && node.value === "");
    if (isLookup && !hasDocument) found.push(node);
    if (node.type === "variable" && node.value === "$") found.push(node);
    // What filters, sorts or groups a step sees that step's value.
    const inside = new Set(["predicate", "stages", "group", "pattern", "update", "delete"]);
    for (const [key, child] of Object.entries(node)) {
      if (key === "steps" && Array.isArray(child)) {
        for (const [index, step] of child.entries()) walk(step, hasDocument || index > 0);
      } else if (key === "terms") walk(child, true);
      else if (typeof child === "object") walk(child, hasDocument || inside.has(key));
    }
  };
  walk(syntax, false);
  return found;
};

/** What is wrong with an expression where it stands, variables apart. */
export const checkExpressionSite = (site: ExpressionSite, report: Report): void => {
  const { expression, path, offset } = site;
  const at = (position: number | undefined) => ({ offset: offset + Math.max(0, (position ?? 1) - 1) });
  for (const [name, position] of unknownFunctions(expression.syntax)) {
    report(path, "unknown-function", `there is no function $${name}`, at((position ?? 1) - name.length));
  }
  for (const { names, position } of statesPaths(expression.syntax)) {
    const problem = statesProblem(site, names);
    if (problem !== undefined) report(path, "states-member", problem, at(position));
  }
  for (const node of withoutDocument(expression.syntax)) {
    const what = typeof node.value === "string" && node.type === "name" ? node.value : "$";
    report(
      path,
      "no-document",
      `'${what}' is looked up in nothing: an expression has no input of its own; begin with $states or a variable`,
      at(node.position),
    );
  }
};
