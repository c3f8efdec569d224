import { readdirSync } from "node:fs";
import { bindDefinition } from "@lifeboat/control-plane/bind-definition";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { errorCatalogue } from "@lifeboat/recovery/errors";
import { phaseNames } from "@lifeboat/recovery/phases";
import { describe, expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { checkMachineErrors, statesOf, type MachineText } from "./machine-errors.ts";
import { readModule } from "./read-module.ts";
import { readText, sourceFiles } from "./source-files.ts";

const definitions = readdirSync(new URL("../../stepfunctions/", import.meta.url)).filter((name) =>
  name.endsWith(".asl.json"),
);
const manifest = buildManifest(readValid(exampleText).plan);
const sites = manifest.places.filter(({ kind }) => kind === "site");
const machines = sites.flatMap((site) => site.machines.map((machine) => ({ site, machine })));

const machineOf = (states: MachineText["States"]): MachineText => ({ States: states });
const lambda = "arn:aws:states:::lambda:invoke";
const retry = (...names: string[]): readonly { ErrorEquals: readonly string[] }[] => [{ ErrorEquals: names }];
const repeatable = ["AwsUnavailable", "LedgerUnreadable", "LedgerContended"];

describe("the errors of the machines", () => {
  it("were looked for in every definition", () => {
    expect(definitions).toContain("failover.asl.json");
    expect(machines.map(({ machine }) => machine.definition)).toEqual(
      sites.flatMap(() => definitions.map((name) => `stepfunctions/${name}`)),
    );
  });

  it.each(definitions)("of %s are thrown by somebody, and everything thrown is handled", (name) => {
    const machine = JSON.parse(readText(`stepfunctions/${name}`)) as MachineText;
    expect(statesOf(machine).length).toBeGreaterThan(10);
    expect(checkMachineErrors(machine)).toEqual([]);
  });

  it("include every name of the catalogue: each is thrown outside of it", () => {
    // The two catalogues only list what others throw.
    const product = sourceFiles().filter(
      ({ path }) => /^(packages|functions)\//.test(path) && !/\/(function-)?errors\.ts$/.test(path),
    );
    const strings = new Set(product.flatMap(({ path, text }) => readModule(path, text).strings));
    expect(Object.keys(errorCatalogue).filter((name) => !strings.has(name))).toEqual([]);
  });

  it.each([
    {
      planted: "a misspelt name",
      states: { A: { Type: "Pass", Catch: retry("AwsUnavailabel") } },
      says: "A names AwsUnavailabel, which nobody throws",
    },
    {
      planted: "an error of AWS that does not exist",
      states: { A: { Type: "Pass", Retry: retry("Lambda.Throttled") } },
      says: "A names Lambda.Throttled, which nobody throws",
    },
    {
      planted: "a retry of what repeating does not mend",
      states: { A: { Type: "Pass", Retry: retry("KillSwitchOn") } },
      says: "A retries KillSwitchOn, which repeating does not mend",
    },
    {
      planted: "a task that gives up at the first throttling",
      states: {
        A: {
          Type: "Task",
          Resource: lambda,
          Retry: retry(...repeatable.slice(1)),
          Catch: retry("States.ALL"),
        },
      },
      says: "A does not retry AwsUnavailable",
    },
    {
      planted: "a question that is asked again when its time is over",
      states: {
        A: {
          Type: "Task",
          Resource: `${lambda}.waitForTaskToken`,
          Retry: retry(...repeatable, "States.Timeout"),
          Catch: retry("States.ALL"),
        },
      },
      says: "A asks again after the time to answer is over",
    },
  ])("are checked: $planted is found", ({ states, says }) => {
    expect(checkMachineErrors(machineOf(states))).toEqual([says]);
  });

  it("are checked: a task without a Catch is found, also within a Map", () => {
    const task = { Type: "Task", Resource: lambda, Retry: retry(...repeatable) };
    const inMap = (catches: object): MachineText =>
      machineOf({ M: { Type: "Map", ItemProcessor: { States: { A: task } }, ...catches } });
    expect(checkMachineErrors(inMap({}))).toEqual([
      expect.stringMatching(/^M\/A lets .*EpochStale.* unrecorded$/),
    ]);
    expect(checkMachineErrors(inMap({ Catch: retry("States.ALL") }))).toEqual([]);
  });
});

describe("manifest and machine", () => {
  it.each(machines)(
    "agree in $site.place: every placeholder is bound to a function of that place",
    (entry) => {
      const { site, machine } = entry;
      const text = readText(machine.definition);
      const named: string[] = [];
      const bound = bindDefinition(text, machine, (name) => {
        named.push(name);
        return `arn:aws:lambda:${site.region}:${manifest.account}:function:${name}`;
      });
      const known = site.functions.map(({ name }) => name);
      expect(named.length).toBeGreaterThan(10);
      expect(named.filter((name) => !known.includes(name))).toEqual([]);
      expect(bound).not.toContain("${");
    },
  );

  it("disagree loudly: a placeholder that stands for nothing, or nothing that stands for a function", () => {
    const machine = { name: "m", definition: "m.asl.json", functions: { A: "a" } };
    expect(() => bindDefinition("${A} ${B}", machine, String)).toThrow(/\$\{B\} stands for no function/);
    expect(() => bindDefinition("nothing", machine, String)).toThrow(/no placeholder for A/);
  });

  const functions = new Map(
    manifest.places.flatMap((place) => place.functions.map((entry) => [entry.name, entry])),
  );

  it.each([...functions.values()])("find the handler of $name", async ({ handler }) => {
    const [path, name] = handler.split(".");
    expect(name).toBe("handler");
    const module = (await import(`@lifeboat/${path}`)) as Readonly<Record<string, unknown>>;
    expect(module["handler"]).toBeTypeOf("function");
  });

  it("leave no function undeployed", () => {
    const files = readdirSync(new URL("../../functions/", import.meta.url)).filter((name) =>
      name.endsWith(".ts"),
    );
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((name) => !functions.has(name.replace(".ts", "")))).toEqual([]);
  });

  it("speak of phases that the table of phases has", () => {
    for (const name of definitions) {
      const phases = [...readText(`stepfunctions/${name}`).matchAll(/\{'name': '([a-z-]+)'/g)].map(
        ([, phase]) => phase,
      );
      expect(phases.length).toBeGreaterThan(0);
      expect(
        phases.filter((phase) => !(phaseNames as readonly (string | undefined)[]).includes(phase)),
      ).toEqual([]);
    }
  });
});
