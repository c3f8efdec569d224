import { conditionHolds, type RequestContext } from "./condition.ts";
import type { Patterns, Policy, Statement } from "./policy.ts";
import { matchesAction, matchesWildcard } from "./wildcard.ts";

/** Who asks. */
export type Principal =
  | { readonly type: "role"; readonly arn: string; readonly account: string }
  /** An AWS service in its own name: `events.amazonaws.com`. */
  | { readonly type: "service"; readonly service: string }
  /** Nobody who signs: the public. */
  | { readonly type: "anonymous" };

export interface AccessRequest {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
  /** The account of the resource, where that is another one than the principal's. */
  readonly elsewhere?: string | undefined;
}

export interface Policies {
  /** Of the role that asks. */
  readonly identity: readonly Policy[];
  /** Of the resource that is asked for. */
  readonly resource: readonly Policy[];
}

export type Decision =
  /** By what: without the role's own policies it is refused, unless `resource` alone allows it. */
  | { readonly allowed: true; readonly by: "identity" | "resource" | "both" }
  | {
      readonly allowed: false;
      readonly reason: "explicit-deny" | "implicit-deny";
      readonly in: "identity" | "resource";
    };

const covers = ({ not, patterns }: Patterns, matches: (pattern: string) => boolean): boolean =>
  patterns.some(matches) !== not;

/** A policy of a role has no principal: it is the role's. */
type Reach = "speaks-of-them" | "leaves-it-to-iam" | "speaks-of-others";

const reachOf = ({ principal: element }: Statement, principal: Principal): Reach => {
  if (element === undefined || element === "*") return "speaks-of-them";
  if (principal.type === "service")
    return element["Service"]?.includes(principal.service) === true ? "speaks-of-them" : "speaks-of-others";
  const names = element["AWS"] ?? [];
  if (names.includes("*")) return "speaks-of-them";
  if (principal.type === "anonymous") return "speaks-of-others";
  if (names.includes(principal.arn)) return "speaks-of-them";
  // The account as a whole: its own policies decide who of it may.
  const { account } = principal;
  return names.some((name) => name === account || name === `arn:aws:iam::${account}:root`)
    ? "leaves-it-to-iam"
    : "speaks-of-others";
};

const applies = (statement: Statement, { action, resource, context }: AccessRequest): boolean =>
  covers(statement.action, (pattern) => matchesAction(pattern, action)) &&
  // A trust policy names no resource: it is the role's own.
  (statement.resource.patterns.length === 0 ||
    covers(statement.resource, (pattern) => matchesWildcard(pattern, resource))) &&
  conditionHolds(statement.condition, context);

/**
 * Decides about one request: a denial anywhere decides; else an allowance by the resource or by the role's own policies; else
 * no. Across accounts it takes both: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html Of a key in KMS both are needed, for its policy alone says whether IAM has a say:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
 */
export const evaluate = (policies: Policies, request: AccessRequest): Decision => {
  const find = (where: "identity" | "resource", effect: Statement["effect"], reach: Reach): boolean =>
    policies[where].some(({ statements }) =>
      statements.some(
        (statement) =>
          statement.effect === effect &&
          (where === "identity" || reachOf(statement, request.principal) === reach) &&
          applies(statement, request),
      ),
    );
  for (const where of ["identity", "resource"] as const) {
    const isDenied =
      find(where, "Deny", "speaks-of-them") ||
      (where === "resource" && find(where, "Deny", "leaves-it-to-iam"));
    if (isDenied) return { allowed: false, reason: "explicit-deny", in: where };
  }
  if (request.elsewhere !== undefined && request.principal.type === "role") {
    const isLetIn =
      find("resource", "Allow", "speaks-of-them") || find("resource", "Allow", "leaves-it-to-iam");
    const isSent = find("identity", "Allow", "speaks-of-them");
    return isLetIn && isSent
      ? { allowed: true, by: "both" }
      : { allowed: false, reason: "implicit-deny", in: isSent ? "resource" : "identity" };
  }
  if (find("resource", "Allow", "speaks-of-them")) return { allowed: true, by: "resource" };
  const keyKeepsIamOut =
    request.action.startsWith("kms:") &&
    policies.resource.length > 0 &&
    !find("resource", "Allow", "leaves-it-to-iam");
  if (!keyKeepsIamOut && find("identity", "Allow", "speaks-of-them"))
    return { allowed: true, by: "identity" };
  return {
    allowed: false,
    reason: "implicit-deny",
    in: request.principal.type === "role" && !keyKeepsIamOut ? "identity" : "resource",
  };
};
