import * as z from "zod";
import { planSchema } from "./schema.ts";

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The JSON Schema (draft 2020-12) of the document that people write, for editors. */
export const planJsonSchema = (): JsonSchema => ({
  title: "Lifeboat recovery plan",
  description: "How one workload moves from the site that failed to the one that stands by.",
  ...z.toJSONSchema(planSchema, { io: "input", target: "draft-2020-12" }),
});

const width = 110;

const isLeaf = (value: unknown): boolean => typeof value !== "object" || value === null;

/** JSON as this repository's formatter writes it, so that a generated file passes the format check as it is. */
const render = (value: unknown, indent: string, column: number): string => {
  if (isLeaf(value)) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const oneLine = `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
    // One more column for the comma that may follow.
    if (items.every(isLeaf) && column + oneLine.length + 1 <= width) return oneLine;
    const lines = items.map((item) => `${inner}${render(item, inner, inner.length)}`);
    return `[\n${lines.join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, member]) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    return `${start}${render(member, inner, start.length)}`;
  });
  return `{\n${lines.join(",\n")}\n${indent}}`;
};

/** A JSON document as the text of a file. */
export const jsonText = (value: unknown): string => `${render(value, "", 0)}\n`;

/** The schema as the text of a file. */
export const planJsonSchemaText = (): string => `${render(planJsonSchema(), "", 0)}\n`;
