import type { Permission } from "./manifest.ts";

export interface PolicyStatement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Permission["conditions"];
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

/**
 * All inline policies of a role together, whitespace not counted:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const INLINE_POLICY_LIMIT = 10_240;

/**
 * Permissions as IAM takes them. What has no resource in this plan is left out, and permissions over the same resources
 * under the same conditions become one statement.
 */
export const policyDocument = (permissions: readonly Permission[]): PolicyDocument => {
  const statements = new Map<string, PolicyStatement>();
  for (const { effect, actions, resources, conditions } of permissions) {
    if (resources.length === 0) continue;
    const unique = [...new Set(resources)];
    const key = JSON.stringify([effect ?? "Allow", unique, conditions ?? null]);
    const known = statements.get(key)?.Action ?? [];
    statements.set(key, {
      Effect: effect ?? "Allow",
      Action: [...new Set([...known, ...actions])],
      Resource: unique,
      ...(conditions === undefined ? {} : { Condition: conditions }),
    });
  }
  return { Version: "2012-10-17", Statement: [...statements.values()] };
};

/**
 * The document as text. Throws RangeError where it exceeds what a role may hold inline: a plan with that many resources is
 * split into several workloads.
 */
export const policyText = (roleName: string, permissions: readonly Permission[]): string => {
  const text = JSON.stringify(policyDocument(permissions));
  if (text.length > INLINE_POLICY_LIMIT) {
    throw new RangeError(
      `the policy of ${roleName} has ${text.length} characters, and IAM allows ${INLINE_POLICY_LIMIT}: the plan names too many resources for one role; split it into plans of several workloads`,
    );
  }
  return text;
};
