import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { hashDocument } from "./canonical-json.ts";
import { checkDocument } from "./check-document.ts";
import { renderPath } from "./problem.ts";
import type { PlanDocument } from "./schema.ts";

/*
 * A plan as it is published to each region: one JSON object with the document and its hash. Functions read this form,
 * without a YAML parser in their bundle.
 */

export type PublishedReading =
  | { readonly ok: true; readonly plan: RecoveryPlan; readonly hash: string }
  | { readonly ok: false; readonly reason: string };

/** The text to publish. */
export const toPublished = (document: PlanDocument): string =>
  `${JSON.stringify({ hash: hashDocument(document), document })}\n`;

const refuse = (reason: string): PublishedReading => ({ ok: false, reason });

let newest: { readonly text: string; readonly reading: PublishedReading & { readonly ok: true } } | undefined;

/**
 * As {@link parsePublished}, but the same text as last time is not checked again: a container reads the same plan at every
 * call. Safe because what a text means depends on nothing but the text, and nobody writes to a plan.
 */
export const parsePublishedOnce = (text: string): PublishedReading => {
  if (newest?.text === text) return newest.reading;
  const reading = parsePublished(text);
  if (reading.ok) newest = { text, reading };
  return reading;
};

/**
 * Reads a published plan. `expectedHash` is what an execution or an approval is bound to: any other plan, however well
 * formed, is refused. Never throws; the reason is one sentence for an operator.
 */
export const parsePublished = (text: string, expectedHash?: string): PublishedReading => {
  let published: unknown;
  try {
    published = JSON.parse(text);
  } catch {
    return refuse("the published plan is not JSON; publish it again");
  }
  if (
    typeof published !== "object" ||
    published === null ||
    !("hash" in published) ||
    !("document" in published)
  ) {
    return refuse("the published plan has no hash or no document; publish it again");
  }
  const { hash, document } = published;
  const { plan, issues, faults } = checkDocument(document);
  const problems = [
    ...issues.map(({ path, message }) => `${renderPath(path as (string | number)[])}: ${message}`),
    ...faults
      .filter(({ severity }) => severity === "error")
      .map(({ path, message }) => `${renderPath(path)}: ${message}`),
  ];
  if (plan === undefined || problems.length > 0) {
    const [first] = problems;
    return refuse(
      `the published plan does not fit this version (${problems.length} problems, first ${first ?? "none"}); validate and publish it again`,
    );
  }
  const actual = hashDocument(document);
  if (hash !== actual)
    return refuse("the published plan was changed after its hash was taken; publish it again");
  if (expectedHash !== undefined && expectedHash !== actual) {
    return refuse(`the published plan is ${actual}, but ${expectedHash} was expected: it was published anew`);
  }
  return { ok: true, plan, hash: actual };
};
