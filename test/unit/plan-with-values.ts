import { checkPlan, type PlanFault } from "@lifeboat/recovery/check-plan";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { inject } from "vitest";

export const plan = inject("examplePlan");

export type Values = Readonly<Record<string, unknown>>;

/** A plan that breaks one rule. */
export interface RuleCase {
  /** The beginning of the rule that the plan breaks. */
  readonly rule: string;
  /** Values by path, parts joined with a slash; undefined removes the field. */
  readonly values: Values;
  readonly path: string;
  readonly message: RegExp;
}

/** The example with other values. */
const withValues = (values: Values): RecoveryPlan => {
  const edited = structuredClone(plan);
  for (const [joined, value] of Object.entries(values)) {
    const path = joined.split("/");
    const field = path.pop() ?? "";
    const parent = path.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], edited);
    if (typeof parent !== "object" || parent === null)
      throw new Error(`the example has no ${path.join("/")}`);
    if (typeof value === "number" && !(field in parent)) throw new Error(`the example has no ${joined}`);
    if (value !== undefined) Reflect.set(parent, field, value);
    else if (Array.isArray(parent)) parent.splice(Number(field), 1);
    else Reflect.deleteProperty(parent, field);
  }
  return edited;
};

/** `traffic.0.ttl` */
const written = (path: PlanFault["path"]): string => path.join(".");

/** All that the rules say of the example with other values. */
export const problemsWith = (values: Values): readonly (Omit<PlanFault, "path"> & { path: string })[] =>
  checkPlan(withValues(values)).map((fault) => ({ ...fault, path: written(fault.path) }));

/** The example with its sites narrowed to zones of one region. */
export const inOneRegion: Values = {
  "sites/standby/region": "eu-west-1",
  "sites/primary/availabilityZones": ["eu-west-1a"],
  "sites/standby/availabilityZones": ["eu-west-1b", "eu-west-1c"],
  "certificates/0/arns/paris": "arn:aws:acm:eu-west-1:111122223333:certificate/0b6f",
};

export const certificate = (region: string, account: string): string =>
  `arn:aws:acm:${region}:${account}:certificate/1`;

export const accessBy = (role: string): unknown => ({ role, externalId: "lifeboat-7d1f0c2b" });

/** Every certificate of the example in one account. */
export const certificatesOf = (account: string): Values => ({
  "certificates/0/arns/ireland": certificate("eu-west-1", account),
  "certificates/0/arns/paris": certificate("eu-west-3", account),
});
