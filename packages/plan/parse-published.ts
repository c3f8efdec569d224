import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { canonicalJson, sha256 } from "./canonical-json.ts";

/*
 * A plan as it is published to each region: one JSON object with the plan as it was read and checked, and its hash. Whoever
 * publishes has checked it (`read-plan`); functions check that it is what was published. They need neither a YAML parser nor the
 * schema in their bundles: building the schema was a fifth of a cold start beyond the SDK's.
 */

/**
 * The shape of a published plan. One more for each change of it: a function never takes a plan of another shape for one of its
 * own, whichever of the two a deployment has replaced first. test/unit/plan-published.test.ts notices a change.
 */
export const PLAN_FORMAT = 2;

export type PublishedReading =
  | { readonly ok: true; readonly plan: RecoveryPlan; readonly hash: string }
  | { readonly ok: false; readonly reason: string };

/**
 * What approvals and executions are bound to: SHA-256 over the plan's meaning, as 64 hexadecimal digits. `60s` and `1m` mean the
 * same, a default that is written down means what it means when left out, and a default that changes with a version does not.
 */
export const hashPlan = (plan: RecoveryPlan): string => hashPublished(plan);

const hashPublished = (plan: unknown): string => sha256(canonicalJson({ format: PLAN_FORMAT, plan }));

/** The text to publish. */
export const toPublished = (plan: RecoveryPlan): string =>
  `${JSON.stringify({ format: PLAN_FORMAT, hash: hashPlan(plan), plan })}\n`;

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
    !("format" in published) ||
    !("hash" in published) ||
    !("plan" in published)
  ) {
    return refuse("the published plan has no format, no hash or no plan; publish it again");
  }
  const { format, hash, plan } = published;
  if (format !== PLAN_FORMAT) {
    return refuse(
      `the published plan is of the format ${JSON.stringify(format)}, and this version reads ${PLAN_FORMAT}; publish it again with this version`,
    );
  }
  const actual = hashPublished(plan);
  if (hash !== actual)
    return refuse("the published plan was changed after its hash was taken; publish it again");
  if (expectedHash !== undefined && expectedHash !== actual) {
    return refuse(`the published plan is ${actual}, but ${expectedHash} was expected: it was published anew`);
  }
  return { ok: true, plan: plan as RecoveryPlan, hash: actual };
};
