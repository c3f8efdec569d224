import type { ApiModel, ApiShape } from "./api-model.ts";

/** One thing about a value that AWS would not take, or not answer. */
export interface Finding {
  /** `DBClusters[0].Endpoint` */
  readonly path: string;
  readonly rule: "required" | "unknown-member" | "type" | "enum" | "pattern" | "length" | "range";
  readonly message: string;
}

const patterns = new Map<string, RegExp>();

/** AWS matches whole values. The models' dialect is near to JavaScript's, in Unicode mode or, with needless escapes, without. */
const compile = (pattern: string): RegExp => {
  const found = patterns.get(pattern);
  if (found !== undefined) return found;
  let compiled: RegExp;
  try {
    compiled = new RegExp(`^(?:${pattern})$`, "u");
  } catch {
    compiled = new RegExp(`^(?:${pattern})$`);
  }
  patterns.set(pattern, compiled);
  return compiled;
};

type Report = (path: string, rule: Finding["rule"], message: string) => void;

const within = (size: number, { min, max }: ApiShape): boolean =>
  size >= (min ?? Number.NEGATIVE_INFINITY) && size <= (max ?? Number.POSITIVE_INFINITY);

const bounds = ({ min, max }: ApiShape): string => `${min ?? ""}..${max ?? ""}`;

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text);

const checkText = (shape: ApiShape, text: string, path: string, report: Report): void => {
  if (shape.enum !== undefined && !shape.enum.includes(text)) {
    report(path, "enum", `${JSON.stringify(text)} is none of ${shorten(shape.enum.join(", "))}`);
  }
  // AWS counts characters, not UTF-16 units.
  if (!within(Array.from(text).length, shape))
    report(path, "length", `${text.length} characters, allowed ${bounds(shape)}`);
  if (shape.pattern !== undefined && !compile(shape.pattern).test(text)) {
    report(path, "pattern", `${JSON.stringify(shorten(text))} does not match ${shape.pattern}`);
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

const SIZED = (value: unknown): number | undefined =>
  typeof value === "string"
    ? Buffer.byteLength(value)
    : ArrayBuffer.isView(value)
      ? value.byteLength
      : undefined;

/** Checks a value of the SDK's types against the model. Finds everything, does not stop at the first. */
export const checkValue = (model: ApiModel, shapeName: string, value: unknown): readonly Finding[] => {
  const findings: Finding[] = [];
  const report: Report = (path, rule, message) => void findings.push({ path, rule, message });

  const structure = (shape: ApiShape, fields: Readonly<Record<string, unknown>>, path: string): void => {
    const members = shape.members ?? {};
    const prefix = path === "" ? "" : `${path}.`;
    for (const name of shape.required ?? []) {
      if (fields[name] === undefined || fields[name] === null) {
        report(`${prefix}${name}`, "required", "is required and missing");
      }
    }
    for (const [name, field] of Object.entries(fields)) {
      if (field === undefined || name === "$metadata") continue;
      const member = members[name];
      if (member === undefined) report(`${prefix}${name}`, "unknown-member", "is no member of the shape");
      else visit(member.shape, field, `${prefix}${name}`);
    }
  };

  const list = (shape: ApiShape, items: readonly unknown[], path: string): void => {
    if (!within(items.length, shape))
      report(path, "length", `${items.length} items, allowed ${bounds(shape)}`);
    const member = shape.member?.shape;
    if (member !== undefined) items.forEach((item, index) => visit(member, item, `${path}[${index}]`));
  };

  const map = (shape: ApiShape, entries: Readonly<Record<string, unknown>>, path: string): void => {
    const keys = Object.keys(entries);
    if (!within(keys.length, shape))
      report(path, "length", `${keys.length} entries, allowed ${bounds(shape)}`);
    for (const key of keys) {
      if (shape.key !== undefined) visit(shape.key.shape, key, `${path}{${key}}`);
      if (shape.value !== undefined) visit(shape.value.shape, entries[key], `${path}.${key}`);
    }
  };

  const wrong = (path: string, type: string, given: unknown): void =>
    report(path, "type", `expected ${type}, found ${given === null ? "null" : typeof given}`);

  const visit = (name: string, given: unknown, path: string): void => {
    const shape = model.shapes[name];
    if (shape === undefined) return;
    switch (shape.type) {
      case "structure":
        if (isRecord(given)) structure(shape, given, path);
        else wrong(path, "an object", given);
        return;
      case "list":
        if (Array.isArray(given)) list(shape, given, path);
        else wrong(path, "a list", given);
        return;
      case "map":
        if (isRecord(given)) map(shape, given, path);
        else wrong(path, "a map", given);
        return;
      case "string":
        if (typeof given === "string") checkText(shape, given, path, report);
        else wrong(path, "text", given);
        return;
      case "integer":
      case "long":
      case "float":
      case "double":
        if (typeof given !== "number" && typeof given !== "bigint") wrong(path, "a number", given);
        else if (!within(Number(given), shape)) report(path, "range", `${given} is outside ${bounds(shape)}`);
        else if ((shape.type === "integer" || shape.type === "long") && !Number.isInteger(Number(given))) {
          report(path, "type", `${given} is no whole number`);
        }
        return;
      case "boolean":
        if (typeof given !== "boolean") wrong(path, "true or false", given);
        return;
      case "timestamp":
        if (!(given instanceof Date) || Number.isNaN(given.getTime())) wrong(path, "a date", given);
        return;
      case "blob":
      default: {
        const size = SIZED(given);
        if (size === undefined) wrong(path, "bytes", given);
        else if (!within(size, shape)) report(path, "length", `${size} bytes, allowed ${bounds(shape)}`);
      }
    }
  };

  visit(shapeName, value, "");
  return findings;
};
