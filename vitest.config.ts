import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/unit/plan-example-setup.ts", "test/integration/workshop-setup.ts"],
    // Two cores: two workers; a file is the unit of isolation.
    pool: "forks",
    maxWorkers: 2,
    // A simulation makes many things that live for an instant: with room for them they are gone before they are copied.
    execArgv: ["--max-semi-space-size=64"],
    // The bundles of functions are what would be deployed: Node loads them as they are, as Lambda would.
    server: { deps: { external: [/\/lifeboat-workshop-/] } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
