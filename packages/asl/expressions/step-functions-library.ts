import { createHash } from "node:crypto";
import jsonata from "jsonata";
import { createChance, drawFraction, drawUuid, type Chance } from "../values/random.ts";

/**
 * The functions that Step Functions adds to JSONata, and those of JSONata's own that would read the machine's clock or
 * chance, which here come from the execution.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#transforming-data-jsonata-functions
 */

/** Longest array that `$range` may build, by the page above. */
const RANGE_LIMIT = 1000;

const HASHES: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

const fail = (message: string): never => {
  throw new Error(message);
};

const partition = (array: unknown, size: unknown): unknown => {
  if (array === undefined) return undefined;
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1) {
    return fail("$partition: the chunk size must be a positive integer");
  }
  const items: unknown[] = Array.isArray(array) ? array : [array];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
};

const range = (first: unknown, last: unknown, step: unknown): unknown => {
  if (typeof first !== "number" || typeof last !== "number" || typeof step !== "number") {
    return fail("$range: first, last and step must be numbers");
  }
  if (step === 0) return fail("$range: the step must not be 0");
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > RANGE_LIMIT) return fail(`$range: more than ${RANGE_LIMIT} elements`);
  const values = Array.from({ length: count }, (_, index) => first + index * step);
  // As recorded on AWS: the result is a JSONata sequence, so a single element stands for itself.
  return values.length === 1 ? values[0] : values;
};

const hash = (data: unknown, algorithm: unknown): unknown => {
  if (data === undefined) return undefined;
  const name = typeof algorithm === "string" ? HASHES[algorithm] : undefined;
  if (typeof data !== "string" || name === undefined) {
    return fail(`$hash: expects a string and one of ${Object.keys(HASHES).join(", ")}`);
  }
  return createHash(name).update(data).digest("hex");
};

const parse = (text: unknown): unknown => {
  if (text === undefined) return undefined;
  if (typeof text !== "string") return fail("$parse: expects a string");
  const value: unknown = JSON.parse(text);
  return value;
};

type FromMillis = (millis: number, picture?: string, timezone?: string) => string;
const fromMillis: FromMillis = await (async () => {
  const definition = (await jsonata("$fromMillis").evaluate(null)) as { implementation: FromMillis };
  return definition.implementation;
})();

/** Functions that need nothing from the execution. */
const pureFunctions = { partition, range, hash, parse };

/** Functions whose answer depends on the execution's time and chance. */
const executionFunctions = (nowMs: number, chance: Chance) => ({
  now: (picture?: string, timezone?: string) =>
    // The same text as JSONata's default picture gives, at a fraction of the time.
    picture === undefined && timezone === undefined
      ? new Date(nowMs).toISOString()
      : fromMillis(nowMs, picture, timezone),
  millis: () => nowMs,
  random: (seed?: number | string) => drawFraction(seed === undefined ? chance : createChance(seed)),
  uuid: () => drawUuid(chance),
  shuffle: (array: unknown) => {
    if (array === undefined) return undefined;
    const items: unknown[] = Array.isArray(array) ? [...array] : [array];
    for (let index = items.length - 1; index > 0; index--) {
      const other = Math.floor(drawFraction(chance) * (index + 1));
      [items[index], items[other]] = [items[other], items[index]];
    }
    return items;
  },
});

const executionFunctionNames = new Set(Object.keys(executionFunctions(0, { state: 0 })));

/** Names, without `$`, that this library defines; `$now` and its like replace JSONata's. */
export const libraryNames: ReadonlySet<string> = new Set([
  ...Object.keys(pureFunctions),
  ...executionFunctionNames,
]);

/** Bindings of the library for one evaluation: those of `names` that it defines. */
export const libraryBindings = (
  names: ReadonlySet<string>,
  nowMs: number,
  chance: Chance,
): Record<string, unknown> => {
  const bindings: Record<string, unknown> = {};
  let timely: Record<string, unknown> | undefined;
  for (const name of names) {
    if (!libraryNames.has(name)) continue;
    if (executionFunctionNames.has(name)) {
      timely ??= executionFunctions(nowMs, chance);
      bindings[name] = timely[name];
    } else {
      bindings[name] = pureFunctions[name as keyof typeof pureFunctions];
    }
  }
  return bindings;
};
