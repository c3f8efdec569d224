import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parsePublished, parsePublishedOnce, toPublished } from "@lifeboat/plan/parse-published";
import { exampleText, readValid } from "./plan-example.ts";

const { plan, document, hash } = readValid(exampleText);
const published = toPublished(document);

/** The published text with one field of its document changed, and the hash left as it was. */
const changed = (change: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ hash, document: { ...document, ...change } });

describe("a published plan", () => {
  it("reads as the plan that was published", () => {
    expect(parsePublished(published)).toEqual({ ok: true, plan, hash });
    expect(parsePublished(published, hash)).toEqual({ ok: true, plan, hash });
  });

  it.each([
    ["it is no JSON", "{", undefined, /is not JSON/],
    ["it is no object", "[]", undefined, /has no hash or no document/],
    ["it is nothing", "null", undefined, /has no hash or no document/],
    ["it has no document", JSON.stringify({ hash }), undefined, /has no hash or no document/],
    ["a value was changed", changed({ workload: "other" }), undefined, /changed after its hash was taken/],
    ["another plan is expected", published, "0".repeat(64), /but 0{64} was expected/],
    ["this version knows no such field", changed({ colour: "red" }), undefined, /does not fit this version/],
    ["its document is text", JSON.stringify({ hash, document: "x" }), undefined, /does not fit this version/],
    [
      "it breaks a rule across fields",
      toPublished({ ...document, witness: { region: "eu-west-1" } }),
      undefined,
      /witness.region: eu-west-1 is the region of the site/,
    ],
  ])("is refused when %s", (_, text, expectedHash, reason) => {
    expect(parsePublished(text, expectedHash)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason) as string,
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
  it("carries no YAML parser in its bundle", () => {
    const module = (name: string): URL => new URL(`../../packages/plan/${name}.ts`, import.meta.url);
    expect([...importsOf(module("read-plan"))]).toContain("yaml");
    const imports = [...importsOf(module("parse-published"))];
    expect(imports).toContain("zod");
    expect(imports).not.toContain("yaml");
  });

  it("is checked once for the same text, and anew for any other", () => {
    const first = parsePublishedOnce(published);
    expect(parsePublishedOnce(published)).toBe(first);
    expect(parsePublishedOnce(changed({ workload: "other" }))).toMatchObject({ ok: false });
    expect(parsePublishedOnce(published)).toEqual(first);
  });
});
