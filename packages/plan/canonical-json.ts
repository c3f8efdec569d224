import { createHash } from "node:crypto";

/**
 * JSON with the fields of every object in the order of their UTF-16 code units and no space: equal values give equal text,
 * however they were written (RFC 8785, for the values that a plan can hold). A field that is undefined is left out.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value);
};

/** As 64 hexadecimal digits. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
