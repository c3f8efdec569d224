import { describe, expect, it } from "vitest";
import { parseOptions } from "@lifeboat/cli/parse-options";

const parse = (...args: string[]) =>
  parseOptions(args, {
    command: "simulate",
    options: { scenario: { type: "string" }, seed: { type: "string" }, json: { type: "boolean" } },
    operand: "PLAN",
    least: 1,
    most: 1,
  });

describe("the options of a command", () => {
  it.each([
    [["p", "--scenario", "a", "--json"]],
    [["--json", "--scenario=a", "p"]],
    [["--scenario", "a", "--json", "--", "p"]],
  ])("stand anywhere: %j", (args) => {
    expect(parse(...args)).toEqual({ ok: true, values: { scenario: "a", json: true }, positionals: ["p"] });
  });

  it("end at --", () => {
    expect(parse("--", "--json")).toEqual({ ok: true, values: {}, positionals: ["--json"] });
  });

  it.each([
    [
      ["p", "--sceanrio", "a"],
      /^unknown option --sceanrio, did you mean --scenario\? "lifeboat help simulate"/,
    ],
    [["p", "--scenario"], /^the option --scenario needs a value;/],
    [["p", "--scenario="], /^the option --scenario needs a value;/],
    [["p", "--seed", "1", "--seed", "2"], /^the option --seed is given twice;/],
    [["p", "--toString"], /^unknown option --toString;/],
    [["p", "--__proto__", "1"], /^unknown option --__proto__;/],
    [["p", "q"], /^"q" is one PLAN too many;/],
    [[], /^PLAN is missing;/],
  ])("are refused with one message: %j", (args, message) => {
    expect(parse(...args)).toMatchObject({ ok: false, message: expect.stringMatching(message) as string });
  });

  it.each([
    [[], /^PLAN on\|off is missing;/],
    [["p"], /^on\|off is missing;/],
    [["p", "on", "q"], /^"q" is one argument too many;/],
  ])("name of two words the one that is missing: %j", (args, message) => {
    const two = { command: "kill-switch", options: {}, operand: "PLAN on|off", least: 2, most: 2 };
    expect(parseOptions(args, two)).toMatchObject({ message: expect.stringMatching(message) as string });
  });
});
