import type { Simulation, TimelineEvent } from "@lifeboat/lab/simulate";
import { nearestName } from "@lifeboat/plan/nearest-name";
import { exitCode, type Io, refuse, type RunCommand } from "./io.ts";
import { loadPlan } from "./load-plan.ts";
import { paint } from "./paint.ts";
import { parseOptions } from "./parse-options.ts";
import { printSummary, printTimeline } from "./print-simulation.ts";
import { toJson } from "./simulation-json.ts";

const syntax = {
  command: "simulate",
  options: {
    scenario: { type: "string" },
    seed: { type: "string" },
    json: { type: "boolean" },
    history: { type: "string" },
    faults: { type: "boolean" },
    seeds: { type: "string" },
    shrink: { type: "boolean" },
  },
  operand: "PLAN",
  least: 0,
  most: 1,
} as const;

const LARGEST_SEED = 4_294_967_295;
const MOST_SEEDS = 1_000_000;

/** The number that a text of digits means; undefined for any other text, and beyond the limits. */
const wholeNumber = (text: string, least: number, most: number): number | undefined => {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined;
};

/** `lifeboat simulate PLAN`: the plan's workload in a simulated AWS, a scenario, and what became of it. */
export const simulate: RunCommand = async (args, io) => {
  const parsed = parseOptions(args, syntax);
  if (!parsed.ok) return refuse(io, parsed.message);
  const { values, positionals } = parsed;
  const { scenarios, scenarioNamed } = await import("@lifeboat/lab/scenarios/catalogue");
  if (values.scenario === "list") {
    const width = Math.max(...scenarios.map(({ name }) => name.length));
    for (const { name, summary } of scenarios) io.out.write(`${name.padEnd(width)}  ${summary}\n`);
    return exitCode.done;
  }
  const [path] = positionals;
  if (path === undefined)
    return refuse(io, 'PLAN is missing; "lifeboat help simulate" tells what "lifeboat simulate" takes');
  const scenario = scenarioNamed(values.scenario ?? "region-loss");
  if (scenario === undefined) {
    const names = scenarios.map(({ name }) => name);
    const meant = nearestName(values.scenario ?? "", names);
    const hint = meant === undefined ? ";" : `, did you mean "${meant}"?`;
    return refuse(
      io,
      `unknown scenario ${JSON.stringify(values.scenario)}${hint} expected one of ${names.join(", ")}`,
    );
  }
  const seed = wholeNumber(values.seed ?? "1", 0, LARGEST_SEED);
  if (seed === undefined) {
    return refuse(
      io,
      `the option --seed takes a whole number from 0 to ${LARGEST_SEED}, but got ${JSON.stringify(values.seed)}`,
    );
  }
  const count = wholeNumber(values.seeds ?? "1", 1, MOST_SEEDS);
  if (count === undefined) {
    return refuse(
      io,
      `the option --seeds takes a whole number from 1 to ${MOST_SEEDS}, but got ${JSON.stringify(values.seeds)}`,
    );
  }
  const misplaced =
    values.faults === true
      ? (["scenario", "json", "history"] as const).find((name) => values[name] !== undefined)
      : (["seeds", "shrink"] as const).find((name) => values[name] !== undefined);
  if (misplaced !== undefined)
    return refuse(
      io,
      `the option --${misplaced} ${values.faults === true ? "goes without" : "needs"} --faults`,
    );
  const reading = await loadPlan(path, io);
  if (reading === undefined) return exitCode.badInput;
  if (values.faults === true) {
    const { simulateFaults } = await import("./simulate-faults.ts");
    return simulateFaults(io, { ...reading, path, first: seed, count, shrinks: values.shrink === true });
  }

  const isJson = values.json === true;
  const { simulate: run } = await import("@lifeboat/lab/simulate");
  const onEvent = (event: TimelineEvent): void => printTimeline(io.out, event);
  if (!isJson) {
    io.out.write(`${paint(io.out, "bold", `${scenario.name}: ${scenario.summary}`)}\n`);
    io.out.write(
      `workload ${reading.plan.workload}, seed ${seed}; times in minutes and seconds of virtual time since the outage (before the first one: since the start)\n\n`,
    );
  }
  const simulation = await run({
    plan: reading.plan,
    scenario,
    seed,
    ...(isJson ? {} : { onEvent }),
  });
  if (isJson) io.out.write(`${JSON.stringify(toJson(simulation), null, 2)}\n`);
  else printSummary(io.out, simulation);
  if (values.history !== undefined) {
    const written = await io.files.write(values.history, historyOf(simulation), "replace");
    if (!written.ok) return refuse(io, `cannot write the history to ${values.history}: ${written.reason}`);
  }
  return succeeded(simulation) ? exitCode.done : exitCode.negative;
};

/** Each scenario says how it is meant to end; none may break an invariant. */
const succeeded = ({ expected, result, violations }: Simulation): boolean =>
  result.outcome === expected && violations.length === 0;

/** The executions' histories as GetExecutionHistory gives them, one object for each execution. */
const historyOf = ({ lab }: Simulation): string =>
  `${JSON.stringify(
    [...lab.cloud.sfn.executions.values()].map((record) => ({
      executionArn: record.arn,
      status: record.state.status,
      events: record.history.map(({ timestampMs, ...event }) => ({
        ...event,
        timestamp: new Date(timestampMs).toISOString(),
      })),
    })),
    null,
    2,
  )}\n`;

export type { Io };
