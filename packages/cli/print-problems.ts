import type { PlanProblem } from "@lifeboat/plan/read-plan";
import type { Output } from "./io.ts";
import { paint, printable } from "./paint.ts";

/** Of longer lines only the part around the problem is shown. */
const widest = 80;
/** Further problems are most often echoes of the first. */
const most = 50;

/** The line of the text and a caret below the column, both cut to what fits. */
const excerpt = (line: string, column: number): { readonly shown: string; readonly caret: string } => {
  const from =
    line.length <= widest ? 0 : Math.max(0, Math.min(column - 1 - widest / 2, line.length - widest));
  const cut = line.slice(from, from + widest);
  const lead = from > 0 ? "…" : "";
  const trail = from + widest < line.length ? "…" : "";
  return {
    shown: `${lead}${printable(cut)}${trail}`,
    caret: `${" ".repeat(lead.length + Math.max(0, column - 1 - from))}^`,
  };
};

const counted = (amount: number, word: string): string => `${amount} ${word}${amount === 1 ? "" : "s"}`;

/** How many problems there are: `2 errors, 1 warning`. */
export const tally = (problems: readonly PlanProblem[]): string => {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  return [
    ...(errors > 0 ? [counted(errors, "error")] : []),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ].join(", ");
};

/** Prints problems as a person reads them: the place and what to do first, then the line of the text with a caret. */
export const printProblems = (output: Output, problems: readonly PlanProblem[], text: string): void => {
  const lines = text.split("\n");
  for (const problem of problems.slice(0, most)) {
    const { file, line, column, path, severity, message, expected, suggestion } = problem;
    const advice = suggestion ?? (expected === undefined ? undefined : `expected ${expected}`);
    const { shown, caret } = excerpt((lines[line - 1] ?? "").replace(/\r$/, ""), column);
    const margin = String(line).padStart(6);
    const blank = " ".repeat(margin.length);
    const colour = severity === "error" ? "red" : "yellow";
    const head = [
      paint(output, "bold", `${file}:${line}:${column}`),
      ...(path === "" ? [] : [paint(output, "cyan", printable(path))]),
      `${severity === "warning" ? `${paint(output, "yellow", "warning")}: ` : ""}${printable(message)}${advice === undefined ? "" : `, ${printable(advice)}`}`,
    ];
    output.write(`${head.join("  ")}\n`);
    output.write(`${paint(output, "dim", `${margin} |`)} ${shown}\n`);
    output.write(`${paint(output, "dim", `${blank} |`)} ${paint(output, colour, caret)}\n`);
    if (suggestion !== undefined && expected !== undefined) {
      output.write(`${paint(output, "dim", `${blank} =`)} expected ${printable(expected)}\n`);
    }
  }
  if (problems.length > most) output.write(`… and ${problems.length - most} more\n`);
};
