import { NumericValue } from "@smithy/core/serde";
import type { Shape, TimestampFormat } from "./shape.ts";

/** Writes a date as the format has it: `2026-01-31T10:00:00Z`, an RFC 7231 date, or seconds since the epoch. */
export const writeTimestamp = (value: Date, format: TimestampFormat): string => {
  if (format === "date-time") return value.toISOString().replace(".000Z", "Z");
  if (format === "http-date") return value.toUTCString();
  return String(value.getTime() / 1000);
};

/** Reads what {@link writeTimestamp} writes, with an offset where a client sent one. */
export const readTimestamp = (value: string | number, format: TimestampFormat): Date =>
  format === "epoch-seconds" || typeof value === "number" ? new Date(Number(value) * 1000) : new Date(value);

/** A value that travels as plain text (query parameter, header, XML text), by its shape. */
export const readScalar = (shape: Shape, text: string, timestamps: TimestampFormat): unknown => {
  switch (shape.kind) {
    case "boolean":
      return text.toLowerCase() === "true";
    case "number":
      return text === "" ? undefined : Number(text);
    case "timestamp":
      return readTimestamp(text, shape.format ?? timestamps);
    case "blob":
      return new Uint8Array(Buffer.from(text, "base64"));
    case "big-integer":
      return BigInt(text);
    case "big-decimal":
      return new NumericValue(text, "bigDecimal");
    case "string":
    case "document":
    case "unit":
    case "structure":
    case "list":
    case "map":
    default:
      return text;
  }
};

/** The text of a value that travels as plain text. */
export const writeScalar = (shape: Shape, value: unknown, timestamps: TimestampFormat): string => {
  if (shape.kind === "timestamp") return writeTimestamp(value as Date, shape.format ?? timestamps);
  if (shape.kind === "blob") return Buffer.from(value as Uint8Array).toString("base64");
  if (value instanceof NumericValue) return value.string;
  return String(value);
};
