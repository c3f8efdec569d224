import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/unit/plan-example-setup.ts"],
    // Two cores: two workers; a file is the unit of isolation.
    pool: "forks",
    maxWorkers: 2,
    // A simulation makes many things that live for an instant: with room for them they are gone before they are copied.
    execArgv: ["--max-semi-space-size=64"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
