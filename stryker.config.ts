import type { Stryker } from "@stryker-mutator/core";

/**
 * Mutation tests of `packages/recovery`, where a wrong `<` loses data: Stryker changes the code in one place at a time, and
 * the unit tests have to notice. Nothing is left out: neither the mutants of code that runs once, at import (the tables
 * of rules are such code), nor those of texts, for what a verdict says is what an operator acts on at 3 a.m.
 *
 * Its type checker is not used: it needs the API of a compiler older than ours. Mutants that would not compile count, too.
 */
export default {
  mutate: ["packages/recovery/*.ts"],
  testRunner: "vitest",
  // A mutant is shown to the test files that import its module, and of those to the tests that reach it.
  vitest: { configFile: "vitest.mutants.config.ts", related: true },
  coverageAnalysis: "perTest",
  concurrency: 2,
  thresholds: { high: 95, low: 90, break: 90 },
  // A mutant of code that runs at import takes all tests of its files: that costs half a minute, and is worth it.
  warnings: { slow: false, unknownOptions: true, preprocessorErrors: true, unserializableOptions: true },
  reporters: ["clear-text", "html", "json"],
  // The table alone; which mutants survived, and where, is in the HTML report.
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
  htmlReporter: { fileName: "coverage/mutants/recovery.html" },
  jsonReporter: { fileName: "coverage/mutants/recovery.json" },
  incrementalFile: "coverage/mutants/recovery-incremental.json",
  tempDirName: "coverage/mutants/copies",
  // The copy that is mutated holds what these tests read, and no tsconfig.json: Stryker would rewrite it by the same API.
  ignorePatterns: [
    "*",
    "!packages/**",
    "!test/unit/**",
    "!vitest.mutants.config.ts",
    "!examples/**",
    "!package.json",
  ],
} satisfies ConstructorParameters<typeof Stryker>[0];
