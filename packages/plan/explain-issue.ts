import * as z from "zod";
import { repairDuration } from "./durations.ts";
import { nearestName } from "./nearest-name.ts";
import { echo, type Finding, type Path, renderPath } from "./problem.ts";
import { planSchema } from "./schema.ts";

type AnySchema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

const isMapValue = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at a path of a document; undefined where there is none. */
export const valueAt = (document: unknown, path: Path): unknown => {
  let value = document;
  for (const part of path) {
    if (typeof part === "number" ? !Array.isArray(value) : !isMapValue(value)) return undefined;
    const holder = value as Readonly<Record<string | number, unknown>>;
    if (!Object.hasOwn(holder, part)) return undefined;
    value = holder[part];
  }
  return value;
};

/** Takes off what only says that a field may be absent or is converted. */
const unwrap = (schema: AnySchema): AnySchema => {
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  return schema;
};

/** The fields of the object at a path, following the `type` of each union's member. */
const fieldsAt = (document: unknown, path: Path): readonly string[] => {
  let schema: AnySchema = planSchema;
  for (let depth = 0; depth <= path.length; depth++) {
    schema = unwrap(schema);
    if (schema instanceof z.ZodDiscriminatedUnion) {
      const type = valueAt(document, [...path.slice(0, depth), "type"]);
      const member = schema.options.map(unwrap).find((option) => {
        if (!(option instanceof z.ZodObject)) return false;
        const literal: unknown = option.shape["type"];
        return literal instanceof z.ZodLiteral && literal.values.has(type as string);
      });
      if (member === undefined) return [];
      schema = member;
    }
    const part = path[depth];
    if (part === undefined) break;
    let next: AnySchema | undefined;
    if (schema instanceof z.ZodObject) next = schema.shape[part] as AnySchema | undefined;
    else if (schema instanceof z.ZodArray) next = schema.element;
    else if (schema instanceof z.ZodRecord) next = schema.valueType;
    if (next === undefined) return [];
    schema = next;
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
};

const alternatives = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(", ")}`;

/** What to write instead, where the text lets us guess. */
const repair = (value: unknown, source: string | undefined, expected: string): string | undefined => {
  if (expected.startsWith("a duration") && (typeof value === "string" || typeof value === "number")) {
    const repaired = repairDuration(source ?? String(value));
    return repaired === undefined || /^0+[hms]/.test(repaired) ? undefined : `write ${repaired}`;
  }
  if (expected.includes("quotes") && typeof value === "number" && source !== undefined)
    return `write "${source}"`;
  if (value === null && expected.startsWith("a list")) return "leave the field out, or write []";
  if (typeof value === "string" && /^-?\d+$/.test(value) && expected.startsWith("a whole number"))
    return `write ${value}`;
  if (typeof value === "string" && /^(true|false)$/.test(value) && expected === "true or false")
    return `write ${value}`;
  if (typeof value === "string" && value !== value.toLowerCase() && expected.includes("lower"))
    return "use lower case";
  return undefined;
};

const expectation = (issue: Issue): string => {
  if (issue.code === "invalid_type") {
    if (issue.expected === "object" || issue.expected === "record") return "a map of fields and values";
    if (issue.expected === "array") return "a list";
  }
  if (issue.code === "invalid_value") return alternatives(issue.values);
  if (issue.code === "invalid_union" && "options" in issue) return alternatives(issue.options ?? []);
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  return issue.message;
};

const choicesOf = (issue: Issue): readonly string[] => {
  const values =
    issue.code === "invalid_value"
      ? issue.values
      : issue.code === "invalid_union" && "options" in issue
        ? (issue.options ?? [])
        : [];
  return values.filter((value) => typeof value === "string");
};

/** An entry of a union without its `type`: the field is there, but misspelt. */
const misspeltDiscriminator = (document: unknown, issue: Issue): UnknownField[] => {
  if (issue.code !== "invalid_union" || valueAt(document, issue.path as Path) !== undefined) return [];
  const meant = issue.path as Path;
  const entry = valueAt(document, meant.slice(0, -1));
  const name = String(meant.at(-1));
  return Object.keys(isMapValue(entry) ? entry : {})
    .filter((key) => key !== "name" && nearestName(key, [name]) !== undefined)
    .slice(0, 1)
    .map((key) => ({
      meant,
      finding: {
        path: [...meant.slice(0, -1), key],
        at: "key",
        message: "unknown field",
        expected: expectation(issue),
        suggestion: `did you mean "${name}"?`,
      },
    }));
};

interface UnknownField {
  readonly finding: Finding;
  /** The field that was probably meant. */
  readonly meant: Path | undefined;
}

const explainUnknownFields = (document: unknown, path: Path, keys: readonly string[]): UnknownField[] => {
  const known = fieldsAt(document, path);
  const given = valueAt(document, path);
  const free = known.filter((name) => !isMapValue(given) || !Object.hasOwn(given, name));
  return keys.map((key) => {
    const name = nearestName(key, free);
    return {
      meant: name === undefined ? undefined : [...path, name],
      finding: {
        path: [...path, key],
        at: "key",
        message: key === "<<" ? "merge keys are not part of YAML 1.2" : "unknown field",
        expected: `only ${known.join(", ")}`,
        ...(name === undefined ? {} : { suggestion: `did you mean "${name}"?` }),
      },
    };
  });
};

const explainValue = (issue: Issue, document: unknown, source: string | undefined): Finding => {
  const path = issue.path as Path;
  const value = valueAt(document, path);
  const expected = expectation(issue);
  if (issue.code === "invalid_key") {
    return { path, at: "key", message: `${echo(path.at(-1))} is not a site's name`, expected };
  }
  if (path.length === 0 && (value === null || value === undefined)) {
    return { path, at: "value", message: "the plan is empty", expected };
  }
  if (value === undefined) return { path, at: "key", message: "is missing", expected };
  // As it was written: the number 012 has lost its zero.
  const shown =
    typeof value === "number" && source !== undefined && source.length <= 80 ? source : echo(value);
  const meant = typeof value === "string" ? nearestName(value, choicesOf(issue)) : undefined;
  const suggestion = meant === undefined ? repair(value, source, expected) : `did you mean "${meant}"?`;
  return {
    path,
    at: "value",
    message: value === null ? "has no value" : `${shown} does not fit`,
    expected,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
};

/**
 * What the schema found, in words. `sourceOf` gives a plain value as it was written. What only follows from another
 * problem (the field that is missing because its name is misspelt) is left out.
 */
export const explainIssues = (
  document: unknown,
  issues: readonly Issue[],
  sourceOf: (path: Path) => string | undefined,
): readonly Finding[] => {
  const unknown = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? explainUnknownFields(document, issue.path as Path, issue.keys)
      : misspeltDiscriminator(document, issue),
  );
  const misspelt = new Set(unknown.flatMap(({ meant }) => (meant === undefined ? [] : [renderPath(meant)])));
  const values = issues
    .filter((issue) => issue.code !== "unrecognized_keys")
    .map((issue) => explainValue(issue, document, sourceOf(issue.path as Path)))
    .filter(({ path, message }) => message !== "is missing" || !misspelt.has(renderPath(path)));
  return [...unknown.map(({ finding }) => finding), ...values];
};
