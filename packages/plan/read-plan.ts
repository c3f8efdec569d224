import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { hashPlan } from "./parse-published.ts";
import { checkDocument } from "./check-document.ts";
import { explainIssues } from "./explain-issue.ts";
import { type Finding, type PlanProblem, renderPath } from "./problem.ts";
import type { PlanDocument } from "./schema.ts";
import { readYaml, type YamlDocument } from "./yaml-document.ts";

export type { PlanProblem } from "./problem.ts";

export type PlanReading =
  | {
      readonly ok: true;
      readonly plan: RecoveryPlan;
      /** What was written, without defaults. */
      readonly document: PlanDocument;
      /** Of what the plan means; spacing, comments, order of fields and spelling of values do not change it. */
      readonly hash: string;
      readonly warnings: readonly PlanProblem[];
    }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };

/** Gives findings their place in the text: in order of position, each once. */
const locate = (findings: readonly Finding[], yaml: YamlDocument, file: string): readonly PlanProblem[] => {
  const placed = findings
    .map((finding) => ({ finding, offset: finding.offset ?? yaml.offsetOf(finding.path, finding.at) }))
    .sort((left, right) => left.offset - right.offset);
  const seen = new Set<string>();
  return placed.flatMap(({ finding, offset }): readonly PlanProblem[] => {
    const { path, severity, message, expected, suggestion } = finding;
    // An alias repeats a value, and with it its problems: one place, one field, one message.
    const identity = JSON.stringify([offset, path.at(-1) ?? "", message]);
    if (seen.has(identity)) return [];
    seen.add(identity);
    return [
      {
        file,
        ...yaml.lineAndColumn(offset),
        path: renderPath(path),
        severity: severity ?? "error",
        message,
        ...(expected === undefined ? {} : { expected }),
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ];
  });
};

/**
 * Reads a recovery plan from YAML (or JSON) text. All problems are told at once, in order of position; `file` is only
 * repeated in them. Never throws.
 */
export const readPlan = (text: string, { file }: { readonly file: string }): PlanReading => {
  const yaml = readYaml(text);
  if (yaml.value === undefined) return { ok: false, problems: locate(yaml.findings, yaml, file) };
  const { plan, issues, faults } = checkDocument(yaml.value);
  const damaged = new Set(yaml.findings.map(({ path }) => renderPath(path)));
  const findings: readonly Finding[] = [
    ...yaml.findings,
    // What the reader refused looks like missing to the schema.
    ...explainIssues(yaml.value, issues, yaml.sourceOf).filter(
      ({ path }) => path.length === 0 || !damaged.has(renderPath(path)),
    ),
    ...faults.map(({ path, at, severity, message }): Finding => ({
      path,
      at,
      message,
      ...(severity === "warning" ? { severity } : {}),
    })),
  ];
  const problems = locate(findings, yaml, file);
  if (plan === undefined || problems.some(({ severity }) => severity === "error"))
    return { ok: false, problems };
  // The schema accepted the document, so it is one.
  const document = yaml.value as PlanDocument;
  return { ok: true, plan, document, hash: hashPlan(plan), warnings: problems };
};
