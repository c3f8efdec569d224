import { matchesArn, matchesWildcard } from "./wildcard.ts";

/** Operator → key → values. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What is known of a request beyond action and resource, by lower-case key. A key that is not there is absent. */
export type RequestContext = Readonly<Record<string, string>>;

type Compare = (given: string, wanted: string) => boolean;

const sameText: Compare = (given, wanted) => given === wanted;
const sameTextInAnyCase: Compare = (given, wanted) => given.toLowerCase() === wanted.toLowerCase();
const likeText: Compare = (given, wanted) => matchesWildcard(wanted, given);
const likeArn: Compare = (given, wanted) => matchesArn(wanted, given);

/**
 * The operators that are modelled. Negated ones hold where the key is absent:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
const operators: Readonly<Record<string, { readonly compare: Compare; readonly negated: boolean }>> = {
  StringEquals: { compare: sameText, negated: false },
  StringNotEquals: { compare: sameText, negated: true },
  StringEqualsIgnoreCase: { compare: sameTextInAnyCase, negated: false },
  StringNotEqualsIgnoreCase: { compare: sameTextInAnyCase, negated: true },
  StringLike: { compare: likeText, negated: false },
  StringNotLike: { compare: likeText, negated: true },
  // "ArnEquals and ArnLike behave identically".
  ArnEquals: { compare: likeArn, negated: false },
  ArnLike: { compare: likeArn, negated: false },
  ArnNotEquals: { compare: likeArn, negated: true },
  ArnNotLike: { compare: likeArn, negated: true },
  Bool: { compare: sameTextInAnyCase, negated: false },
};

/** The keys that the simulated cloud fills in where AWS does. A policy with another one is refused, not ignored. */
const knownKeys: ReadonlySet<string> = new Set([
  "aws:calledvia",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalisawsservice",
  "aws:securetransport",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:userid",
  "aws:viaawsservice",
  "cloudwatch:namespace",
  "kms:calleraccount",
  "kms:grantisforawsresource",
  "kms:viaservice",
  "lambda:functionurlauthtype",
  "lambda:invokedviafunctionurl",
  "lambda:sourcefunctionarn",
  "s3:if-match",
  "s3:if-none-match",
  "s3:prefix",
  "sts:externalid",
  "sts:rolesessionname",
]);

const IF_EXISTS = "IfExists";
const plain = (operator: string): string =>
  operator.endsWith(IF_EXISTS) ? operator.slice(0, -IF_EXISTS.length) : operator;

/** What a condition block says that is not modelled; undefined where all is. */
export const checkCondition = (block: ConditionBlock): string | undefined => {
  for (const [operator, keys] of Object.entries(block)) {
    if (operator !== "Null" && operators[plain(operator)] === undefined)
      return `the condition operator ${operator} is not modelled`;
    const unknown = Object.keys(keys).find((key) => !knownKeys.has(key.toLowerCase()));
    if (unknown !== undefined) return `the condition key ${unknown} is not modelled`;
  }
  return undefined;
};

const keyHolds = (operator: string, given: string | undefined, wanted: readonly string[]): boolean => {
  // Null asks whether the key is absent, whatever its value.
  if (operator === "Null")
    return wanted.some((one) => (one.toLowerCase() === "true") === (given === undefined));
  const known = operators[plain(operator)];
  if (known === undefined) throw new Error(`the condition operator ${operator} was not checked`);
  if (given === undefined) return known.negated || operator.endsWith(IF_EXISTS);
  const any = wanted.some((one) => known.compare(given, one));
  return known.negated ? !any : any;
};

/** All operators and all their keys have to hold, each by any of its values. */
export const conditionHolds = (block: ConditionBlock, context: RequestContext): boolean =>
  Object.entries(block).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => keyHolds(operator, context[key.toLowerCase()], wanted)),
  );
