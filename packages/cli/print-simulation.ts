import type { Measured } from "@lifeboat/lab/measure/measure-run";
import type { Simulation, TimelineEvent } from "@lifeboat/lab/simulate";
import type { Output } from "./io.ts";
import { paint } from "./paint.ts";

/** `+6:52.3`, counted from the outage, or from the start before it. */
const clockOf = (atMs: number): string => {
  const sign = atMs < 0 ? "-" : "+";
  const tenths = Math.round(Math.abs(atMs) / 100);
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  return `${sign}${Math.floor(tenths / 600)}:${seconds}`;
};

const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

const colourOf = {
  outage: "bold",
  world: "red",
  alarm: "yellow",
  phase: "bold",
  hold: "yellow",
  step: "dim",
  users: "cyan",
  note: "yellow",
} as const;

/** One line of the live timeline. Steps are indented below the phase that they belong to. */
export const printTimeline = (out: Output, { atMs, kind, text }: TimelineEvent): void => {
  const line = kind === "step" ? `    ${text}` : kind === "note" ? `    for people: ${text}` : text;
  out.write(`${clockOf(atMs).padStart(9)}  ${paint(out, colourOf[kind], line)}\n`);
};

const objective = (out: Output, achievedMs: number, targetMs: number): string => {
  const met = achievedMs <= targetMs;
  return paint(out, met ? "green" : "red", `${met ? "met" : "MISSED"}, target ${duration(targetMs)}`);
};

const printOne = (out: Output, { objectives }: Simulation, measured: Measured): void => {
  const row = (label: string, value: string): void => out.write(`  ${label.padEnd(14)}${value}\n`);
  const { rtoMs, rpoMs, lost } = measured;
  row(
    "outcome",
    `${paint(out, measured.outcome === "recovered" ? "green" : "bold", measured.outcome)}, epoch ${measured.epoch}`,
  );
  row("because", measured.reason);
  if (rtoMs !== null) row("RTO", `${duration(rtoMs)} (${objective(out, rtoMs, objectives.rtoMs)})`);
  if (rpoMs !== null) {
    row(
      "RPO",
      `between ${duration(rpoMs.min)} and ${duration(rpoMs.max)} (${objective(out, rpoMs.max, objectives.rpoMs)})`,
    );
    const writes = `${lost.writes} acknowledged ${lost.writes === 1 ? "write" : "writes"}`;
    row("lost", `${writes} of users, within ${duration(lost.spanMs.max)}`);
  }
  if (rtoMs !== null) {
    row(
      "time went to",
      `${measured.detectionMs === null ? "" : `detection ${duration(measured.detectionMs)}, `}safety ${duration(measured.safetyWaitMs)}, AWS ${duration(measured.awsMs)}, people ${duration(measured.humanWaitMs)}, overhead ${duration(measured.overheadMs)} (all but the last overlap in part)`,
    );
  }
  row(
    "spent",
    `${measured.apiCalls} API calls, ${measured.mutatingCalls} of them mutating; ${measured.transitions} state transitions`,
  );
};

/** What the scenario came to, each execution by itself. */
export const printSummary = (out: Output, simulation: Simulation): void => {
  for (const [index, measured] of simulation.recoveries.entries()) {
    const which =
      simulation.recoveries.length === 1 ? "" : ` ${index + 1} of ${simulation.recoveries.length}`;
    out.write(`\n${paint(out, "bold", `Execution${which}`)}\n`);
    printOne(out, simulation, measured);
  }
  const { violations } = simulation;
  if (violations.length > 0) out.write(`\n${paint(out, "red", "What must never happen, and did")}\n`);
  for (const { invariant, message, atMs } of violations)
    out.write(`  ${paint(out, "red", invariant)}  ${new Date(atMs).toISOString()}  ${message}\n`);
};
