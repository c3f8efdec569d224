import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PlanReading, readPlan } from "@lifeboat/plan/read-plan";
import { exampleText, readValid, withEdit } from "./plan-example.ts";

/** What must hold of every reading, whatever was read. */
const expectSound = (text: string, reading: PlanReading): void => {
  const lines = text.split("\n");
  const problems = reading.ok ? reading.warnings : reading.problems;
  if (!reading.ok) expect(problems.some(({ severity }) => severity === "error")).toBe(true);
  let last = 0;
  for (const { line, column, message } of problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
    expect(message).not.toMatch(/undefined|\[object|invalid input|invalid union/i);
    const position = line * 1_000_000 + column;
    expect(position).toBeGreaterThanOrEqual(last);
    last = position;
  }
  const identities = problems.map((problem) => JSON.stringify(problem));
  expect(new Set(identities).size).toBe(identities.length);
};

const read = (text: string): PlanReading => readPlan(text, { file: "x.yaml" });

const yamlish = fc
  .array(
    fc.constantFrom(
      "a",
      ":",
      " ",
      "\n",
      "- ",
      "{",
      "}",
      "[",
      "]",
      ",",
      '"',
      "'",
      "&x ",
      "*x",
      "!t ",
      "#",
      "|\n",
      ">",
      "? ",
      "%",
      "\t",
      "version: 1\n",
      "\uFEFF",
      "\r\n",
      "~",
      "<<: ",
      "é",
      "---\n",
      "...\n",
      "0x1",
      "\u0000",
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

/** Every path of the example that holds something. */
const pathsOf = (
  value: unknown,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] => {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Array.isArray(value)
    ? value.flatMap((item, index) => pathsOf(item, [...path, index]))
    : Object.entries(value).flatMap(([name, field]) => pathsOf(field, [...path, name]));
  return path.length === 0 ? inner : [path, ...inner];
};

const paths = pathsOf(readValid(exampleText).document);

describe("reading a plan", () => {
  it("gives a sound result for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), yamlish), (text) => {
        expectSound(text, read(text));
      }),
      { numRuns: 1500 },
    );
  });

  it("gives a sound result for the example with a piece cut out, doubled or replaced", () => {
    const position = fc.nat({ max: exampleText.length });
    fc.assert(
      fc.property(
        position,
        fc.nat({ max: 60 }),
        fc.oneof(yamlish, fc.constant("")),
        (start, length, piece) => {
          const text = exampleText.slice(0, start) + piece + exampleText.slice(start + length);
          expectSound(text, read(text));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("finds something in the example with any one value replaced by what fits nowhere", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.constantFrom<unknown>(null, "", "\u0001", -1, 1.5, 1e30, { strange: 1 }, [[]], " "),
        (path, value) => {
          const text = withEdit((plan) => {
            plan.setIn(path, plan.createNode(value));
          });
          const reading = read(text);
          expect(reading.ok).toBe(false);
          expectSound(text, reading);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("finds something when any one field is misspelt, and says which was meant", () => {
    const names = paths.filter((path) => typeof path.at(-1) === "string" && String(path.at(-1)).length > 3);
    // The names of sites are the plan's own, and are judged by the rules.
    const fields = names.filter((path) => path.at(-1) !== "ireland" && path.at(-1) !== "paris");
    fc.assert(
      fc.property(fc.constantFrom(...fields), (path) => {
        const name = String(path.at(-1));
        const misspelt = `${name.slice(0, -1)}${name.endsWith("x") ? "y" : "x"}`;
        const text = withEdit((plan) => {
          const value: unknown = plan.getIn(path, true);
          plan.deleteIn(path);
          plan.setIn([...path.slice(0, -1), misspelt], value);
        });
        const reading = read(text);
        expectSound(text, reading);
        const suggestions = reading.ok ? [] : reading.problems.map(({ suggestion }) => suggestion);
        expect(suggestions).toContain(`did you mean "${name}"?`);
      }),
      { numRuns: 300 },
    );
  });

  it("gives the same plan and hash for its own document", () => {
    const first = readValid(exampleText);
    const second = readValid(JSON.stringify(first.document));
    expect(second.plan).toEqual(first.plan);
    expect(second.hash).toBe(first.hash);
  });
});
