import { isMutating } from "./mutating.ts";
import type { ModelledError, Protocol, WireOperation, WireService } from "./protocol.ts";
import { shapeOfRef } from "./shape.ts";

/** A service as the catalog lists it. `schemas` is the client package's whole export; the schemas are found in it. */
export interface ServiceDescription {
  readonly name: string;
  readonly hostPrefix: string;
  readonly controlRegion?: string;
  readonly schemas: object;
  readonly protocol: Protocol;
  readonly xmlNamespace?: string;
  readonly target?: string;
  readonly jsonVersion?: "1.0" | "1.1";
  readonly isQueryCompatible?: boolean;
}

/** Numbers with which the SDK's generator marks schemas (`@smithy/types`, StaticSchemaId). */
const OPERATION = 9;
const ERROR = -3;

type StaticSchema = readonly [
  kind: number,
  namespace: string,
  name: string,
  traits: unknown,
  ...rest: unknown[],
];

const isSchema = (value: unknown, kind: number): value is StaticSchema =>
  Array.isArray(value) && value[0] === kind && value.length >= 5;

/** Traits come as a bit vector where they have no values; those say nothing that matters here. */
const traitsOf = (schema: StaticSchema): Readonly<Record<string, unknown>> =>
  typeof schema[3] === "object" && schema[3] !== null ? (schema[3] as Record<string, unknown>) : {};

const reference = (value: unknown): unknown =>
  typeof value === "function" ? (value as () => unknown)() : value;

const compileOperation = (service: string, schema: StaticSchema): WireOperation => {
  const http = traitsOf(schema)["http"] as readonly [string, string, number] | undefined;
  return {
    name: schema[2],
    input: shapeOfRef(reference(schema[4])),
    output: shapeOfRef(reference(schema[5])),
    http: http === undefined ? undefined : { method: http[0], uri: http[1], status: http[2] },
    isMutating: isMutating(service, schema[2]),
  };
};

const compileError = (
  schema: StaticSchema,
  { protocol, isQueryCompatible }: ServiceDescription,
): ModelledError => {
  const traits = traitsOf(schema);
  const [, , name] = schema;
  const shape = shapeOfRef(schema);
  const usual = traits["error"] === "server" ? 500 : 400;
  // The JSON protocols tell errors by name alone: their services document 400 and 500, whatever the model's traits say.
  if (protocol.name === "aws-json" && isQueryCompatible !== true)
    return { name, code: name, status: usual, shape };
  const query = traits["awsQueryError"] as readonly [string, number] | undefined;
  const http = typeof traits["httpError"] === "number" ? traits["httpError"] : usual;
  return { name, code: query?.[0] ?? name, status: query?.[1] ?? http, shape };
};

/** Compiles a client's schemas. Shapes behind the operations are compiled when they are first used. */
export const compileService = (description: ServiceDescription): WireService => {
  const exported: readonly unknown[] = Object.values(description.schemas);
  const operations = exported
    .filter((value) => isSchema(value, OPERATION))
    .map((schema) => compileOperation(description.name, schema));
  const errors = exported
    .filter((value) => isSchema(value, ERROR))
    .map((schema) => compileError(schema, description));
  return {
    name: description.name,
    hostPrefix: description.hostPrefix,
    controlRegion: description.controlRegion,
    protocol: description.protocol,
    operations: new Map(operations.map((operation) => [operation.name, operation])),
    // Names last: a code that happens to be another error's name must not shadow it.
    errors: new Map([
      ...errors.map((error) => [error.code, error] as const),
      ...errors.map((error) => [error.name, error] as const),
    ]),
    xmlNamespace: description.xmlNamespace ?? "",
    target: description.target ?? "",
    jsonVersion: description.jsonVersion ?? "1.1",
    isQueryCompatible: description.isQueryCompatible ?? false,
  };
};
