import { sitesOf, type RecoveryPlan, type Site, type WorkloadAccess } from "@lifeboat/recovery/plan";
import { sessionPrefix } from "@lifeboat/recovery/session-name";
import { roleArn, roleName } from "./names.ts";
import { workloadPermissions } from "./permissions.ts";

/*
 * What the owner of the workload's account creates: one role, whose trust policy lets exactly those roles of Lifeboat in that
 * need it, and whose permissions hold for each of them alone, by the name of its session.
 */

interface TrustStatement {
  readonly Effect: "Allow";
  readonly Principal: { readonly AWS: readonly string[] };
  readonly Action: "sts:AssumeRole";
  readonly Condition: { readonly StringEquals: { readonly "sts:ExternalId": string } };
}

interface GrantStatement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

interface Document<Statement> {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

export interface AccessDocuments {
  readonly trust: Document<TrustStatement>;
  /** Customer managed policies, to be attached together: one is seldom enough. */
  readonly permissions: readonly Document<GrantStatement>[];
}

/**
 * In characters, whitespace not counted, and in policies per role. The first and the last can be raised by the account's owner.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const ROLE_LIMITS = { trust: 2048, policy: 6144, policies: 10 } as const;

interface Entrant {
  readonly role: string;
  /** What `aws:userid` is in its sessions: the id of the assumed role, and the session's name. */
  readonly userId: string;
  readonly permissions: ReturnType<typeof workloadPermissions>[string];
}

const entrantsOf = (plan: RecoveryPlan, here: Site): readonly Entrant[] =>
  Object.entries(workloadPermissions(plan, here)).map(([name, permissions]) => ({
    role: roleArn(plan.account, roleName(plan.workload, name, here.region)),
    userId: `*:${sessionPrefix({ workload: plan.workload, name, region: here.region })}*`,
    permissions,
  }));

/** Each action over the same resources under the same conditions, with those who may; then what the same ones may, together. */
const grantsTo = (entrants: readonly Entrant[]): readonly GrantStatement[] => {
  const singles = new Map<string, { readonly users: Set<string>; readonly statement: GrantStatement }>();
  for (const { userId, permissions } of entrants) {
    for (const { actions, resources, conditions } of permissions) {
      for (const action of actions) {
        const key = JSON.stringify([action, resources, conditions ?? null]);
        const known = singles.get(key) ?? {
          users: new Set<string>(),
          statement: { Effect: "Allow", Action: [action], Resource: resources, Condition: conditions ?? {} },
        };
        known.users.add(userId);
        singles.set(key, known);
      }
    }
  }
  const together = new Map<string, GrantStatement>();
  for (const { users, statement } of singles.values()) {
    const condition = { ...statement.Condition, StringLike: { "aws:userid": [...users] } };
    const key = JSON.stringify([statement.Resource, condition]);
    const actions = together.get(key)?.Action ?? [];
    together.set(key, { ...statement, Action: [...actions, ...statement.Action], Condition: condition });
  }
  return [...together.values()];
};

const documentOf = <Statement>(statements: readonly Statement[]): Document<Statement> => ({
  Version: "2012-10-17",
  Statement: statements,
});

const sizeOf = (document: unknown): number => JSON.stringify(document).length;

/** As few documents as the order of the statements gives. */
const inDocuments = (statements: readonly GrantStatement[]): readonly Document<GrantStatement>[] => {
  const documents: GrantStatement[][] = [];
  for (const statement of statements) {
    const last = documents.at(-1);
    if (last !== undefined && sizeOf(documentOf([...last, statement])) <= ROLE_LIMITS.policy)
      last.push(statement);
    else documents.push([statement]);
  }
  return documents.map(documentOf);
};

const TOO_LONG = "split the plan into plans of several workloads";

/**
 * The documents of the role in the workload's account. Throws RangeError where one is longer than IAM allows. Their
 * statements stand and fall with two facts: a function's own role lets it assume the role under its own name alone, and
 * `aws:userid` of an assumed role is its id and that name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-tableofvalues
 */
export const accessDocuments = (plan: RecoveryPlan, access: WorkloadAccess): AccessDocuments => {
  const entrants = sitesOf(plan).flatMap((site) => entrantsOf(plan, site));
  const trust = documentOf<TrustStatement>([
    {
      Effect: "Allow",
      Principal: { AWS: entrants.map(({ role }) => role) },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": access.externalId } },
    },
  ]);
  if (sizeOf(trust) > ROLE_LIMITS.trust)
    throw new RangeError(
      `the trust policy of ${access.role} has ${sizeOf(trust)} characters, and IAM allows ${ROLE_LIMITS.trust}: take a shorter external id, or a shorter name of the workload`,
    );
  const permissions = inDocuments(grantsTo(entrants));
  const longest = Math.max(...permissions.map(sizeOf));
  if (longest > ROLE_LIMITS.policy)
    throw new RangeError(
      `one statement of ${access.role} has ${longest} characters, and IAM allows ${ROLE_LIMITS.policy} in a policy: ${TOO_LONG}`,
    );
  if (permissions.length > ROLE_LIMITS.policies)
    throw new RangeError(
      `${access.role} needs ${permissions.length} policies, and IAM attaches ${ROLE_LIMITS.policies} to a role: ${TOO_LONG}`,
    );
  return { trust, permissions };
};
