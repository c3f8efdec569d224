import { checkCondition, type ConditionBlock } from "./condition.ts";

/** Whom a statement of a resource's policy is for; `*` is everybody, signed or not. */
export type PrincipalElement = "*" | Readonly<Record<string, readonly string[]>>;

export interface Statement {
  readonly sid: string;
  readonly effect: "Allow" | "Deny";
  /** Patterns; `not` turns their meaning round (`NotAction`, `NotResource`). */
  readonly action: Patterns;
  readonly resource: Patterns;
  /** Only in resources' policies and in trust policies. */
  readonly principal: PrincipalElement | undefined;
  readonly condition: ConditionBlock;
}

export interface Patterns {
  readonly not: boolean;
  readonly patterns: readonly string[];
}

export interface Policy {
  /** For messages: the role's or the resource's name. */
  readonly name: string;
  readonly statements: readonly Statement[];
}

/** A policy says something that this evaluator does not know. To ignore it would be to allow or deny by guess. */
export class PolicyNotUnderstood extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PolicyNotUnderstood";
  }
}

const KNOWN = [
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "Condition",
] as const;

type Element = (typeof KNOWN)[number];
type Raw = Partial<Record<Element, unknown>>;

const list = (value: unknown, where: string): readonly string[] => {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map((one) => {
    if (typeof one !== "string")
      throw new PolicyNotUnderstood(`${where} is neither text nor a list of texts`);
    // IAM would put the caller's name and tags in its place; nothing here knows them.
    if (one.includes("${")) throw new PolicyNotUnderstood(`${where} has a policy variable: ${one}`);
    return one;
  });
};

const patterns = (raw: Raw, element: "Action" | "Resource", where: string): Patterns => {
  const negated = element === "Action" ? raw.NotAction : raw.NotResource;
  const plain = raw[element];
  if (plain !== undefined && negated !== undefined)
    throw new PolicyNotUnderstood(`${where} has both ${element} and Not${element}`);
  return negated === undefined
    ? { not: false, patterns: plain === undefined ? [] : list(plain, `${where}.${element}`) }
    : { not: true, patterns: list(negated, `${where}.Not${element}`) };
};

const principalOf = (value: unknown, where: string): PrincipalElement | undefined => {
  if (value === undefined || value === "*") return value;
  if (typeof value !== "object" || value === null)
    throw new PolicyNotUnderstood(`${where}.Principal cannot be read`);
  return Object.fromEntries(
    Object.entries(value).map(([kind, names]) => {
      if (kind !== "AWS" && kind !== "Service")
        throw new PolicyNotUnderstood(`${where}.Principal is of a kind that is not modelled: ${kind}`);
      return [kind, list(names, `${where}.Principal`)];
    }),
  );
};

const statementOf = (raw: Raw, where: string): Statement => {
  const unknown = Object.keys(raw).filter((name) => !(KNOWN as readonly string[]).includes(name));
  if (unknown.length > 0) throw new PolicyNotUnderstood(`${where} has ${unknown.join(", ")}`);
  const { Effect: effect } = raw;
  if (effect !== "Allow" && effect !== "Deny")
    throw new PolicyNotUnderstood(`${where} neither allows nor denies`);
  const condition = Object.fromEntries(
    Object.entries((raw.Condition ?? {}) as Record<string, Record<string, unknown>>).map(
      ([operator, keys]) => [
        operator,
        Object.fromEntries(
          Object.entries(keys).map(([key, values]) => [key, list(values, `${where}.Condition`)]),
        ),
      ],
    ),
  );
  const problem = checkCondition(condition);
  if (problem !== undefined) throw new PolicyNotUnderstood(`${where}: ${problem}`);
  return {
    sid: typeof raw.Sid === "string" ? raw.Sid : "",
    effect,
    action: patterns(raw, "Action", where),
    resource: patterns(raw, "Resource", where),
    principal: principalOf(raw.Principal, where),
    condition,
  };
};

/**
 * Reads a policy's JSON text: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. Throws
 * {@link PolicyNotUnderstood} for any element, condition operator or condition key that is not modelled.
 */
export const parsePolicy = (name: string, text: string): Policy => {
  const {
    Version: version,
    Statement: given,
    ...others
  } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (version !== "2012-10-17") throw new PolicyNotUnderstood(`${name} has the version ${String(version)}`);
  const unknown = Object.keys(others).filter((element) => element !== "Id");
  if (unknown.length > 0) throw new PolicyNotUnderstood(`${name} has ${unknown.join(", ")}`);
  const statements = (Array.isArray(given) ? given : [given]) as readonly Raw[];
  return { name, statements: statements.map((raw, index) => statementOf(raw, `${name}[${index}]`)) };
};
