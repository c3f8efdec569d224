import { ANYBODY, type AccessQuestion } from "../kernel/access.ts";
import type { AssumedSession, AwsError, Call } from "../kernel/service.ts";
import type { World } from "../kernel/world.ts";
import { accessDenied } from "./access-denied.ts";
import { contextOfCall } from "./call-context.ts";
import type { RequestContext } from "./condition.ts";
import { evaluate, type Decision, type Principal } from "./evaluate.ts";
import { parsePolicy, type Policy } from "./policy.ts";
import { requiredFor, type AccountFacts, type Required } from "./requests.ts";

/** One thing that was asked, and what became of it. */
export interface Judged {
  readonly atMs: number;
  readonly principal: string;
  /** The role that it acts in; the service's name where it acts in its own. */
  readonly role: string;
  /** The name of the session, where the role was assumed. */
  readonly session: string | undefined;
  readonly action: string;
  readonly resource: string;
  readonly decision: Decision;
}

/** IAM of the simulated account. Nothing is enforced before {@link enforce}. */
export interface Iam {
  /**
   * In this account, or in another one. Throws where its trust policy names a role that there is not: IAM refuses that as
   * MalformedPolicyDocument, "Invalid principal in policy".
   */
  createRole(name: string, trustPolicy: string, account?: string): void;
  putRolePolicy(role: string, name: string, policy: string): void;
  /** The policy of a bucket, topic, queue, key or function, by its ARN. Several add up. */
  putResourcePolicy(arn: string, policy: string): void;
  /** The key that a resource is encrypted with. */
  encrypt(arn: string, keyArn: string): void;
  /** Makes a role what somebody acts in. Throws where the role's trust policy does not let the service take it. */
  take(request: {
    readonly principal: string;
    readonly roleArn: string;
    readonly service: string;
    readonly context?: RequestContext;
  }): void;
  /** Would the role be allowed to? Noted as every question is. */
  mayRole(role: string, action: string, resource: string): boolean;
  /** From now on, calls and deliveries are refused that no policy allows. */
  enforce(): void;
  /** Everything that was asked, the first time that it was. */
  readonly judged: readonly Judged[];
  readonly denials: readonly Judged[];
}

/** Principals outside of the control plane: people, who are administrators here. Resources' denials hold for them, too. */
const isAdministrator = (principal: string): boolean =>
  principal === "operator" || principal.startsWith("person/");

const isService = (principal: string): boolean => /^[a-z-]+\.amazonaws\.com$/.test(principal);

/** `arn:aws:s3:::bucket/key` has the policy of `arn:aws:s3:::bucket`; a version has its function's. */
const ownersOf = (resource: string): readonly string[] => {
  if (resource.startsWith("arn:aws:s3:::")) return [resource.split("/")[0] ?? resource];
  if (resource.startsWith("arn:aws:lambda:")) return [resource.split(":").slice(0, 7).join(":")];
  return [resource];
};

export const createIam = (
  world: Pick<World, "accountId" | "clock" | "access">,
  more: Pick<AccountFacts, "keyOf"> = { keyOf: () => undefined },
): Iam => {
  const { accountId, clock, access } = world;
  const trusts = new Map<string, Policy>();
  const identities = new Map<string, Policy[]>();
  const resources = new Map<string, Policy[]>();
  const keys = new Map<string, string>();
  const roleOf = new Map<string, string>();
  const accounts = new Map<string, string>();
  const sessions = new Map<string, AssumedSession>();
  const decided = new Map<string, Decision>();
  const judged: Judged[] = [];
  const denials: Judged[] = [];
  const keyOf: AccountFacts["keyOf"] = (arn) => keys.get(arn) ?? more.keyOf(arn);
  const nameOf = (roleArn: string): string => roleArn.split("/").at(-1) ?? roleArn;

  const policiesFor = (role: string | undefined, resource: string) => ({
    identity: role === undefined ? [] : (identities.get(role) ?? []),
    resource: ownersOf(resource).flatMap((arn) => resources.get(arn) ?? []),
  });

  /** The account in which somebody acts: that of the role. */
  const accountOf = (principal: string): string => accounts.get(roleOf.get(principal) ?? "") ?? accountId;

  /** Whoever signed a call: a role that was assumed is a principal of its own, whoever assumed it. */
  const callerOf = ({ origin: { principal, session } }: Call): string => {
    if (session === undefined) return principal;
    roleOf.set(session.arn, nameOf(session.role));
    sessions.set(session.arn, session);
    return session.arn;
  };

  const decide = (principal: string, needed: Required): Decision => {
    const { action, resource, context } = needed;
    const key = [principal, action, resource, ...Object.entries(context).flat()].join("\n");
    const known = decided.get(key);
    if (known !== undefined) {
      if (!known.allowed) note(principal, needed, known);
      return known;
    }
    const decision = judge(principal, needed);
    decided.set(key, decision);
    note(principal, needed, decision);
    return decision;
  };

  const judge = (principal: string, { action, resource, context }: Required): Decision => {
    if (isAdministrator(principal)) {
      const policies = { identity: [], resource: policiesFor(undefined, resource).resource };
      const asked = { principal: administrator, action, resource, context };
      const decision = evaluate(policies, asked);
      return !decision.allowed && decision.reason === "explicit-deny"
        ? decision
        : { allowed: true, by: "identity" };
    }
    const role = roleOf.get(principal);
    const isPublic = principal === ANYBODY;
    if (role === undefined && !isPublic && !isService(principal))
      throw new Error(`${principal} asks for ${action}, and acts in no role`);
    const who: Principal = isPublic
      ? { type: "anonymous" }
      : role === undefined
        ? { type: "service", service: principal }
        : { type: "role", arn: roleArn(role), account: accountOf(principal) };
    const [, , , , owner = ""] = resource.split(":");
    const elsewhere =
      role === undefined || owner === "" || owner === accountOf(principal) ? undefined : owner;
    const userId = sessions.get(principal)?.userId;
    return evaluate(policiesFor(role, resource), {
      principal: who,
      action,
      resource,
      context: userId === undefined ? context : { ...context, "aws:userid": userId },
      elsewhere,
    });
  };

  const roleArn = (role: string): string => `arn:aws:iam::${accounts.get(role) ?? accountId}:role/${role}`;

  const administrator: Principal = {
    type: "role",
    arn: `arn:aws:iam::${accountId}:user/operator`,
    account: accountId,
  };

  const note = (principal: string, { action, resource }: Required, decision: Decision): void => {
    const role = roleOf.get(principal) ?? principal;
    const session = sessions.get(principal)?.userId.split(":")[1];
    const entry = { atMs: clock.nowMs(), principal, role, session, action, resource, decision };
    judged.push(entry);
    if (!decision.allowed) denials.push(entry);
  };

  const refusalOf = (
    service: string,
    principal: string,
    needed: readonly Required[],
  ): AwsError | undefined => {
    for (const required of needed) {
      const decision = decide(principal, required);
      if (decision.allowed) continue;
      const role = roleOf.get(principal);
      return accessDenied({
        service,
        who:
          role === undefined || sessions.has(principal)
            ? principal
            : `arn:aws:sts::${accountOf(principal)}:assumed-role/${role}/${principal}`,
        action: required.action,
        resource: required.resource,
        isExplicit: decision.reason === "explicit-deny",
        in: decision.in,
      });
    }
    return undefined;
  };

  const ask = ({
    principal,
    service,
    action,
    resource,
    context = {},
  }: AccessQuestion): AwsError | undefined => {
    const common = { "aws:securetransport": "true", "kms:calleraccount": accountOf(principal) };
    const key = action === "sns:Publish" ? keyOf(resource) : undefined;
    const needed = [action, ...(key === undefined ? [] : ["kms:GenerateDataKey", "kms:Decrypt"])].map(
      (one, index) => ({
        action: one,
        resource: index === 0 ? resource : (key ?? ""),
        context: { ...common, ...context },
      }),
    );
    return refusalOf(service, principal, needed);
  };

  return {
    createRole(name, trustPolicy, account = accountId) {
      if (trusts.has(name)) throw new Error(`two roles are called ${name}`);
      const trust = parsePolicy(`the trust of ${name}`, trustPolicy);
      for (const { principal } of trust.statements) {
        const named = principal === "*" ? [] : (principal?.["AWS"] ?? []);
        const missing = named.find((arn) => arn.includes(":role/") && !trusts.has(nameOf(arn)));
        if (missing !== undefined)
          throw new Error(`MalformedPolicyDocument: ${name} trusts an invalid principal: ${missing}`);
      }
      trusts.set(name, trust);
      accounts.set(name, account);
      const arn = roleArn(name);
      resources.set(arn, [...(resources.get(arn) ?? []), trust]);
    },
    putRolePolicy(role, name, policy) {
      if (!trusts.has(role)) throw new Error(`there is no role ${role} for the policy ${name}`);
      identities.set(role, [...(identities.get(role) ?? []), parsePolicy(`${role}/${name}`, policy)]);
    },
    putResourcePolicy(arn, policy) {
      resources.set(arn, [...(resources.get(arn) ?? []), parsePolicy(arn, policy)]);
    },
    encrypt: (arn, keyArn) => void keys.set(arn, keyArn),
    take({ principal, roleArn: taken, service, context = {} }) {
      const role = nameOf(taken);
      const trust = trusts.get(role);
      if (trust === undefined) throw new Error(`${principal} is to act in ${taken}, which nobody created`);
      const decision = evaluate(
        { identity: [], resource: [trust] },
        { principal: { type: "service", service }, action: "sts:AssumeRole", resource: taken, context },
      );
      if (!decision.allowed) throw new Error(`${role} does not let ${service} take it for ${principal}`);
      roleOf.set(principal, role);
    },
    mayRole(role, action, resource) {
      const principal = [...roleOf].find(([, name]) => name === role)?.[0];
      if (principal === undefined) throw new Error(`nobody acts in the role ${role}`);
      const context = { "aws:securetransport": "true", "kms:calleraccount": accountId };
      return decide(principal, { action, resource, context }).allowed;
    },
    enforce() {
      access.ask = ask;
      access.call = (service, call) => refusalOf(service, callerOf(call), requiredForCaller(service, call));
      access.conceal = (service, call, error) => conceal(service, call, error);
    },
    judged,
    denials,
  };

  /** An administrator may do whatever there is; only what resources deny is asked, where it is known. */
  function requiredForCaller(service: string, call: Call): readonly Required[] {
    const caller = callerOf(call);
    const facts: AccountFacts = { accountId: accountOf(caller), keyOf };
    if (!isAdministrator(caller)) return requiredFor(service, call, facts);
    try {
      return requiredFor(service, call, facts);
    } catch {
      return [];
    }
  }

  /**
   * Whether a key is missing is told only to those who may list the bucket; others hear 403:
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  function conceal(service: string, call: Call, error: AwsError): AwsError | undefined {
    const reads = call.operation === "GetObject" || call.operation === "HeadObject";
    if (service !== "s3" || error.status !== 404 || !reads) return undefined;
    const resource = `arn:aws:s3:::${String(call.input["Bucket"])}`;
    const context = { ...contextOfCall(service, call), "kms:calleraccount": accountId };
    return refusalOf("s3", callerOf(call), [{ action: "s3:ListBucket", resource, context }]);
  }
};
