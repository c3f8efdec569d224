import { faultKinds, type FaultKind } from "@lifeboat/cloud/faults/fault";
import type { InjectedFaults } from "@lifeboat/cloud/faults/inject-faults";
import { failoverPhases, type PhaseName } from "@lifeboat/recovery/phases";
import type { Lab } from "../create-lab.ts";
import { phasesIn } from "../measure/phases.ts";

/**
 * What counts as a hit of a kind of fault in a phase. `own`: it struck a call, an invocation or a clock of the execution that was
 * in the phase. `any`: it struck somebody of the simulated world while an execution was in the phase, for what it strikes is
 * nobody's own (a place, a bus, a schedule, the switch). `in`: the same, in the phases in which it has something to strike;
 * in the others what can be asked is only that it was in force, for the reason given.
 */
type Hit =
  | { readonly by: "own" | "any" }
  | { readonly by: "any"; readonly in: readonly PhaseName[]; readonly elsewhere: string };

const hits: Readonly<Record<FaultKind, Hit>> = {
  "site-loss": { by: "any" },
  partition: { by: "any" },
  throttling: { by: "own" },
  latency: { by: "own" },
  "lost-reply": { by: "own" },
  kill: { by: "own" },
  "cold-starts": {
    by: "any",
    in: [
      "approve",
      "claim",
      "promote",
      "start-services",
      "verify-standby",
      "shift-traffic",
      "restart-workers",
    ],
    elsewhere: "its functions run once in a recovery, and start cold anyway",
  },
  "event-disorder": { by: "any" },
  "stale-describes": {
    by: "any",
    in: ["assess", "promote", "start-services", "restart-workers"],
    elsewhere: "nothing is described there that changes with time",
  },
  "stuck-operation": {
    by: "any",
    in: ["promote", "start-services", "restart-workers"],
    elsewhere: "no operation begins there that takes longer than its call",
  },
  "expired-token": {
    by: "any",
    in: ["approve"],
    elsewhere: "nobody is asked there but by a hold, and whether there is one is another fault's matter",
  },
  "clock-drift": { by: "own" },
  "skipped-ticks": { by: "any" },
  "kill-switch": { by: "any" },
};

/** `kind/phase` of each pair that a run hit. */
export const coverageOf = ({ cloud }: Pick<Lab, "cloud">, injected: InjectedFaults): readonly string[] => {
  const pairs = new Set<string>();
  // Sorted first: a run has thousands of strikes, of a few kinds.
  const strikes = Map.groupBy(injected.strikes(), ({ kind }) => kind);
  const windows = Map.groupBy(injected.windows(), ({ kind }) => kind);
  for (const { arn, history } of cloud.sfn.executions.values()) {
    for (const { name, startedAtMs, endedAtMs } of phasesIn(history)) {
      const isDuring = (span: { readonly fromMs: number; readonly untilMs: number }): boolean =>
        span.fromMs <= endedAtMs && span.untilMs >= startedAtMs;
      for (const kind of faultKinds) {
        const pair = `${kind}/${name}`;
        if (pairs.has(pair)) continue;
        const hit = hits[kind];
        const isStruck = strikes
          .get(kind)
          ?.some((strike) => isDuring(strike) && (hit.by === "any" || strike.execution === arn));
        const isInForce = "in" in hit && !hit.in.includes(name) && windows.get(kind)?.some(isDuring);
        if (isStruck === true || isInForce === true) pairs.add(pair);
      }
    }
  }
  return [...pairs].sort();
};

/** How many runs hit each pair. */
export interface Coverage {
  readonly counts: ReadonlyMap<string, number>;
  /** Pairs that no run had. */
  readonly holes: readonly string[];
}

export const measureCoverage = (results: readonly { readonly coverage: readonly string[] }[]): Coverage => {
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
