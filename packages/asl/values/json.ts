/** Plain JSON data. Values are never changed in place, so they may be shared between states, threads and events. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isJsonArray = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** The names that Step Functions' messages use for JSON's types. */
export const typeName = (value: Json): "null" | "boolean" | "number" | "string" | "array" | "object" => {
  if (value === null) return "null";
  if (isJsonArray(value)) return "array";
  const type = typeof value;
  return type === "boolean" || type === "number" || type === "string" ? type : "object";
};

const texts = new WeakMap<object, string>();

/**
 * JSON text of a value. A state's output is the next state's input, so the text of one object is asked for several
 * times; it is kept for as long as the object lives.
 */
export const jsonText = (value: Json): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  texts.set(value, text);
  return text;
};

/** Size of a value as Step Functions counts it: bytes of its JSON text in UTF-8. */
export const jsonBytes = (value: Json): number => Buffer.byteLength(jsonText(value));
