import { existsSync } from "node:fs";
import type { ApiExample } from "@lifeboat/cloud/wire/conformance/api-model";
import { load } from "@lifeboat/cloud/wire/conformance/load";
import type { Shape } from "@lifeboat/cloud/wire/shape";
import { describe, expect, test } from "vitest";
import { clientNames, createBench, type Bench } from "./wire-harness.ts";
import { canonical } from "./wire-values.ts";

const DIRECTORY = "../shared/conformance/aws-api";

type Fields = Readonly<Record<string, unknown>>;

/** AWS writes dates and bytes of its examples as JSON has them; the SDK has types for both. */
const fromExample = (shape: Shape, value: unknown): unknown => {
  if (value === undefined || value === null) return undefined;
  if (shape.kind === "structure") {
    const fields = value as Fields;
    const members = shape.members
      .map(({ name, shape: member }) => [name, fromExample(member, fields[name])] as const)
      .filter(([, field]) => field !== undefined);
    return Object.fromEntries(members);
  }
  if (shape.kind === "list")
    return (value as readonly unknown[]).map((item) => fromExample(shape.element, item));
  if (shape.kind === "map") {
    return Object.fromEntries(
      Object.entries(value as Fields).map(([key, item]) => [key, fromExample(shape.value, item)]),
    );
  }
  if (shape.kind === "timestamp")
    return new Date(typeof value === "number" ? value * 1000 : (value as string));
  if (shape.kind === "blob") return new TextEncoder().encode(value as string);
  if (shape.kind === "number") return Number(value);
  if (shape.kind === "boolean") return typeof value === "boolean" ? value : value === "true";
  return typeof value === "string" || shape.kind === "document" ? value : JSON.stringify(value);
};

/** What the client adds of its own where the example has none. */
const MADE_UP = [
  "ClientRequestToken",
  "clientToken",
  "ChecksumAlgorithm",
  "ChecksumCRC32",
  "ChecksumMode",
  "ContentLength",
  "ContentType",
];

/** Examples that are no exchange: what is missing in them, or what HTTP adds to them. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "to-delete-a-lambda-function-1481648553696":
    "the status is a member of the output, and the example leaves it out",
  "to-invoke-a-lambda-function-async-1481659683915": "an empty payload is no payload",
  "to-set-cors-configuration-on-a-bucket-1483037818805": "names no bucket",
};

/** Drops what leaves no trace on the wire: streams, empty structures and lists. */
const spoken = (shape: Shape, value: unknown): unknown => {
  if (shape.kind === "unit" || value === undefined || value === null) return undefined;
  if (shape.kind === "structure") {
    const fields = value as Fields;
    const kept = shape.members
      .filter(({ shape: member }) => !member.spelling.isStreaming)
      .map(({ name, shape: member }) => [name, spoken(member, fields[name])] as const)
      .filter(([, field]) => field !== undefined);
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  }
  if (shape.kind === "list") {
    const items = (value as readonly unknown[]).map((item) => spoken(shape.element, item));
    return items.length === 0 ? undefined : items;
  }
  if (shape.kind === "map") return Object.keys(value).length === 0 ? undefined : value;
  return value instanceof Date && Number.isNaN(value.getTime()) ? undefined : value;
};

const trace = (shape: Shape, value: unknown): string => canonical(spoken(shape, value) ?? {});

const replay = async (
  bench: Bench,
  operationName: string,
  example: ApiExample,
): Promise<string | undefined> => {
  const operation = bench.service.operations.get(operationName);
  if (operation === undefined) return undefined;
  const input = (fromExample(operation.input, example.input ?? {}) ?? {}) as Record<string, unknown>;
  const output = (fromExample(operation.output, example.output ?? {}) ?? {}) as Record<string, unknown>;
  const { operation: taken, read, got, thrown } = await bench.exchange(operation, input, output);
  const what = `${operationName} (${example.id})`;
  if (taken !== operationName) {
    return `${what} was taken for ${taken ?? "nothing"}: ${thrown instanceof Error ? thrown.message : ""}`;
  }
  const sent = trace(operation.input, input);
  const added = MADE_UP.filter((name) => input[name] === undefined);
  const arrived = trace(
    operation.input,
    Object.fromEntries(Object.entries(read ?? {}).filter(([name]) => !added.includes(name))),
  );
  if (sent !== arrived) return `${what}: the service read ${arrived} of ${sent}`;
  const answered = trace(operation.output, output);
  const understood = trace(operation.output, got);
  return answered === understood ? undefined : `${what}: the client read ${understood} of ${answered}`;
};

const isThere = existsSync(DIRECTORY);
if (!isThere) process.stdout.write(`skipped: no documented examples in ${DIRECTORY}\n`);

describe.runIf(isThere).each(clientNames)("%s", (name) => {
  test("AWS's documented examples travel unchanged, there and back", async () => {
    const bench = createBench(name);
    const examples = Object.entries(load(DIRECTORY).of(name)?.examples ?? {});
    const found: string[] = [];
    for (const [operation, list] of examples) {
      for (const example of list) {
        const different = await replay(bench, operation, example);
        if (different !== undefined && EXCEPTIONS[example.id] === undefined) found.push(different);
      }
    }
    expect(found).toEqual([]);
  });
});

test.runIf(isThere)("the folder of models has examples to replay", () => {
  const models = load(DIRECTORY);
  const count = clientNames
    .flatMap((name) => Object.values(models.of(name)?.examples ?? {}))
    .reduce((sum, list) => sum + list.length, 0);
  expect(count).toBeGreaterThan(100);
});
