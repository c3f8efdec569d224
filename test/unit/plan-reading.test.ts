import { describe, expect, it } from "vitest";
import { nearestName } from "@lifeboat/plan/nearest-name";
import { exampleText, problemsOf, readValid, withText } from "./plan-example.ts";

/** The line of the example that holds a piece of text, and the column where it starts; both from 1. */
const placeOf = (text: string, piece: string): { line: number; column: number } => {
  const before = text.slice(0, text.indexOf(piece)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

describe("a problem of a plan", () => {
  it.each([
    {
      what: "a misspelt field is refused, and does not count as missing as well",
      text: withText("  quorum: 3", "  quorom: 3"),
      at: "quorom",
      problem: { path: "decision.quorom", message: "unknown field", suggestion: 'did you mean "quorum"?' },
    },
    {
      what: "a field of a member of a union is judged by the member's type",
      text: withText("      from: active\n", "      from: active\n      urls: {}\n"),
      at: "urls: {}",
      problem: {
        path: "decision.signals[2].urls",
        message: "unknown field",
        expected: "only type, name, from, alarm",
      },
    },
    {
      what: "a type that does not exist is one problem, not one for each member of the union",
      text: withText("type: sql-canary", "type: sql-canari"),
      at: "sql-canari",
      problem: {
        path: "checks[1].type",
        message: '"sql-canari" does not fit',
        expected: "one of http, sql-canary",
        suggestion: 'did you mean "sql-canary"?',
      },
    },
    {
      what: "a missing type is told where the entry starts",
      text: withText("      type: lease\n", ""),
      at: "name: lease",
      problem: {
        path: "decision.signals[4].type",
        message: "is missing",
        expected: "one of probe, alarm, lease",
      },
    },
    {
      what: "a missing field is told at its parent's name",
      text: withText("  rpo: 60s\n", ""),
      at: "objectives:",
      problem: { path: "objectives.rpo", message: "is missing" },
    },
    {
      what: "an account without quotes is repaired as it was written",
      text: withText('"111122223333"', "011122223333"),
      at: "011122223333",
      problem: { path: "account", message: "011122223333 does not fit", suggestion: 'write "011122223333"' },
    },
    {
      what: "a duration without a unit is repaired",
      text: withText("cooldown: 30m", "cooldown: 30"),
      at: "30\n",
      offset: "cooldown: ",
      problem: { path: "decision.cooldown", message: "30 does not fit", suggestion: "write 30s" },
    },
    {
      what: "an enumerated value gets a suggestion",
      text: withText("from: standby", "from: stand-by"),
      at: "stand-by",
      problem: {
        path: "decision.signals[0].from",
        message: '"stand-by" does not fit',
        expected: "one of standby, witness",
        suggestion: 'did you mean "standby"?',
      },
    },
    {
      what: "a list that was left empty, at its name",
      text: exampleText.replace(/^notes:[^]*$/m, "notes:\n"),
      at: "notes:",
      problem: {
        path: "notes",
        message: "has no value",
        expected: "a list",
        suggestion: "leave the field out, or write []",
      },
    },
    {
      what: "a misspelt type of an entry",
      text: withText("      type: lease", "      typ: lease"),
      at: "typ: lease",
      problem: {
        path: "decision.signals[4].typ",
        message: "unknown field",
        expected: "one of probe, alarm, lease",
        suggestion: 'did you mean "type"?',
      },
    },
    {
      what: "a value that breaks a rule across fields, at the value",
      text: withText("  quorum: 3", "  quorum: 6"),
      at: "6 # of",
      problem: {
        path: "decision.quorum",
        severity: "error",
        message: "6 signals must fail, but there are only 5: no outage would ever be declared",
      },
    },
    {
      what: "a name that breaks a rule across fields, at the name",
      text: withText("    ireland: spacelift-lifeboat-eu-west-1", "    irland: spacelift-lifeboat-eu-west-1"),
      at: "irland:",
      problem: {
        path: "ledger.buckets.irland",
        message: "no site has this name; the sites are ireland and paris",
      },
    },
    {
      what: "a number in words",
      text: withText("  quorum: 3", '  quorum: "3"'),
      at: '"3"',
      problem: { path: "decision.quorum", expected: "a whole number from 1 to 20", suggestion: "write 3" },
    },
    {
      what: "a site's name that is none, at the name",
      text: withText(
        "    ireland: spacelift-lifeboat-eu-west-1",
        "    Ireland: spacelift-lifeboat-eu-west-1",
      ),
      at: "Ireland:",
      problem: { path: "ledger.buckets.Ireland", message: '"Ireland" is not a site\'s name' },
    },
    {
      what: "a field that is given twice, at the second one",
      text: withText("  quorum: 3", "  mode: approval\n  quorum: 3"),
      at: "mode: approval",
      problem: { path: "decision.mode", message: "is given twice", suggestion: "keep one of the two" },
    },
    {
      what: "a merge key",
      text: withText("  quorum: 3", "  <<: { cooldown: 5m }\n  quorum: 3"),
      at: "<<",
      problem: { path: 'decision["<<"]', message: "merge keys are not part of YAML 1.2" },
    },
    {
      what: "an alias without an anchor",
      text: withText("rto: 15m", "rto: *never"),
      at: "*never",
      problem: { path: "objectives.rto", message: 'the alias "never" stands for nothing written before it' },
    },
    {
      what: "a number that is none",
      text: withText("  quorum: 3", "  quorum: .inf"),
      at: ".inf",
      problem: { path: "decision.quorum", message: '".inf" is not a number that a plan can hold' },
    },
    {
      what: "a name of a field that is a number",
      text: withText("objectives:\n", "objectives:\n  7: x\n"),
      at: "7: x",
      problem: { path: "objectives", message: "the name of a field must be text", suggestion: 'write "7"' },
    },
    {
      what: "a field that would change the prototype of an object",
      text: withText("objectives:\n", "objectives:\n  __proto__: x\n"),
      at: "__proto__",
      problem: { path: "objectives", message: "no field can have this name" },
    },
    {
      what: "broken YAML, where it breaks",
      text: withText("{ name: paris, region: eu-west-3 }", "{ name: paris, region: eu-west-3"),
      at: "witness:",
      problem: { path: "", message: expect.stringContaining("this is not valid YAML") as string },
    },
    {
      what: "a tag that YAML 1.2 does not know",
      text: withText("rto: 15m", "rto: !minutes 15"),
      at: "!minutes",
      problem: { message: expect.stringContaining("!minutes") as string },
    },
  ])("$what", ({ text, at, offset, problem }) => {
    const problems = problemsOf(text);
    const place = placeOf(text, `${offset ?? ""}${at}`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      ...problem,
      file: "x.yaml",
      line: place.line,
      column: place.column + (offset?.length ?? 0),
      severity: "error",
    });
  });

  it("is only a warning where the plan works, and then the plan is read", () => {
    const text = withText("enforcer: postgres-job", "enforcer: none");
    expect(readValid(text).warnings).toMatchObject([
      { ...placeOf(text, "none"), path: "stores[0].enforcer", severity: "warning" },
    ]);
    expect(readValid(exampleText).warnings).toEqual([]);
  });

  it("is told together with all others, in the order of the text", () => {
    const text = exampleText
      .replace("rto: 15m", "rto: quick")
      .replace("workload: spacelift", "workload: Spacelift")
      .replace("eu-central-1 }", "eu-west-3 }")
      .replace("mode: automatic", "mode: automatik")
      .replace("key: encryption", "key: encription")
      .replace("phase: shift-traffic", "phase: shift-trafic");
    expect(problemsOf(text).map(({ path }) => path)).toEqual([
      "workload",
      "witness.region",
      "objectives.rto",
      "decision.mode",
      "secrets[0].key",
      "notes[0].phase",
    ]);
  });

  it("is told once when an alias repeats its value", () => {
    const text = exampleText
      .replace(
        "      urls:\n        ireland: https://server-ireland.elb.example.com/health\n        paris:",
        "      urls: &urls\n        ireland: nowhere\n        paris:",
      )
      .replace(/(from: witness\n {6}urls:)\n.*\n.*\n/, "$1 *urls\n");
    expect(text).toContain("*urls");
    const problems = problemsOf(text);
    expect(problems.map(({ path }) => path)).toEqual(["decision.signals[0].urls.ireland"]);
  });

  it("does not repeat a long value, nor a long name", () => {
    const secret = "s3cr3t".repeat(20);
    for (const text of [
      withText("workload: spacelift", `workload: "${secret}"`),
      withText("objectives:\n", `objectives:\n  ${secret}: 1\n`),
      withText("phase: shift-traffic", `phase: ${secret}`),
      withText("rto: 15m", `rto: *${secret}`),
      withText("rto: 15m", `rto: !${secret} 1`),
      withText("    ireland: spacelift-lifeboat-eu-west-1", `    ${secret}: spacelift-lifeboat-eu-west-1`),
    ]) {
      const problems = problemsOf(text);
      expect(problems.length).toBeGreaterThan(0);
      expect(JSON.stringify(problems)).not.toContain(secret);
    }
  });
});

describe("a text that is no plan", () => {
  it.each([
    ["an empty one", "", "the plan is empty"],
    ["one with a comment only", "# nothing\n", "the plan is empty"],
    ["a number", "12", "12 does not fit"],
    ["a list", "- 1", "a list does not fit"],
    [
      "brackets without end",
      "[".repeat(100_000),
      "the text cannot be read: it is nested too deeply or damaged",
    ],
    ["one of another YAML", "%YAML 1.1\n---\nworkload: yes", "plans are YAML 1.2: remove the %YAML line"],
    ["a very long one", "a".repeat(600_000), "the text has 600000 characters; a plan has at most 524288"],
  ])("%s is one problem", (_, text, message) => {
    expect(problemsOf(text)).toMatchObject([{ line: 1, column: 1, path: "", message }]);
  });

  it("does not unfold a few lines of aliases into the whole memory", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 30; level++) {
      lines.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
    }
    expect(problemsOf(lines.join("\n"))).toMatchObject([
      { message: "the text cannot be read: it unfolds to more than 20000 values" },
    ]);
  });

  it("does not follow an alias into itself", () => {
    expect(problemsOf("workload: &a [*a]").map(({ message }) => message)).toContain(
      'the alias "a" stands for something that contains it',
    );
  });
});

describe("a suggestion", () => {
  it.each([
    ["quorom", "quorum"],
    ["global_cluster", "globalCluster"],
    ["Quorum", "quorum"],
    ["qourum", "quorum"],
    ["signal", "signals"],
    ["volcano", undefined],
    ["", undefined],
    ["x".repeat(5000), undefined],
  ])("for %j is %j", (name, meant) => {
    expect(nearestName(name, ["quorum", "globalCluster", "signals", "mode"])).toBe(meant);
  });
});
