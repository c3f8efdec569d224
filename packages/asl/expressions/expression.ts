import jsonata from "jsonata";
import { followPlainPath, plainPathOf, type PlainPath } from "./plain-path.ts";
import type { SyntaxNode } from "./syntax-node.ts";
import { libraryBindings, libraryNames } from "./step-functions-library.ts";
import type { Chance } from "../values/random.ts";
import type { Json } from "../values/json.ts";

/** A compiled JSONata expression. One per source text, shared by all machines. */
export interface Expression {
  /** The text between `{%` and `%}`, trimmed, as Step Functions shows it in causes. */
  readonly source: string;
  readonly syntax: SyntaxNode;
  /** Names of all variables that occur, without `$`, those that the expression binds itself included. */
  readonly names: ReadonlySet<string>;
  /** Set where the expression is a literal. */
  readonly constant: { readonly value: Json } | undefined;
  /** Set where the expression is a variable, or a member of one. */
  readonly path: PlainPath | undefined;
  readonly evaluate: (bindings: Record<string, unknown>) => Promise<unknown>;
}

/** The expression does not parse, or uses what Step Functions forbids. */
export class ExpressionError extends Error {
  /** Offset in the source, from 0, where JSONata tells it. */
  readonly position: number | undefined;
  constructor(message: string, position: number | undefined, cause?: unknown) {
    super(message, { cause });
    this.name = "ExpressionError";
    this.position = position;
  }
}

/** Calls `visit` for every node under `root`, parents first. */
export const walkSyntax = (root: unknown, visit: (node: SyntaxNode) => void): void => {
  const seen = new Set<object>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (!Array.isArray(value)) visit(value as SyntaxNode);
    for (const child of Object.values(value)) walk(child);
  };
  walk(root);
};

const describe = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return String(error);
  const { code, message } = error as { code?: unknown; message?: unknown };
  return [code, message].filter((part) => typeof part === "string").join(": ");
};

const positionOf = (error: unknown): number | undefined => {
  const position = (error as { position?: unknown } | null)?.position;
  return typeof position === "number" ? position : undefined;
};

const parse = (source: string): Expression => {
  let compiled: jsonata.Expression;
  try {
    compiled = jsonata(source);
  } catch (error) {
    throw new ExpressionError(describe(error), positionOf(error), error);
  }
  const syntax = compiled.ast() as unknown as SyntaxNode;
  const names = new Set<string>();
  walkSyntax(syntax, (node) => {
    if (node.type !== "variable" || typeof node.value !== "string") return;
    names.add(node.value);
    if (node.value === "eval") {
      throw new ExpressionError("Step Functions does not support $eval", node.position);
    }
  });
  const isLiteral = syntax.type === "number" || syntax.type === "string" || syntax.type === "value";
  return {
    source,
    syntax,
    names,
    constant: isLiteral && syntax["predicate"] === undefined ? { value: syntax.value as Json } : undefined,
    path: plainPathOf(syntax),
    evaluate: (bindings) => compiled.evaluate(undefined, bindings) as Promise<unknown>,
  };
};

const CACHE_LIMIT = 10_000;
const cache = new Map<string, Expression>();

/**
 * Compiles the text between `{%` and `%}` (white space at its ends does not matter). The same text is compiled once.
 *
 * @throws {ExpressionError} It does not parse as JSONata 2.0.6, or calls `$eval`.
 */
export const compileExpression = (text: string): Expression => {
  const source = text.trim();
  const known = cache.get(source);
  if (known !== undefined) return known;
  const expression = parse(source);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(source, expression);
  return expression;
};

/** What an expression may see. */
export interface Scope {
  readonly variables: Readonly<Record<string, Json>>;
  /** A member of `$states`. Most expressions want its input or result, and its context is much to build: one by one. */
  readonly ofStates: (member: string) => Json | undefined;
  readonly nowMs: number;
  readonly chance: Chance;
}

const MEMBERS_OF_STATES = ["input", "context", "result", "errorOutput"];

const wholeOfStates = ({ ofStates }: Scope): Json => {
  const states: Record<string, Json> = {};
  for (const member of MEMBERS_OF_STATES) {
    const value = ofStates(member);
    if (value !== undefined) states[member] = value;
  }
  return states;
};

/** What a scope binds to a name by itself, not the library. */
const valueOf = (name: string, scope: Scope): Json | undefined => {
  if (name === "states") return wholeOfStates(scope);
  const { variables } = scope;
  return !libraryNames.has(name) && Object.hasOwn(variables, name) ? variables[name] : undefined;
};

/** The answer to an expression that asks for no more than a member that is there; `undefined`: it has to be evaluated. */
export const readAtOnce = ({ path }: Expression, scope: Scope): Json | undefined => {
  if (path === undefined) return undefined;
  const { variable, names } = path;
  const [first, ...rest] = names;
  return variable === "states" && first !== undefined
    ? followPlainPath(scope.ofStates(first), rest)
    : followPlainPath(valueOf(variable, scope), names);
};

/** Evaluates in a scope. The result may still hold what is not JSON. Rejects with what JSONata throws. */
export const evaluateExpression = (expression: Expression, scope: Scope): Promise<unknown> => {
  const bindings = libraryBindings(expression.names, scope.nowMs, scope.chance);
  for (const name of expression.names) {
    const value = valueOf(name, scope);
    if (value !== undefined) bindings[name] = value;
  }
  return expression.evaluate(bindings);
};
