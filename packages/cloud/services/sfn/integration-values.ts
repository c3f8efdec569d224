import type { Shape } from "../../wire/shape.ts";
import type { Json } from "./interpreter-port.ts";

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

type Fields = Readonly<Record<string, Json>>;

/** A task's arguments as the API's input: Pascal-case names to the shape's own, ISO dates to dates, text to bytes. */
export const toInput = (shape: Shape, value: Json): unknown => {
  if (value === null) return undefined;
  if (shape.kind === "structure") {
    const fields = value as Fields;
    const input: Record<string, unknown> = {};
    const known = new Set(shape.members.flatMap(({ name }) => [name, pascal(name)]));
    for (const name of Object.keys(fields)) {
      // AWS refuses the definition already; a simulation must not drop silently what AWS would not take.
      if (!known.has(name)) throw new Error(`${name} is no parameter of ${shape.name}`);
    }
    for (const { name, shape: member } of shape.members) {
      const field = fields[pascal(name)] ?? fields[name];
      if (field !== undefined) input[name] = toInput(member, field);
    }
    return input;
  }
  if (shape.kind === "list") return (value as readonly Json[]).map((item) => toInput(shape.element, item));
  if (shape.kind === "map") {
    return Object.fromEntries(
      Object.entries(value as Fields).map(([key, item]) => [key, toInput(shape.value, item)]),
    );
  }
  if (shape.kind === "timestamp")
    return typeof value === "number" ? new Date(value * 1000) : new Date(value as string);
  if (shape.kind === "blob")
    return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
  return value;
};

/** The API's output as a task's result: names in Pascal case, dates as text, bytes as text. */
export const toResult = (shape: Shape, value: unknown): Json | undefined => {
  if (value === undefined || value === null) return undefined;
  if (shape.kind === "structure") {
    const fields = value as Readonly<Record<string, unknown>>;
    const result: Record<string, Json> = {};
    for (const { name, shape: member } of shape.members) {
      const field = toResult(member, fields[name]);
      if (field !== undefined) result[pascal(name)] = field;
    }
    return result;
  }
  if (shape.kind === "list")
    return (value as readonly unknown[]).map((item) => toResult(shape.element, item) ?? null);
  if (shape.kind === "map") {
    const entries = Object.entries(value as Readonly<Record<string, unknown>>);
    return Object.fromEntries(entries.map(([key, item]) => [key, toResult(shape.value, item) ?? null]));
  }
  if (shape.kind === "timestamp") return (value as Date).toISOString().replace(".000Z", "Z");
  if (shape.kind === "blob") return new TextDecoder().decode(value as Uint8Array);
  return value as Json;
};
