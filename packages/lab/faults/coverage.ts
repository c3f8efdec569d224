import { faultKinds } from "@lifeboat/cloud/faults/fault";
import { failoverPhases } from "@lifeboat/recovery/phases";
import type { TaskResult } from "./task.ts";

/** How many runs had a fault of the kind in force during the phase. */
export interface Coverage {
  readonly counts: ReadonlyMap<string, number>;
  /** Pairs that no run had. */
  readonly holes: readonly string[];
}

export const measureCoverage = (results: readonly TaskResult[]): Coverage => {
  const counts = new Map<string, number>();
  for (const { coverage } of results)
    for (const pair of coverage) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  const holes = faultKinds.flatMap((kind) =>
    failoverPhases.map(({ name }) => `${kind}/${name}`).filter((pair) => !counts.has(pair)),
  );
  return { counts, holes };
};

/** The table of a coverage: a row for each kind of fault, a column for each phase. */
export const coverageTable = ({ counts }: Coverage): string => {
  const phases = failoverPhases.map(({ name }) => name);
  const width = Math.max(...faultKinds.map((kind) => kind.length));
  const head = ["".padEnd(width), ...phases].join("  ");
  const rows = faultKinds.map((kind) =>
    [
      kind.padEnd(width),
      ...phases.map((phase) => String(counts.get(`${kind}/${phase}`) ?? "-").padStart(phase.length)),
    ].join("  "),
  );
  return [head, ...rows].join("\n");
};
