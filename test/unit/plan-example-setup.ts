import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type { TestProject } from "vitest/node";
import { exampleText, readValid } from "./plan-example.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly examplePlan: RecoveryPlan;
  }
}

/**
 * Reads the example once for all test files: those of `packages/recovery` then load neither YAML nor a schema library,
 * which would take longer than the tests, more than a thousand times over in the mutation tests.
 */
export const setup = (project: TestProject): void =>
  project.provide("examplePlan", readValid(exampleText).plan);
