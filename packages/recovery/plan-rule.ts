import type { RecoveryPlan } from "./plan.ts";

/** What is wrong with a plan whose every field, by itself, is well-formed. */
export interface PlanFault {
  /** The field as people write it in the document: durations without their unit (`ledger.lease.duration`). */
  readonly path: readonly (string | number)[];
  /** Whether the name of the field is at fault (a site that does not exist), or its value. */
  readonly at: "key" | "value";
  /** `warning`: the plan works, but probably not as its author thinks. */
  readonly severity: "error" | "warning";
  readonly message: string;
}

export type PlanSection = keyof RecoveryPlan;

/** A rule across fields. It is asked only where all the sections that it needs could be read. */
export interface PlanRule {
  /** The rule as documentation states it. */
  readonly rule: string;
  readonly needs: readonly PlanSection[];
  readonly find: (plan: RecoveryPlan) => readonly PlanFault[];
}

export const fault = (path: PlanFault["path"], message: string): PlanFault => ({
  path,
  at: "value",
  severity: "error",
  message,
});

export const warning = (path: PlanFault["path"], message: string): PlanFault => ({
  ...fault(path, message),
  severity: "warning",
});

/** A duration as people write it: `90s`, `15m`, `12h`. */
export const writtenDuration = (durationMs: number): string => {
  const unit = [
    { name: "h", lengthMs: 3_600_000 },
    { name: "m", lengthMs: 60_000 },
    { name: "s", lengthMs: 1000 },
  ].find(({ lengthMs }) => durationMs >= 2 * lengthMs && durationMs % lengthMs === 0);
  return unit === undefined ? `${durationMs}ms` : `${durationMs / unit.lengthMs}${unit.name}`;
};

/** One entry of a section: the lists' members, and where a section is no list, the section itself. */
export interface PlanEntry {
  readonly path: PlanFault["path"];
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The entries of a section that can hold names and values per site. */
export const entriesOf = (plan: RecoveryPlan, section: PlanSection): readonly PlanEntry[] => {
  const value = section === "decision" ? plan.decision.signals : plan[section];
  const path = section === "decision" ? ["decision", "signals"] : [section];
  if (Array.isArray(value)) {
    const list: readonly object[] = value;
    return list.map((item, index) => ({ path: [...path, index], fields: { ...item } }));
  }
  return typeof value === "object" ? [{ path, fields: Object.fromEntries(Object.entries(value)) }] : [];
};

/** What an ARN says about where its resource is; undefined for a plain name. */
export const placeOfArn = (
  arn: string,
): { readonly region: string; readonly account: string } | undefined => {
  const [scheme, , , region, account] = arn.split(":");
  return scheme === "arn" && region !== undefined && account !== undefined ? { region, account } : undefined;
};
