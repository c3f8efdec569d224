import { type PlanReading, readPlan } from "@lifeboat/plan/read-plan";
import { type Io, refuse } from "./io.ts";
import { paint } from "./paint.ts";
import { printProblems, tally } from "./print-problems.ts";

/**
 * Reads the plan of a file for a command. What is wrong with it goes to stderr in full; undefined: there is no plan, and the
 * command ends with `exitCode.badInput`.
 */
export const loadPlan = async (
  path: string,
  io: Io,
): Promise<Extract<PlanReading, { ok: true }> | undefined> => {
  const file = await io.files.read(path);
  if (!file.ok) {
    refuse(
      io,
      `cannot read ${path}: ${file.reason}; give the path of a recovery plan, or write one with "lifeboat init"`,
    );
    return undefined;
  }
  const reading = readPlan(file.text, { file: path });
  const problems = reading.ok ? reading.warnings : reading.problems;
  printProblems(io.err, problems, file.text);
  if (reading.ok) return reading;
  io.err.write(`${paint(io.err, "red", `${path} is no valid plan`)}: ${tally(problems)}\n`);
  return undefined;
};
