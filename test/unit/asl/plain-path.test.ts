import { compileExpression, evaluateExpression, readAtOnce } from "@lifeboat/asl/expressions/expression";
import type { Json } from "@lifeboat/asl/values/json";
import { createChance } from "@lifeboat/asl/values/random";
import { describe, expect, it } from "vitest";

const variables = {
  run: { workload: "shop", steps: [{ name: "one" }], none: null, off: false, zero: 0, empty: "", own: {} },
  list: [1],
  now: "not the library's",
};
const scope = {
  variables,
  ofStates: (member: string): Json | undefined => (member === "input" ? { done: true, ids: [7] } : undefined),
  nowMs: 0,
  chance: createChance(1),
};

const both = async (text: string) => {
  const expression = compileExpression(text);
  return { atOnce: readAtOnce(expression, scope), evaluated: await evaluateExpression(expression, scope) };
};

describe("a path that only names members", () => {
  it.each(["$run", "$run.workload", "$run.none", "$run.off", "$run.zero", "$run.empty", "$run.own"])(
    "is read at once, and is what JSONata answers: %s",
    async (text) => {
      const { atOnce, evaluated } = await both(text);
      expect(atOnce).not.toBeUndefined();
      expect(evaluated).toBe(atOnce);
    },
  );

  it("is read at once from $states, and by a quoted name", async () => {
    expect(await both("$states.input.done")).toEqual({ atOnce: true, evaluated: true });
    expect(await both('$run."workload"')).toEqual({ atOnce: "shop", evaluated: "shop" });
  });

  it.each([
    ["an array at its end", "$run.steps"],
    ["a variable that is an array", "$list"],
    ["an array on the way", "$run.steps.name"],
    ["a text on the way", "$run.workload.length"],
    ["null on the way", "$run.none.more"],
    ["a member that is not there", "$run.missing"],
    ["what every object inherits", "$run.constructor"],
    ["a variable that is not there", "$missing"],
    ["a function of the library", "$now"],
    ["an array of the input", "$states.input.ids"],
    ["the input of JSONata itself", "$"],
    ["its root", "$$"],
  ])("is for JSONata to evaluate where it meets %s", (_what, text) => {
    expect(readAtOnce(compileExpression(text), scope)).toBeUndefined();
  });

  it.each([
    "$run.steps[0].name",
    "$run.own[]",
    "$run{'a': workload}",
    "$run.*",
    "$run^(workload)",
    "($run).own",
  ])("is not what anything more is: %s", (text) => {
    expect(compileExpression(text).path).toBeUndefined();
  });
});
