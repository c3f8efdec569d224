import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalJson, sha256 } from "@lifeboat/plan/canonical-json";
import { planJsonSchema } from "@lifeboat/plan/json-schema";
import {
  hashPlan,
  parsePublished,
  parsePublishedOnce,
  PLAN_FORMAT,
  toPublished,
} from "@lifeboat/plan/parse-published";
import { exampleText, readValid } from "./plan-example.ts";

const { plan, hash } = readValid(exampleText);
const published = toPublished(plan);

/** The published text with one field of its plan changed, and the hash left as it was. */
const changed = (change: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ format: PLAN_FORMAT, hash, plan: { ...plan, ...change } });

describe("a published plan", () => {
  it("reads as the plan that was published, to the last field", () => {
    const reading = parsePublished(published);
    expect(reading).toStrictEqual({ ok: true, plan, hash });
    expect(parsePublished(published, hash)).toStrictEqual(reading);
  });

  it.each([
    ["it is no JSON", "{", undefined, /is not JSON/],
    ["it is no object", "[]", undefined, /has no format, no hash or no plan/],
    ["it is nothing", "null", undefined, /has no format, no hash or no plan/],
    ["it has no plan", JSON.stringify({ format: PLAN_FORMAT, hash }), undefined, /has no format, no hash/],
    ["it has no format", JSON.stringify({ hash, plan }), undefined, /has no format, no hash or no plan/],
    [
      "another version published it",
      JSON.stringify({ format: PLAN_FORMAT + 1, hash, plan }),
      undefined,
      /is of the format \d, and this version reads \d/,
    ],
    ["a value was changed", changed({ workload: "other" }), undefined, /changed after its hash was taken/],
    ["a field was added", changed({ colour: "red" }), undefined, /changed after its hash was taken/],
    [
      "its plan is text",
      JSON.stringify({ format: PLAN_FORMAT, hash, plan: "x" }),
      undefined,
      /changed after/,
    ],
    ["another plan is expected", published, "0".repeat(64), /but 0{64} was expected/],
  ])("is refused when %s", (_, text, expectedHash, reason) => {
    expect(parsePublished(text, expectedHash)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason) as string,
    });
  });

  it("has one hash for one meaning, however it is written", () => {
    expect(readValid(exampleText.replace("cooldown: 30m", "cooldown: 1800s")).hash).toBe(hash);
    expect(readValid(`# a comment\n${exampleText}`).hash).toBe(hash);
    expect(readValid(exampleText.replace("cooldown: 30m", "cooldown: 31m")).hash).not.toBe(hash);
    expect(hashPlan({ ...plan })).toBe(hash);
  });
});

/** Where a value has which type: `decision.cooldownMs number`. */
const shapeOf = (value: unknown, path = ""): readonly string[] => {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => shapeOf(item, `${path}[]`)))];
  if (typeof value !== "object" || value === null) return [`${path} ${typeof value}`];
  return Object.entries(value).flatMap(([key, field]) =>
    shapeOf(field, path === "" ? key : `${path}.${key}`),
  );
};

const withoutWords = (schema: unknown): unknown =>
  Array.isArray(schema)
    ? schema.map(withoutWords)
    : typeof schema === "object" && schema !== null
      ? Object.fromEntries(
          Object.entries(schema)
            .filter(([key, value]) => key !== "description" || typeof value !== "string")
            .map(([key, value]) => [key, withoutWords(value)]),
        )
      : schema;

describe("the format of published plans", () => {
  it("changes its number with every change of its shape", () => {
    const shape = { written: withoutWords(planJsonSchema()), read: shapeOf(plan).toSorted() };
    // Failed? A function of the last version must not read what this one publishes: raise PLAN_FORMAT, then write both down.
    expect({ format: PLAN_FORMAT, shape: sha256(canonicalJson(shape)).slice(0, 16) }).toEqual({
      format: 2,
      shape: "94ec6bf297a72a37",
    });
  });
});

/** Everything that a module imports, through our own packages; others by their names. */
const importsOf = (file: URL, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(file.href)) return seen;
  seen.add(file.href);
  for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(
    /^(?:import|export) .*?from "(.+?)";$/gms,
  )) {
    const own = specifier.replace(/^@lifeboat\/(.+)$/, "../../packages/$1.ts");
    const target = new URL(own, specifier.startsWith(".") ? file : import.meta.url);
    if (specifier.startsWith(".") || own !== specifier) {
      if (!existsSync(target)) throw new Error(`no module ${target.href}`);
      importsOf(target, seen);
    } else {
      seen.add(specifier);
    }
  }
  return seen;
};

describe("a function that reads a published plan", () => {
  it("carries neither the YAML parser nor the schema in its bundle", () => {
    const module = (name: string): URL => new URL(`../../packages/plan/${name}.ts`, import.meta.url);
    expect([...importsOf(module("read-plan"))]).toEqual(expect.arrayContaining(["yaml", "zod"]));
    const imports = [...importsOf(module("parse-published"))];
    expect(imports).not.toContain("zod");
    expect(imports).not.toContain("yaml");
  });

  it("is checked once for the same text, and anew for any other", () => {
    const first = parsePublishedOnce(published);
    expect(parsePublishedOnce(published)).toBe(first);
    expect(parsePublishedOnce(changed({ workload: "other" }))).toMatchObject({ ok: false });
    expect(parsePublishedOnce(published)).toEqual(first);
  });
});
