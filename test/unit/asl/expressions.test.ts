import { compile, DefinitionError } from "@lifeboat/asl/interpreter";
import { describe, expect, it } from "vitest";
import { machineOf, play, startMs } from "./play.ts";

const evaluate = async (expression: string, input: object = {}, seed: number | string = 1) => {
  const { execution } = await play(
    machineOf({ Compute: { Type: "Pass", Output: { value: `{% ${expression} %}` }, End: true } }),
    { input: input as Record<string, never>, seed },
  );
  if (execution.status !== "SUCCEEDED") throw new Error(execution.cause);
  return (execution.output as { value: unknown }).value;
};

describe("Step Functions' own functions", () => {
  it("$hash digests by the algorithm that it is given", async () => {
    expect(await evaluate("$hash('abc', 'MD5')")).toBe("900150983cd24fb0d6963f7d28e17f72");
    expect(await evaluate("$hash('abc', 'SHA-1')")).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    await expect(evaluate("$hash('abc', 'CRC')")).rejects.toThrow(/\$hash/);
  });

  it("$uuid and $random come from the execution's seed", async () => {
    const uuid = await evaluate("$uuid()");
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await evaluate("$uuid()")).toBe(uuid);
    expect(await evaluate("$uuid()", {}, 2)).not.toBe(uuid);
    const [first, second] = (await evaluate("[$random(), $random()]")) as [number, number];
    expect(first).not.toBe(second);
  });

  it("$random with a seed of its own is always the same", async () => {
    expect(await evaluate("$random(5)", {}, 1)).toBe(await evaluate("$random(5)", {}, 2));
  });

  it("$parse reads JSON, and fails on what is none", async () => {
    expect(await evaluate(`$parse('{"a":[1,null]}').a`)).toEqual([1, null]);
    await expect(evaluate("$parse('{')")).rejects.toThrow(
      /specified for the field 'Output\/value' threw an error/,
    );
  });

  it("$range counts down, too, and refuses more than 1,000 elements", async () => {
    expect(await evaluate("$range(3, 1, -1)")).toEqual([3, 2, 1]);
    await expect(evaluate("$range(1, 2000, 1)")).rejects.toThrow(/1000/);
  });

  it("$now and $millis tell virtual time", async () => {
    expect(await evaluate("$millis()")).toBe(startMs);
    expect(await evaluate("$now()")).toBe("2026-11-01T00:00:00.000Z");
    expect(await evaluate("$now('[Y0001]/[M01]')")).toBe("2026/11");
  });
});

describe("an expression", () => {
  it("sees no document of its own", async () => {
    expect(await evaluate("$exists(store)", { store: 1 })).toBe(false);
  });

  it("gives plain arrays, which the next expression sees as AWS's would", async () => {
    const { execution } = await play(
      machineOf({
        First: { Type: "Pass", Assign: { found: "{% $states.input.items[size > 1] %}" }, Next: "Then" },
        Then: {
          Type: "Pass",
          Output: { again: "{% [$found, $found] %}", count: "{% $count($found) %}" },
          End: true,
        },
      }),
      { input: { items: [{ size: 1 }, { size: 2 }, { size: 3 }] } },
    );
    expect(execution.output).toEqual({
      again: [{ size: 2 }, { size: 3 }, { size: 2 }, { size: 3 }],
      count: 2,
    });
  });

  it("that throws is a failure with JSONata's own code", async () => {
    await expect(evaluate("1 + 'a'")).rejects.toThrow(
      "An error occurred while executing the state 'Compute' (entered at the event id #2). The JSONata expression '1 + 'a'' specified for the field 'Output/value' threw an error during evaluation. T2002:",
    );
  });
});

describe("a definition", () => {
  const refusal = (definition: object): string => {
    try {
      compile(definition);
    } catch (error) {
      if (error instanceof DefinitionError) return error.message;
      throw error;
    }
    return "";
  };

  it.each([
    ["$eval", { Type: "Pass", Output: "{% $eval('1') %}", End: true }, /does not support \$eval/],
    [
      "an operator of later JSONata",
      { Type: "Pass", Output: "{% null ?? 1 %}", End: true },
      /not a JSONata 2\.0\.6/,
    ],
    ["JSONPath", { Type: "Pass", QueryLanguage: "JSONPath", End: true }, /can not be 'JSONPath'/],
    ["JSONPath's fields", { Type: "Pass", ResultPath: "$.a", End: true }, /ResultPath belongs to JSONPath/],
    [
      "items from S3",
      {
        Type: "Map",
        ItemReader: {},
        ItemProcessor: { StartAt: "A", States: { A: { Type: "Succeed" } } },
        End: true,
      },
      /a Map over objects in S3 is not modelled/,
    ],
    [
      "roles of other accounts",
      { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Credentials: {}, End: true },
      /Credentials/,
    ],
  ])("with %s is refused with the reason and the place", (_, state, reason) => {
    const message = refusal(machineOf({ Odd: state }));
    expect(message).toMatch(reason);
    expect(message).toMatch(/^\/States\/Odd/);
  });

  it("with several faults is refused with all of them", () => {
    const message = refusal(machineOf({ A: { Type: "Pass", Next: "B" }, C: { Type: "Wait", End: true } }));
    expect(message.split("\n")).toHaveLength(2);
  });
});
