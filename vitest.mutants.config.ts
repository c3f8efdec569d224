import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const top = fileURLToPath(new URL(".", import.meta.url));

/** The tests that mutants of `packages/recovery` have to fail: those of its decisions and of its plan rules. */
export default defineConfig({
  root: top,
  // In Stryker's copy of the repository the names of our packages still lead, through node_modules, to the original.
  resolve: { alias: [{ find: /^@lifeboat\/(.+)$/, replacement: `${top}packages/$1.ts` }] },
  test: {
    include: ["test/unit/recovery-*.test.ts", "test/unit/plan-rules.test.ts"],
    globalSetup: ["test/unit/plan-example-setup.ts"],
    // One worker for all files of a run. Stryker begins each run with a new one, and activates its mutant before that worker
    // loads any code, so that what is evaluated once, at import, is mutated, too.
    isolate: false,
  },
});
