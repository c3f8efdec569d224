import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withResources } from "../unit/plan-of-many.ts";
import { lifeboat } from "./cli-in-process.ts";

const example = readFileSync(new URL("../../examples/spacelift.plan.yaml", import.meta.url), "utf8");

describe("lifeboat validate", () => {
  it("says what a valid plan is about", async () => {
    const { code, out, err } = await lifeboat(["validate", "a.plan.yaml"], {
      files: { "a.plan.yaml": example },
    });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^a\.plan\.yaml is a valid plan\n {2}workload {2}spacelift\n {2}sites {5}ireland \(eu-west-1\) → paris \(eu-west-3\), witness in eu-central-1\n {2}hash {6}[0-9a-f]{64}\n$/,
    );
  });

  it("shows each problem with its place, its line and what to do, and exits with 2", async () => {
    const bad = example.replace("  quorum: 3 #", "  quorom: 3 #").replace("rto: 15m", "rto: 15 min");
    const { code, out, err } = await lifeboat(["validate", "b.yaml"], { files: { "b.yaml": bad } });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    const line = bad.split("\n").findIndex((text) => text.includes("quorom")) + 1;
    expect(err).toContain(
      [
        `b.yaml:${line}:3  decision.quorom  unknown field, did you mean "quorum"?`,
        `    ${line} |   quorom: 3 # of the signals below; at least one of them is observed outside the…`,
        "       |   ^",
        "       = expected only mode, quorum, signals, ",
      ].join("\n"),
    );
    expect(err).toContain('objectives.rto  "15 min" does not fit, write 15m\n');
    expect(err).toMatch(/\nb\.yaml is no valid plan: 2 errors\n$/);
  });

  it("refuses a plan that names more than the roles' policies can hold, with what to do", async () => {
    const { code, out, err } = await lifeboat(["validate", "many.yaml"], {
      files: { "many.yaml": withResources(example, 200) },
    });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      /lifeboat: many\.yaml cannot be deployed: the policy of lifeboat-spacelift-\S+ has \d+ characters, and IAM allows 10240: .* split it into plans of several workloads\n$/,
    );
  });

  it("prints warnings, and still exits with 0", async () => {
    const risky = example.replace("enforcer: postgres-job", "enforcer: none");
    const { code, out, err } = await lifeboat(["validate", "a.yaml"], { files: { "a.yaml": risky } });
    expect(code).toBe(0);
    expect(out).toContain("a.yaml is a valid plan with 1 warning\n");
    expect(err).toMatch(/stores\[0\]\.enforcer {2}warning: nothing stops this writer/);
  });

  it("reads every file that it is given, and exits with 2 when one is bad", async () => {
    const files = { "good.yaml": example, "bad.yml": "", "good.plan.json": JSON.stringify({ version: 2 }) };
    const { code, out, err } = await lifeboat(["validate", "bad.yml", "good.yaml", "good.plan.json"], {
      files,
    });
    expect(code).toBe(2);
    expect(out).toContain("good.yaml is a valid plan");
    expect(err).toContain("bad.yml:1:1  the plan is empty, expected a map of fields and values");
    expect(err).toContain("good.plan.json is no valid plan");
  });

  it.each([
    {
      args: ["none.yaml"],
      err: /^lifeboat: cannot read none\.yaml: there is no such file or folder; .*lifeboat init"\n$/,
    },
    {
      args: ["a.txt"],
      err: /^lifeboat: cannot tell what a\.txt is by its name; expected .*\.yaml, \.yml, \.plan\.json\n$/,
    },
    { args: [], err: /^lifeboat: FILE is missing; "lifeboat help validate" tells .*\n$/ },
  ])("has one clear message for $args", async ({ args, err }) => {
    const ran = await lifeboat(["validate", ...args]);
    expect(ran).toMatchObject({ code: 2, out: "" });
    expect(ran.err).toMatch(err);
  });

  it("cuts long lines around the problem, and lets no control character reach the terminal", async () => {
    const long = `# ${"x".repeat(300)}\nnotes: [${" ".repeat(300)}{ phase: "\u001B]0;owned\u0007", text: ${"y".repeat(300)} }]\n`;
    const { err } = await lifeboat(["validate", "a.yaml"], { files: { "a.yaml": long } });
    expect(err.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    for (const line of err.split("\n").filter((text) => / \| /.test(text)))
      expect(line.length).toBeLessThan(100);
    const lines = err.split("\n");
    const shown = lines.findIndex((line) => / \| .*owned/.test(line));
    // The caret stands below the value.
    expect(lines[shown]?.[lines[shown + 1]?.indexOf("^") ?? -1]).toBe('"');
  });

  it("lists the first fifty of very many problems", async () => {
    const many = Array.from({ length: 80 }, (_, index) => `unknown${index}: 1\n`).join("");
    const { err } = await lifeboat(["validate", "a.yaml"], { files: { "a.yaml": many } });
    expect(err.match(/^a\.yaml:/gm)).toHaveLength(50);
    expect(err).toMatch(/… and \d+ more\n/);
  });

  it("uses colours only where the output has them", async () => {
    const files = { "a.yaml": example, "b.yaml": "a: 1" };
    const plain = await lifeboat(["validate", "a.yaml", "b.yaml"], { files });
    const coloured = await lifeboat(["validate", "a.yaml", "b.yaml"], { files, colours: true });
    expect(plain.out + plain.err).not.toContain("\u001B");
    expect(coloured.out).toContain("\u001B[32m");
    expect(coloured.err).toContain("\u001B[31m");
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    expect(coloured.out.replace(/\u001B\[\d+m/g, "")).toBe(plain.out);
  });
});

describe("lifeboat init", () => {
  it("writes a plan that is valid without a warning", async () => {
    const { code, out, files } = await lifeboat(["init"]);
    expect(code).toBe(0);
    expect(out).toContain("npx lifeboat validate recovery.plan.yaml");
    const text = files.get("recovery.plan.yaml") ?? "";
    expect(text).toMatch(/^# yaml-language-server: \$schema=/);
    expect(await lifeboat(["validate", "p.yaml"], { files: { "p.yaml": text } })).toMatchObject({
      code: 0,
      err: "",
    });
  });

  it("shows as comments the defaults that it leaves out, as the schema has them", async () => {
    const { out } = await lifeboat(["init", "-"]);
    const comments = /^( +)# (lease|cooldown|approvals|answerWithin): /gm;
    expect(out.match(comments)).toHaveLength(4);
    const written = out.replace(comments, "$1$2: ");
    const before = await lifeboat(["validate", "p.yaml"], { files: { "p.yaml": out } });
    const after = await lifeboat(["validate", "p.yaml"], { files: { "p.yaml": written } });
    expect(after).toMatchObject({ code: 0, err: "" });
    // Its hash among other things.
    expect(after.out).toBe(before.out);
  });

  it("does not overwrite a file", async () => {
    const { code, out, err, files } = await lifeboat(["init", "mine.yaml"], {
      files: { "mine.yaml": "mine" },
    });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      /^lifeboat: cannot write mine\.yaml: it exists already, and is not overwritten; .*\n$/,
    );
    expect(files.get("mine.yaml")).toBe("mine");
  });

  it("writes to stdout for -", async () => {
    const { code, out, files } = await lifeboat(["init", "-"]);
    expect(code).toBe(0);
    expect(out).toContain("workload: my-workload");
    expect(files.size).toBe(0);
  });
});

describe("lifeboat schema", () => {
  it("prints the JSON Schema", async () => {
    const { code, out } = await lifeboat(["schema"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
    });
  });

  it("prints the reference for people", async () => {
    const { code, out } = await lifeboat(["schema", "--markdown"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^# The recovery plan\n/);
  });
});

describe("lifeboat", () => {
  it("lists its commands and exit codes", async () => {
    const { code, out, err } = await lifeboat(["help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const command of ["simulate PLAN", "validate FILE", "init [FILE]", "schema", "help"]) {
      expect(out).toContain(`  lifeboat ${command}`);
    }
    expect(out).toMatch(/Exit codes: 0 done; 1 .*; 2 .*; 3 /);
  });

  it.each([[["--help"]], [["-h"]]])("prints the same for %j", async (args) => {
    expect((await lifeboat(args)).out).toBe((await lifeboat(["help"])).out);
  });

  it("explains one command, wherever the question stands", async () => {
    const { code, out } = await lifeboat(["help", "validate"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^lifeboat validate FILE\.\.\.\n/);
    expect((await lifeboat(["validate", "--help"])).out).toBe(out);
    expect((await lifeboat(["validate", "a.yaml", "-h"])).out).toBe(out);
  });

  it("tells its version", async () => {
    expect(await lifeboat(["--version"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });

  it.each([
    {
      args: ["valdate"],
      err: 'unknown command "valdate", did you mean "validate"? "lifeboat help" lists the commands',
    },
    { args: ["banana"], err: 'unknown command "banana"; "lifeboat help" lists the commands' },
    { args: ["constructor"], err: 'unknown command "constructor"; "lifeboat help" lists the commands' },
    {
      args: ["help", "simulat"],
      err: 'unknown command "simulat", did you mean "simulate"? "lifeboat help" lists the commands',
    },
    {
      args: ["--validate"],
      err: 'unknown option --validate; expected a command first, "lifeboat help" lists them',
    },
    {
      args: ["schema", "--markdwn"],
      err: 'unknown option --markdwn, did you mean --markdown? "lifeboat help schema" tells what "lifeboat schema" takes',
    },
    {
      args: ["schema", "-m"],
      err: 'unknown option -m; "lifeboat help schema" tells what "lifeboat schema" takes',
    },
    {
      args: ["schema", "--markdown=no"],
      err: 'the option --markdown takes no value, but got "no"; "lifeboat help schema" tells what "lifeboat schema" takes',
    },
    {
      args: ["schema", "--markdown", "--markdown"],
      err: 'the option --markdown is given twice; "lifeboat help schema" tells what "lifeboat schema" takes',
    },
    {
      args: ["schema", "more"],
      err: '"more" is one argument too many; "lifeboat help schema" tells what "lifeboat schema" takes',
    },
    {
      args: ["init", "a", "b"],
      err: '"b" is one FILE too many; "lifeboat help init" tells what "lifeboat init" takes',
    },
  ])("has one message and exit code 2 for $args", async ({ args, err }) => {
    expect(await lifeboat(args)).toEqual({ code: 2, out: "", err: `lifeboat: ${err}\n`, files: new Map() });
  });

  it("names the scenarios that there are for one that there is not", async () => {
    const { code, err } = await lifeboat(["simulate", "x.yaml", "--scenario", "banana"]);
    expect(code).toBe(2);
    expect(err).toMatch(/^lifeboat: unknown scenario "banana"; expected one of region-loss, .*\n$/);
  });

  it("prints its commands to stderr when it is given none", async () => {
    const { code, out, err } = await lifeboat([]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("lifeboat validate FILE");
  });
});
