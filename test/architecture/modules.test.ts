import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readModule } from "./read-module.ts";
import { checkCounts, checkFile, checkFolders, countFiles, partNames, type Violation } from "./rules.ts";
import { folders, sourceFiles } from "./source-files.ts";

/** Fewer files than these mean that the scan is broken, not that the house has shrunk. */
const least: Readonly<Record<string, number>> = {
  recovery: 12,
  plan: 12,
  operations: 20,
  "control-plane": 5,
  aws: 12,
  functions: 16,
  asl: 20,
  cloud: 80,
  lab: 5,
  cli: 6,
  test: 20,
  infra: 3,
};

const show = ({ rule, path, line, message }: Violation): string => `${path}:${line} [${rule}] ${message}`;
const rulesBroken = (path: string, text: string): readonly string[] =>
  checkFile({ path, text }).map(({ rule }) => rule);

describe("the house", () => {
  const files = sourceFiles();

  it("was scanned, every part of it", () => {
    expect(checkCounts(countFiles(files), least).map(show)).toEqual([]);
  });

  it("has no package that the rules do not know", () => {
    const packages = readdirSync(new URL("../../packages/", import.meta.url));
    expect(packages.filter((name) => !(partNames as readonly string[]).includes(name))).toEqual([]);
  });

  it("keeps its rules in every file", () => {
    expect(files.flatMap((file) => checkFile(file)).map(show)).toEqual([]);
  });

  it("names no folder for what is not in it", () => {
    const scanned = folders();
    expect(scanned.length).toBeGreaterThan(30);
    expect(checkFolders(scanned).map(show)).toEqual([]);
  });
});

describe("an empty scan", () => {
  it("fails for every part", () => {
    expect(checkCounts(countFiles([]), least)).toHaveLength(Object.keys(least).length);
  });

  it("fails when one part went missing", () => {
    const files = Object.entries(least).flatMap(([part, number]) =>
      part === "asl"
        ? []
        : Array.from({ length: number }, (_, index) => ({
            path: ["functions", "test", "infra"].includes(part)
              ? `${part}/${index}.ts`
              : `packages/${part}/${index}.ts`,
          })),
    );
    expect(checkCounts(countFiles(files), least).map(({ path }) => path)).toEqual(["asl"]);
  });
});

describe("imports run one way", () => {
  it.each([
    ["packages/recovery/a.ts", "@lifeboat/operations/ports"],
    ["packages/recovery/a.ts", "node:crypto"],
    ["packages/recovery/a.ts", "zod"],
    ["packages/recovery/a.ts", "@lifeboat/recovery/plan"],
    ["packages/recovery/a.ts", "../plan/schema.ts"],
    ["packages/operations/a.ts", "@lifeboat/aws/rds"],
    ["packages/operations/steps/a.ts", "../../aws/rds.ts"],
    ["packages/operations/a.ts", "node:fs"],
    ["packages/aws/a.ts", "@lifeboat/plan/schema"],
    ["packages/plan/a.ts", "@lifeboat/operations/ports"],
    ["packages/control-plane/a.ts", "@lifeboat/plan/read-plan"],
    ["packages/asl/a.ts", "@lifeboat/recovery/plan"],
    ["packages/cloud/services/a.ts", "@lifeboat/asl/interpreter"],
    ["packages/lab/a.ts", "@lifeboat/cli/run"],
    ["functions/a.ts", "@lifeboat/lab/simulate"],
    ["functions/a.ts", "../packages/aws/rds.ts"],
  ])("%s must not import %s", (path, specifier) => {
    for (const text of [
      `import { a } from "${specifier}";`,
      `import type { A } from "${specifier}";`,
      `export * from "${specifier}";`,
      `export type A = import("${specifier}").A;`,
      `export const a = () => import("${specifier}");`,
    ]) {
      expect({ text, broken: rulesBroken(path, text) }).toEqual({
        text,
        broken: expect.arrayContaining(["one-way"]),
      });
    }
  });

  it.each([
    ["packages/recovery/a.ts", "./lease.ts"],
    ["packages/operations/steps/a.ts", "../ledger/places.ts"],
    ["packages/operations/steps/a.ts", "@lifeboat/recovery/lease"],
    ["packages/aws/a.ts", "@lifeboat/operations/ports"],
    ["functions/a.ts", "@lifeboat/plan/parse-published"],
    ["packages/lab/a.ts", "@lifeboat/functions/begin"],
    ["packages/cli/a.ts", "@lifeboat/lab/simulate"],
  ])("%s may import %s", (path, specifier) => {
    expect(rulesBroken(path, `import { a } from "${specifier}";`)).toEqual([]);
  });

  it("lets only the top of the house load modules that runs tell", () => {
    const text = "export const load = (name: string) => import(`@lifeboat/${name}`);";
    expect(rulesBroken("packages/operations/a.ts", text)).toEqual(["one-way"]);
    expect(rulesBroken("packages/lab/a.ts", text)).toEqual([]);
  });

  it("is not confused by comments and strings", () => {
    const text = [
      '// import { a } from "@lifeboat/aws/rds";',
      '/* export * from "node:fs"; */',
      "export const a = 'import { b } from \"@aws-sdk/client-s3\"; Date.now(); enum E {}';",
      "export const b = `setTimeout(() => Math.random()); export default 1`;",
      "export const c = /new Date()/;",
    ].join("\n");
    expect(rulesBroken("packages/recovery/a.ts", text)).toEqual([]);
  });
});

describe("the AWS SDK", () => {
  const value = 'import { S3Client } from "@aws-sdk/client-s3";';
  const types = 'import type { Bucket } from "@aws-sdk/client-s3";';
  const mixed = 'import { type Bucket, S3Client } from "@smithy/types";';

  it.each([
    ["packages/operations/a.ts", types],
    ["packages/lab/a.ts", value],
    ["packages/lab/a.ts", mixed],
    ["packages/lab/a.ts", 'export { S3Client } from "@aws-sdk/client-s3";'],
    ["packages/cloud/services/s3/a.ts", value],
    ["packages/cloud/services/s3/a.ts", mixed],
    ["packages/cli/a.ts", types],
    ["functions/a.ts", value],
    ["functions/runtime/a.ts", types],
  ])("has no home in %s: %s", (path, text) => {
    expect(rulesBroken(path, text)).toContain("sdk-home");
  });

  it.each([
    ["packages/aws/a.ts", value],
    ["packages/cloud/wire/a.ts", value],
    ["packages/cloud/services/s3/a.ts", types],
    ["packages/cloud/services/s3/a.ts", 'import { type Bucket } from "@aws-sdk/client-s3";'],
    ["packages/lab/a.ts", types],
  ])("is at home in %s: %s", (path, text) => {
    expect(rulesBroken(path, text)).toEqual([]);
  });
});

describe("time and chance", () => {
  it.each([
    "export const a = Date.now();",
    "export const a = globalThis.Date.now();",
    'export const a = Date["now"]();',
    "const { now } = Date; export const a = now();",
    "export const a = new Date();",
    "export const a = new globalThis.Date();",
    "export const a = Date();",
    "export const a = [1].map(Math.random);",
    "export const a = performance.now();",
    "setTimeout(() => undefined, 1);",
    "globalThis.setInterval(() => undefined, 1);",
    "export const a = new Promise((resolve) => setImmediate(resolve));",
    "export const a = `${`${Date.now()}`}`;",
    'import { setTimeout as sleep } from "node:timers/promises"; export const a = sleep;',
    'import * as timers from "timers"; export const a = timers;',
    'import { randomUUID as uuid } from "node:crypto"; export const a = uuid;',
  ])("come from ports: %s", (text) => {
    for (const path of ["packages/asl/a.ts", "packages/lab/a.ts", "functions/a.ts", "packages/cli/a.ts"]) {
      expect(rulesBroken(path, text)).toContain("ambient");
    }
  });

  it.each([
    "export const a = new Date(0);",
    "export const a = (clock: { now(): number }) => clock.now();",
    "export const a = (random: { random(): number }) => random.random();",
    "export const a = Date.parse('2026-01-01');",
    "export const a = Math.floor(1.5);",
  ])("leave alone what is neither: %s", (text) => {
    expect(rulesBroken("packages/asl/a.ts", text)).toEqual([]);
  });

  it("have three homes", () => {
    const text = "export const a = Date.now();";
    for (const path of [
      "packages/aws/system.ts",
      "packages/cloud/kernel/clock.ts",
      "packages/lab/virtual-globals.ts",
      "bench/a.ts",
    ])
      expect(rulesBroken(path, text)).toEqual([]);
    expect(rulesBroken("packages/aws/systems.ts", text)).toEqual(["ambient"]);
  });
});

describe("the form of a module", () => {
  it.each(["export enum E { A }", "const enum E { A }", "declare enum E { A }"])(
    "has no enums: %s",
    (text) => {
      expect(rulesBroken("packages/asl/a.ts", text)).toEqual(["enums"]);
    },
  );

  it.each([
    "export default 1;",
    "const a = 1; export { a as default };",
    'export { default } from "./b.ts";',
  ])("has no default export: %s", (text) => {
    expect(rulesBroken("packages/asl/a.ts", text)).toEqual(["default-export"]);
    expect(rulesBroken("vitest.config.ts", text)).toEqual([]);
  });

  it("is read, or the rule fails", () => {
    expect(() => readModule("a.ts", "export const = ;")).toThrow(SyntaxError);
  });

  it("lies in no folder called utils, helpers, common or types", () => {
    const planted = ["packages/asl/utils", "packages/lab/a/helpers", "test/common", "packages/plan/types"];
    expect(checkFolders([...planted, "packages/plan/commons"]).map(({ path }) => path)).toEqual(planted);
  });
});
