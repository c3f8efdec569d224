import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { keepThreads } from "./test/unit/kept-threads.ts";

const top = fileURLToPath(new URL(".", import.meta.url));

/** The tests that mutants of `packages/recovery` have to fail: those of its decisions and of its plan rules. */
export default defineConfig({
  root: top,
  plugins: [keepThreads],
  // In Stryker's copy of the repository the names of our packages still lead, through node_modules, to the original.
  resolve: { alias: [{ find: /^@lifeboat\/(.+)$/, replacement: `${top}packages/$1.ts` }] },
  test: {
    include: ["test/unit/recovery-*.test.ts", "test/unit/plan-rules.test.ts"],
    globalSetup: ["test/unit/plan-example-setup.ts"],
    setupFiles: ["test/unit/no-mutant-yet.ts"],
    // One worker for all files of a run, and for the next runs (kept-threads.ts).
    isolate: false,
    // Stryker counts, and nobody reads what Vitest would print for each mutant.
    reporters: [{}],
  },
});
