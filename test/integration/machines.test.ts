import { readdirSync, readFileSync } from "node:fs";
import { validate } from "@lifeboat/asl/validate";
import { bindDefinition } from "@lifeboat/control-plane/bind-definition";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { errorsByPlaceholder, functionErrors } from "@lifeboat/control-plane/function-errors";
import { errorCatalogue } from "@lifeboat/recovery/errors";
import { describe, expect, it } from "vitest";
import { linterNames, linters } from "../unit/asl/linters.ts";
import { exampleText, readValid } from "../unit/plan-example.ts";

const folder = new URL("../../stepfunctions/", import.meta.url);
const machines = readdirSync(folder).filter((name) => name.endsWith(".asl.json"));
const textOf = (name: string): string => readFileSync(new URL(name, folder), "utf8");

describe("the state machines", () => {
  it("are there", () => {
    expect(machines).toContain("failover.asl.json");
  });

  it.each(machines)("%s passes our validator, errors of its functions included", (name) => {
    expect(validate(textOf(name), { errorsOf: errorsByPlaceholder })).toEqual([]);
  });

  it.each(machines.flatMap((name) => linterNames.map((linter) => [name, linter] as const)))(
    "%s passes %s",
    async (name, linter) => {
      expect(await linters[linter](JSON.parse(textOf(name)) as object)).toEqual([]);
    },
  );

  it("loses a handler, and the validator says which error nobody handles", () => {
    const text = textOf("failover.asl.json").replaceAll('"States.ALL"', '"States.Timeout"');
    const rules = validate(text, { errorsOf: errorsByPlaceholder }).map(({ rule }) => rule);
    expect(rules).toContain("unhandled-error");
  });

  it("are bound to the functions of the manifest, without a placeholder left or a function too many", () => {
    for (const place of buildManifest(readValid(exampleText).plan).places) {
      for (const machine of place.machines) {
        const text = readFileSync(new URL(`../../${machine.definition}`, import.meta.url), "utf8");
        const bound = bindDefinition(
          text,
          machine,
          (name) => `arn:aws:lambda:eu-west-3:111122223333:function:${name}`,
        );
        expect(bound).not.toMatch(/\$\{/);
        const deployed = new Set(place.functions.map((entry) => entry.name));
        expect(Object.values(machine.functions).filter((name) => !deployed.has(name))).toEqual([]);
        expect(Object.keys(functionErrors).sort()).toEqual(Object.values(machine.functions).sort());
      }
    }
  });

  it("know only errors of the catalogue", () => {
    const known = new Set(Object.keys(errorCatalogue));
    expect(
      Object.values(functionErrors)
        .flat()
        .filter((name) => !known.has(name)),
    ).toEqual([]);
  });
});
