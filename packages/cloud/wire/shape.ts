import { NormalizedSchema } from "@smithy/core/schema";
import type { $SchemaRef } from "@smithy/types";

/** Where HTTP carries a member, and under what name. */
export type HttpPlace =
  | { readonly in: "body" }
  | { readonly in: "label" }
  | { readonly in: "query"; readonly name: string }
  | { readonly in: "query-rest" }
  | { readonly in: "header"; readonly name: string }
  | { readonly in: "headers-by-prefix"; readonly prefix: string }
  | { readonly in: "status" }
  | { readonly in: "payload" };

/** How a value is spelt on the wire, from the traits of the member and of the shape that it points at. */
export interface Spelling {
  readonly http: HttpPlace;
  readonly xmlName: string | undefined;
  /** The name that the member itself carries; an element inside a structure never takes its shape's own name. */
  readonly xmlMemberName: string | undefined;
  readonly xmlFlattened: boolean;
  readonly xmlAttribute: boolean;
  readonly xmlNamespace: string | undefined;
  readonly ec2Name: string | undefined;
  readonly jsonName: string | undefined;
  readonly isJsonText: boolean;
  readonly isStreaming: boolean;
}

export type TimestampFormat = "date-time" | "http-date" | "epoch-seconds";

/** A schema of the SDK, read once: members and spellings without the cost of asking for them again on each call. */
export type Shape =
  | StructureShape
  | ListShape
  | MapShape
  | { readonly kind: "timestamp"; readonly format: TimestampFormat | undefined; readonly spelling: Spelling }
  | { readonly kind: ScalarKind; readonly spelling: Spelling };

type ScalarKind =
  | "string"
  | "boolean"
  | "number"
  | "big-integer"
  | "big-decimal"
  | "blob"
  | "document"
  | "unit";

export interface Member {
  readonly name: string;
  readonly shape: Shape;
}

export interface StructureShape {
  readonly kind: "structure";
  readonly name: string;
  readonly isUnion: boolean;
  readonly members: readonly Member[];
  readonly spelling: Spelling;
}

export interface ListShape {
  readonly kind: "list";
  readonly element: Shape;
  readonly spelling: Spelling;
}

export interface MapShape {
  readonly kind: "map";
  readonly key: Shape;
  readonly value: Shape;
  readonly spelling: Spelling;
}

type Traits = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const httpPlace = (traits: Traits): HttpPlace => {
  const header = text(traits["httpHeader"]);
  const query = text(traits["httpQuery"]);
  const prefix = text(traits["httpPrefixHeaders"]);
  if (traits["httpLabel"]) return { in: "label" };
  if (query !== undefined) return { in: "query", name: query };
  if (traits["httpQueryParams"]) return { in: "query-rest" };
  if (header !== undefined) return { in: "header", name: header.toLowerCase() };
  if (prefix !== undefined) return { in: "headers-by-prefix", prefix: prefix.toLowerCase() };
  if (traits["httpResponseCode"]) return { in: "status" };
  if (traits["httpPayload"]) return { in: "payload" };
  return { in: "body" };
};

const readSpelling = (schema: NormalizedSchema): Spelling => {
  const traits: Traits = schema.getMergedTraits();
  const member: Traits = schema.isMemberSchema() ? schema.getMemberTraits() : {};
  const namespace = traits["xmlNamespace"];
  return {
    http: httpPlace(traits),
    xmlName: text(traits["xmlName"]),
    xmlMemberName: text(member["xmlName"]),
    xmlFlattened: Boolean(traits["xmlFlattened"]),
    xmlAttribute: Boolean(traits["xmlAttribute"]),
    // The trait is a URI, or a prefix with its URI.
    xmlNamespace: Array.isArray(namespace)
      ? ` xmlns:${String(namespace[0])}="${String(namespace[1])}"`
      : typeof namespace === "string"
        ? ` xmlns="${namespace}"`
        : undefined,
    ec2Name: text(traits["ec2QueryName"]),
    jsonName: text(traits["jsonName"]),
    isJsonText: traits["mediaType"] === "application/json",
    isStreaming: schema.isStreaming(),
  };
};

const TIMESTAMP_FORMATS: Readonly<Record<number, TimestampFormat>> = {
  5: "date-time",
  6: "http-date",
  7: "epoch-seconds",
};

/** Computes a property at its first reading: schemas refer to themselves. */
const later = <Target extends object, Value>(target: Target, name: string, compute: () => Value): void => {
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = compute();
      Object.defineProperty(target, name, { value, enumerable: true });
      return value;
    },
  });
};

const scalarKind = (schema: NormalizedSchema): ScalarKind => {
  if (schema.isUnitSchema()) return "unit";
  if (schema.isBooleanSchema()) return "boolean";
  if (schema.isNumericSchema()) return "number";
  if (schema.isBlobSchema() || schema.isStreaming()) return "blob";
  if (schema.isBigIntegerSchema()) return "big-integer";
  if (schema.isBigDecimalSchema()) return "big-decimal";
  if (schema.isDocumentSchema()) return "document";
  return "string";
};

const known = new WeakMap<NormalizedSchema, Shape>();

const compile = (schema: NormalizedSchema): Shape => {
  const spelling = readSpelling(schema);
  if (schema.isStructSchema()) {
    const shape = {
      kind: "structure" as const,
      name: schema.getName() ?? "",
      isUnion: schema.isUnionSchema(),
      spelling,
    };
    later(shape, "members", () =>
      [...schema.structIterator()].map(([name, member]) => ({ name, shape: shapeOf(member) })),
    );
    return shape as unknown as StructureShape;
  }
  if (schema.isListSchema()) {
    const shape = { kind: "list" as const, spelling };
    later(shape, "element", () => shapeOf(schema.getValueSchema()));
    return shape as unknown as ListShape;
  }
  if (schema.isMapSchema()) {
    const shape = { kind: "map" as const, spelling };
    later(shape, "key", () => shapeOf(schema.getKeySchema()));
    later(shape, "value", () => shapeOf(schema.getValueSchema()));
    return shape as unknown as MapShape;
  }
  if (schema.isTimestampSchema()) {
    return { kind: "timestamp", format: TIMESTAMP_FORMATS[Number(schema.getSchema())], spelling };
  }
  return { kind: scalarKind(schema), spelling };
};

/** The shape of a schema; the same object for the same schema. */
export const shapeOf = (schema: NormalizedSchema): Shape => {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const shape = compile(schema);
  known.set(schema, shape);
  return shape;
};

/** The shape of a schema as a client exports it. */
export const shapeOfRef = (ref: unknown): Shape => shapeOf(NormalizedSchema.of(ref as $SchemaRef));
