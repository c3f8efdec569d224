import {
  compileExpression,
  evaluateExpression,
  readAtOnce,
  type Expression,
  type Scope,
} from "./expression.ts";
import { isJsonArray, isJsonObject, type Json } from "../values/json.ts";

/** A field's value in which strings of the form `{% … %}` are expressions. `location` is the field's name as causes tell it. */
export type Template =
  | {
      readonly kind: "literal";
      readonly location: string;
      readonly value: Json;
      /** Of an expression that is a literal. */
      readonly source?: string;
    }
  | { readonly kind: "expression"; readonly location: string; readonly expression: Expression }
  | {
      readonly kind: "object";
      readonly location: string;
      readonly entries: readonly (readonly [string, Template])[];
    }
  | { readonly kind: "array"; readonly location: string; readonly items: readonly Template[] };

/**
 * The text of an expression, or `undefined` for a literal. Step Functions wants the delimiters at the very ends of
 * the string: with a leading space it is a literal (recorded).
 */
export const expressionText = (value: string): string | undefined =>
  value.startsWith("{%") && value.endsWith("%}") && value.length >= 4 ? value.slice(2, -2) : undefined;

/**
 * Compiles a field's value. Parts without expressions stay the literals that they are.
 *
 * @throws {ExpressionError} An expression does not compile.
 */
export const compileTemplate = (value: Json, location: string): Template => {
  if (typeof value === "string") {
    const text = expressionText(value);
    if (text === undefined) return { kind: "literal", location, value };
    const expression = compileExpression(text);
    return expression.constant === undefined
      ? { kind: "expression", location, expression }
      : { kind: "literal", location, value: expression.constant.value, source: expression.source };
  }
  if (isJsonArray(value)) {
    const items = value.map((item, index) => compileTemplate(item, `${location}[${index}]`));
    if (items.every((item) => item.kind === "literal")) {
      return { kind: "literal", location, value: items.map((item) => item.value) };
    }
    return { kind: "array", location, items };
  }
  if (isJsonObject(value)) {
    const entries = Object.entries(value).map(
      ([key, member]) => [key, compileTemplate(member, `${location}/${key}`)] as const,
    );
    const literal: [string, Json][] = [];
    for (const [key, member] of entries) {
      if (member.kind !== "literal") return { kind: "object", location, entries };
      literal.push([key, member.value]);
    }
    return { kind: "literal", location, value: Object.fromEntries(literal) };
  }
  return { kind: "literal", location, value };
};

/** A field without expressions: a state in JSONPath, whose strings are what they are. */
export const literalTemplate = (value: Json, location: string): Template => ({
  kind: "literal",
  location,
  value,
});

/** An expression gave nothing, something that is not JSON, or threw. `problem` is the second half of AWS's sentence. */
export class TemplateError extends Error {
  readonly location: string;
  constructor(location: string, problem: string, cause?: unknown) {
    super(problem, { cause });
    this.name = "TemplateError";
    this.location = location;
  }
}

/** The first half of the sentence in which Step Functions speaks of an expression. */
export const namesExpression = (template: Template): string => {
  const source =
    template.kind === "expression"
      ? template.expression.source
      : template.kind === "literal"
        ? template.source
        : undefined;
  const what = source === undefined ? "The value" : `The JSONata expression '${source}'`;
  return `${what} specified for the field '${template.location}'`;
};

/** Thrown inside {@link toJson} for functions and the like. */
const UNSUPPORTED = Symbol("unsupported");

/**
 * JSONata's result as plain JSON. Its sequences are arrays with hidden flags that would change how the next expression
 * sees them, and that a serialised execution would lose: they become plain arrays. What is plain already is shared.
 */
const toJson = (value: unknown): Json | typeof UNSUPPORTED => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  // Infinity and NaN are no JSON; minus zero would not survive serialisation.
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : UNSUPPORTED;
  if (typeof value !== "object") return UNSUPPORTED;
  if (Array.isArray(value)) return arrayToJson(value);
  if (isFunctionObject(value)) return UNSUPPORTED;
  let changed: Record<string, Json> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const plain = toJson(member);
    if (plain === UNSUPPORTED) return UNSUPPORTED;
    if (!Object.is(plain, member)) {
      changed ??= { ...(value as Record<string, Json>) };
      changed[key] = plain;
    }
  }
  return changed ?? (value as Json);
};

/** How JSONata 2.0.6 marks arrays that are its own sequences. */
const SEQUENCE_FLAGS = ["sequence", "keepSingleton", "outerWrapper", "cons", "tupleStream"];

const arrayToJson = (value: readonly unknown[]): Json | typeof UNSUPPORTED => {
  let changed: Json[] | undefined = SEQUENCE_FLAGS.some((flag) => Object.hasOwn(value, flag))
    ? ([...value] as Json[])
    : undefined;
  for (const [index, item] of value.entries()) {
    const plain = toJson(item);
    if (plain === UNSUPPORTED) return UNSUPPORTED;
    if (!Object.is(plain, item)) {
      changed ??= [...value] as Json[];
      changed[index] = plain;
    }
  }
  return changed ?? (value as Json);
};

const isFunctionObject = (value: object): boolean =>
  "_jsonata_lambda" in value || "_jsonata_function" in value;

const evaluateLeaf = async (
  template: Extract<Template, { kind: "expression" }>,
  scope: Scope,
): Promise<Json> => {
  let result: unknown;
  try {
    result = await evaluateExpression(template.expression, scope);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const reason = [code, message ?? String(error)].filter((part) => part !== undefined).join(": ");
    throw new TemplateError(
      template.location,
      `${namesExpression(template)} threw an error during evaluation. ${reason}`,
      error,
    );
  }
  if (result === undefined) {
    throw new TemplateError(template.location, `${namesExpression(template)} returned nothing (undefined).`);
  }
  const plain = toJson(result);
  if (plain === UNSUPPORTED) {
    throw new TemplateError(
      template.location,
      `${namesExpression(template)} returned an unsupported result type.`,
    );
  }
  return plain;
};

/** What a part of a field is, where that can be told without waiting for JSONata; otherwise `undefined`. */
const tellAtOnce = (template: Template, scope: Scope): Json | undefined => {
  if (template.kind === "literal") return template.value;
  return template.kind === "expression" ? readAtOnce(template.expression, scope) : undefined;
};

/**
 * Evaluates a field.
 *
 * @throws {TemplateError} An expression in it gave no JSON.
 */
export const evaluateTemplate = async (template: Template, scope: Scope): Promise<Json> => {
  switch (template.kind) {
    case "literal":
      return template.value;
    case "expression":
      return tellAtOnce(template, scope) ?? evaluateLeaf(template, scope);
    case "array": {
      const items: Json[] = [];
      for (const item of template.items)
        items.push(tellAtOnce(item, scope) ?? (await evaluateTemplate(item, scope)));
      return items;
    }
    case "object": {
      const members: [string, Json][] = [];
      for (const [key, member] of template.entries)
        members.push([key, tellAtOnce(member, scope) ?? (await evaluateTemplate(member, scope))]);
      return Object.fromEntries(members);
    }
  }
};
