import { configDefaults, defineConfig } from "vitest/config";

/** These spread their runs over all cores by themselves: one at a time, and nothing beside them. */
const OVER_ALL_CORES = [
  "test/simulation/faults.test.ts",
  "test/simulation/claim-faults.test.ts",
  "test/simulation/finish-faults.test.ts",
  "test/simulation/exhaustive.test.ts",
  "test/simulation/mutants/mutants.test.ts",
];

export default defineConfig({
  test: {
    globalSetup: ["test/unit/plan-example-setup.ts", "test/integration/workshop-setup.ts"],
    // A file is the unit of isolation.
    pool: "forks",
    // A simulation makes many things that live for an instant: with room for them they are gone before they are copied.
    execArgv: ["--max-semi-space-size=64"],
    // The bundles of functions are what would be deployed: Node loads them as they are, as Lambda would.
    server: { deps: { external: [/\/lifeboat-workshop-/] } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "files",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...OVER_ALL_CORES],
          // Two cores: two workers.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: "all cores", include: OVER_ALL_CORES, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
