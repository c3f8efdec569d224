import { readFileSync } from "node:fs";
import { type PlanProblem, type PlanReading, readPlan } from "@lifeboat/plan/read-plan";
import { type Document, parseDocument } from "yaml";

export const exampleFile = "examples/spacelift.plan.yaml";

export const exampleText = readFileSync(new URL(`../../${exampleFile}`, import.meta.url), "utf8");

/** The example with a change to its tree, as text again. */
export const withEdit = (edit: (plan: Document) => void): string => {
  const document: Document = parseDocument(exampleText);
  edit(document);
  return document.toString();
};

/** The example with one value set; undefined removes the field. */
export const withValue = (path: readonly (string | number)[], value: unknown): string =>
  withEdit((plan) => {
    if (value === undefined) plan.deleteIn(path);
    else plan.setIn(path, plan.createNode(value));
  });

/** The example with a piece of its text replaced. Fails when the piece is not there, so that no test tests nothing. */
export const withText = (piece: string, other: string): string => {
  if (!exampleText.includes(piece)) throw new Error(`the example has no ${JSON.stringify(piece)}`);
  return exampleText.replace(piece, other);
};

export const problemsOf = (text: string): readonly PlanProblem[] => {
  const reading = readPlan(text, { file: "x.yaml" });
  return reading.ok ? [] : reading.problems;
};

/** Reads what has to be a valid plan. */
export const readValid = (text: string): Extract<PlanReading, { ok: true }> => {
  const reading = readPlan(text, { file: "x.yaml" });
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems, null, 2));
  return reading;
};
