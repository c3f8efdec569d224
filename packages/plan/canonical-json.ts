import { createHash } from "node:crypto";

/**
 * JSON with the fields of every object in the order of their UTF-16 code units and no space: equal documents give equal
 * text, however they were written (RFC 8785, for the values that a plan can hold).
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value);
};

/** What approvals and executions are bound to: SHA-256 of the canonical JSON, as 64 hexadecimal digits. */
export const hashDocument = (document: unknown): string =>
  createHash("sha256").update(canonicalJson(document)).digest("hex");
