import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type { TaskResult } from "@lifeboat/lab/faults/task";
import { exitCode, type Io } from "./io.ts";
import { paint } from "./paint.ts";

export interface FaultSeeds {
  readonly path: string;
  readonly plan: RecoveryPlan;
  readonly first: number;
  readonly count: number;
  readonly shrinks: boolean;
}

/** Fewer seeds than this cannot be expected to hit every pair of fault and phase, or to be a fair sample. */
const FAIR_SAMPLE = 200;
/** A control plane that refuses everything is safe and useless. */
const LEAST_RECOVERED = 0.4;
const PROGRESS_EVERY = 50;

/** What a seed came to: recovered if anything did, else the last outcome. */
const verdictOf = ({ outcomes }: TaskResult): string =>
  outcomes.some(({ outcome }) => outcome === "recovered")
    ? "recovered"
    : (outcomes.at(-1)?.outcome ?? "nothing moved");

const tally = (results: readonly TaskResult[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const result of results) {
    const verdict = verdictOf(result);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return new Map([...counts].sort(([, left], [, right]) => right - left));
};

/**
 * `lifeboat simulate PLAN --faults`: runs schedules of faults from consecutive seeds on all cores, each twice, and says
 * whether anything happened that must never happen.
 */
export const simulateFaults = async (io: Io, options: FaultSeeds): Promise<number> => {
  const { path, plan, first, count, shrinks } = options;
  const { generateFaults } = await import("@lifeboat/lab/faults/generate-faults");
  const { runTasks } = await import("@lifeboat/lab/faults/run-tasks");
  const { shrink } = await import("@lifeboat/lab/faults/shrink");
  const { measureCoverage, coverageTable } = await import("@lifeboat/lab/faults/coverage");
  const say = (line: string): void => io.out.write(`${line}\n`);

  const tasks = Array.from({ length: count }, (_, index) => {
    const seed = first + index;
    return { seed, faults: generateFaults(plan, seed), times: 2 as const };
  });
  let done = 0;
  const onResult = (result: TaskResult): void => {
    done += 1;
    for (const { invariant, message } of result.violations)
      say(`${paint(io.out, "red", `seed ${result.seed}`)}  ${invariant}: ${message}`);
    if (result.violations.length > 0)
      say(`  repeat it: lifeboat simulate ${path} --faults --seeds 1 --seed ${result.seed} --shrink`);
    if (done % PROGRESS_EVERY === 0 && done < count) io.err.write(`${done} of ${count} seeds\n`);
  };
  const results = await runTasks({ plan, tasks, onResult });
  const failing = results.filter(({ violations }) => violations.length > 0);

  if (shrinks) {
    for (const { seed, faults } of failing) {
      const rest = await shrink(plan, seed, faults);
      say(`\nseed ${seed} fails with ${rest.length} of its ${faults.length} faults:`);
      for (const fault of rest) say(`  ${JSON.stringify(fault)}`);
    }
  }
  if (count === 1) for (const result of results) describeOne(result, say);

  const coverage = measureCoverage(results);
  if (count > 1) {
    say("\nseeds in which a fault struck in a phase");
    say(coverageTable(coverage));
  }
  const outcomes = tally(results);
  const coreSeconds = results.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1000;
  const recovered = outcomes.get("recovered") ?? 0;
  say(
    `\n${count} seeds, each twice: ${[...outcomes].map(([outcome, seeds]) => `${seeds} ${outcome}`).join(", ")}`,
  );
  say(
    `${(count / coreSeconds).toFixed(1)} seeds and ${((2 * count) / coreSeconds).toFixed(1)} runs per second and core`,
  );
  const complaints = [
    ...(failing.length > 0 ? [`${failing.length} seeds broke an invariant`] : []),
    ...(count >= FAIR_SAMPLE && recovered < count * LEAST_RECOVERED
      ? [`only ${recovered} of ${count} seeds recovered`]
      : []),
    ...(count >= FAIR_SAMPLE && coverage.holes.length > 0
      ? [`never tried: ${coverage.holes.join(", ")}`]
      : []),
  ];
  for (const complaint of complaints) say(paint(io.out, "red", complaint));
  if (complaints.length === 0) say(paint(io.out, "green", "no violation"));
  return complaints.length === 0 ? exitCode.done : exitCode.negative;
};

const describeOne = ({ faults, outcomes, digest }: TaskResult, say: (line: string) => void): void => {
  say("\nits schedule, in milliseconds from the start:");
  for (const fault of faults) say(`  ${JSON.stringify(fault)}`);
  for (const { outcome, reason } of outcomes) say(`${outcome}: ${reason}`);
  // A run that the simulation itself broke off has none.
  if (digest !== undefined) say(`digest ${digest}`);
};
