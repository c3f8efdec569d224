import { nameOf } from "./acts.ts";
import type { Checker } from "./evidence.ts";
import { isDryRun } from "./read-execution.ts";

/** A dry run makes no mutating call at all (invariant 13): not even in Lifeboat's own books. */
export const dryRunMutatesNothing: Checker = ({ wire, executions }) => {
  const dry = new Set(executions.filter(isDryRun).map(({ arn }) => arn));
  return wire
    .filter(({ mutating, origin }) => mutating && dry.has(origin.execution ?? ""))
    .map((record) => ({
      invariant: "dry-run-mutates-nothing",
      message: `${nameOf(record)} on behalf of the dry run ${record.origin.execution}`,
      atMs: record.atMs,
    }));
};
