import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Stryker's: whether the mutant is there from the import on, or from the first test on. */
    readonly mutantActivation: "static" | "runtime";
  }
}

/*
 * A thread that is kept still has the mutant that it was shown last. Until Stryker names the next, before the first test, the
 * code is what we wrote. A mutant of what runs at import has been named already.
 */
const stryker = (globalThis as { __stryker__?: { activeMutant?: string | undefined } }).__stryker__;
if (stryker !== undefined && inject("mutantActivation") !== "static") stryker.activeMutant = undefined;
