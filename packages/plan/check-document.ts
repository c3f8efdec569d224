import { checkPlan, type PlanFault } from "@lifeboat/recovery/check-plan";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import type * as z from "zod";
import { planSchema } from "./schema.ts";

export interface CheckedDocument {
  /** undefined: the schema refused the document. Faults of severity `error` are for the caller to judge. */
  readonly plan: RecoveryPlan | undefined;
  readonly issues: readonly z.core.$ZodIssue[];
  readonly faults: readonly PlanFault[];
}

/** The sections that are well-formed by themselves, so that the rules across fields can be asked of them. */
const readableSections = (document: object, issues: readonly z.core.$ZodIssue[]): Partial<RecoveryPlan> => {
  const given = new Map<string, unknown>(Object.entries(document));
  const refused = new Set(issues.map((issue) => issue.path[0]));
  // Which account is the workload's is not known then: no ARN is to be called one of another account.
  if (refused.has("access")) refused.add("account");
  const sections = Object.entries(planSchema.shape).flatMap(([name, schema]) => {
    if (refused.has(name)) return [];
    const read = schema.safeParse(given.get(name));
    return read.success ? [[name, read.data] as const] : [];
  });
  return Object.fromEntries(sections);
};

/** Asks the schema and every rule across fields, of as much of the document as can be read. */
export const checkDocument = (document: unknown): CheckedDocument => {
  const read = planSchema.safeParse(document);
  if (read.success) return { plan: read.data, issues: [], faults: checkPlan(read.data) };
  const { issues } = read.error;
  const isMap = typeof document === "object" && document !== null && !Array.isArray(document);
  return {
    plan: undefined,
    issues,
    faults: isMap ? checkPlan(readableSections(document, issues)) : [],
  };
};
