import { NumericValue } from "@smithy/core/serde";
import { readTimestamp, writeTimestamp } from "./scalar.ts";
import type { Shape } from "./shape.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Turns a value of the SDK's types into what `JSON.stringify` then spells as the service does. */
export const toJson = (shape: Shape, value: unknown): unknown => {
  if (value === undefined || value === null) return value;
  switch (shape.kind) {
    case "structure": {
      const fields = value as Fields;
      const json: Record<string, unknown> = {};
      for (const { name, shape: member } of shape.members) {
        const field = fields[name];
        if (field !== undefined) json[member.spelling.jsonName ?? name] = toJson(member, field);
      }
      return json;
    }
    case "list":
      return (value as readonly unknown[]).map((item) => toJson(shape.element, item));
    case "map":
      return Object.fromEntries(
        Object.entries(value as Fields).map(([key, item]) => [key, toJson(shape.value, item)]),
      );
    case "timestamp": {
      const format = shape.format ?? "epoch-seconds";
      const date = value as Date;
      return format === "epoch-seconds" ? date.getTime() / 1000 : writeTimestamp(date, format);
    }
    case "blob":
      return Buffer.from(value as Uint8Array).toString("base64");
    case "big-integer":
      return Number(value);
    case "big-decimal":
      return value instanceof NumericValue ? Number(value.string) : value;
    case "string":
      return typeof value === "string" || !shape.spelling.isJsonText ? value : JSON.stringify(value);
    case "boolean":
    case "number":
    case "document":
    case "unit":
    default:
      return value;
  }
};

/** Turns parsed JSON into the SDK's types. Fields that the shape does not have are dropped, as AWS ignores them. */
export const fromJson = (shape: Shape, json: unknown): unknown => {
  if (json === undefined || json === null) return json;
  switch (shape.kind) {
    case "structure": {
      const fields = json as Fields;
      const value: Record<string, unknown> = {};
      for (const { name, shape: member } of shape.members) {
        const field = fields[member.spelling.jsonName ?? name];
        if (field !== undefined && field !== null) value[name] = fromJson(member, field);
      }
      return value;
    }
    case "list":
      return (json as readonly unknown[]).map((item) => fromJson(shape.element, item));
    case "map":
      return Object.fromEntries(
        Object.entries(json as Fields).map(([key, item]) => [key, fromJson(shape.value, item)]),
      );
    case "timestamp":
      return readTimestamp(json as string | number, shape.format ?? "epoch-seconds");
    case "blob":
      return new Uint8Array(Buffer.from(json as string, "base64"));
    case "big-integer":
      return BigInt(json as number);
    case "big-decimal":
      return new NumericValue(`${json as number}`, "bigDecimal");
    case "string":
    case "boolean":
    case "number":
    case "document":
    case "unit":
    default:
      return json;
  }
};
