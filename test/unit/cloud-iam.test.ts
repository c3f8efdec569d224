import { createWorld } from "@lifeboat/cloud/kernel/create-world";
import { INTERNET } from "@lifeboat/cloud/kernel/network";
import { evaluate, type AccessRequest, type Principal } from "@lifeboat/cloud/iam/evaluate";
import { createIam } from "@lifeboat/cloud/iam/iam";
import { parsePolicy } from "@lifeboat/cloud/iam/policy";
import { requiredFor } from "@lifeboat/cloud/iam/requests";
import { matchesAction, matchesArn, matchesWildcard } from "@lifeboat/cloud/iam/wildcard";
import { describe, expect, it } from "vitest";
import { createAccount, PARIS } from "./cloud-account.ts";

const ACCOUNT = "111122223333";
const role: Principal = { type: "role", arn: `arn:aws:iam::${ACCOUNT}:role/claim`, account: ACCOUNT };

const policy = (...statements: readonly object[]) =>
  parsePolicy("p", JSON.stringify({ Version: "2012-10-17", Statement: statements }));
const statement = (Effect: string, Action: unknown, Resource: unknown, more: object = {}) => ({
  Effect,
  Action,
  Resource,
  ...more,
});
const allow = (action: unknown, resource: unknown, more: object = {}) =>
  statement("Allow", action, resource, more);
const deny = (action: unknown, resource: unknown, more: object = {}) =>
  statement("Deny", action, resource, more);

const OBJECT = "arn:aws:s3:::ledger/spacelift/claim";
const asks = (action: string, resource: string, more: Partial<AccessRequest> = {}): AccessRequest => ({
  principal: role,
  action,
  resource,
  context: {},
  ...more,
});
const decide = (
  request: AccessRequest,
  identity: readonly object[],
  resource: readonly object[] = [],
): string => {
  const policies = {
    identity: identity.length === 0 ? [] : [policy(...identity)],
    resource: resource.length === 0 ? [] : [policy(...resource)],
  };
  const decision = evaluate(policies, request);
  return decision.allowed ? `allowed by ${decision.by}` : `${decision.reason} in ${decision.in}`;
};

describe("a wildcard", () => {
  it.each([
    ["arn:aws:s3:::b/*", "arn:aws:s3:::b/a/c", true],
    ["arn:aws:s3:::b/*", "arn:aws:s3:::b", false],
    ["arn:aws:s3:::b/?", "arn:aws:s3:::b/ab", false],
    ["a.c", "abc", false],
    ["secret:name-??????", "secret:name-a1B2c3", true],
  ])("%s is held against %s: %s", (pattern, text, expected) => {
    expect(matchesWildcard(pattern, text)).toBe(expected);
  });

  it("ignores case in actions, and nowhere else", () => {
    expect(matchesAction("S3:getobject", "s3:GetObject")).toBe(true);
    expect(matchesWildcard("S3", "s3")).toBe(false);
  });

  it("in an ARN's condition does not reach across a colon", () => {
    expect(matchesArn("arn:aws:sns:*:topic", "arn:aws:sns:eu-west-3:111122223333:topic")).toBe(false);
    expect(matchesArn("arn:aws:sns:*:*:topic", "arn:aws:sns:eu-west-3:111122223333:topic")).toBe(true);
  });
});

describe("a request", () => {
  it.each([
    ["nothing said", [], "implicit-deny in identity"],
    ["another action allowed", [allow("s3:PutObject", OBJECT)], "implicit-deny in identity"],
    ["another resource allowed", [allow("s3:GetObject", `${OBJECT}s`)], "implicit-deny in identity"],
    ["allowed", [allow(["s3:Get*"], ["arn:aws:s3:::ledger/*"])], "allowed by identity"],
    ["allowed and denied", [allow("s3:*", "*"), deny("s3:GetObject", "*")], "explicit-deny in identity"],
    [
      "denied all but something else",
      [allow("*", "*"), { Effect: "Deny", NotAction: "s3:PutObject", Resource: "*" }],
      "explicit-deny in identity",
    ],
    [
      "denied all but itself",
      [allow("*", "*"), { Effect: "Deny", NotAction: "s3:Get*", Resource: "*" }],
      "allowed by identity",
    ],
    [
      "allowed on everything else",
      [{ Effect: "Allow", Action: "s3:GetObject", NotResource: OBJECT }],
      "implicit-deny in identity",
    ],
  ])("with %s is decided so", (_, statements, expected) => {
    expect(decide(asks("s3:GetObject", OBJECT), statements)).toBe(expected);
  });

  it("is decided by the resource's policy as well", () => {
    const request = asks("s3:GetObject", OBJECT);
    const everybody = { Principal: "*" };
    expect(decide(request, [], [allow("s3:GetObject", OBJECT, everybody)])).toBe("allowed by resource");
    expect(decide(request, [allow("*", "*")], [deny("s3:*", "*", everybody)])).toBe(
      "explicit-deny in resource",
    );
    const another = { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/other` } };
    expect(decide(request, [], [allow("s3:GetObject", OBJECT, another)])).toBe("implicit-deny in identity");
  });

  it("is not allowed by a resource that leaves it to the account", () => {
    const account = { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } };
    const request = asks("s3:GetObject", OBJECT);
    expect(decide(request, [], [allow("s3:*", "*", account)])).toBe("implicit-deny in identity");
    expect(decide(request, [allow("s3:*", "*")], [allow("s3:*", "*", account)])).toBe("allowed by identity");
  });

  it("for a key needs the key's policy to let IAM have a say", () => {
    const key = `arn:aws:kms:eu-west-3:${ACCOUNT}:key/1`;
    const request = asks("kms:Decrypt", key);
    const account = { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } };
    const service = { Principal: { Service: "cloudwatch.amazonaws.com" } };
    expect(decide(request, [allow("kms:*", "*")], [allow("kms:*", "*", service)])).toBe(
      "implicit-deny in resource",
    );
    expect(decide(request, [allow("kms:*", "*")], [allow("kms:*", "*", account)])).toBe(
      "allowed by identity",
    );
  });

  it("by a service or by nobody is decided by the resource alone", () => {
    const arn = `arn:aws:lambda:eu-west-3:${ACCOUNT}:function:f`;
    const service: Principal = { type: "service", service: "events.amazonaws.com" };
    const only = {
      Principal: { Service: "events.amazonaws.com" },
      Condition: { ArnLike: { "aws:SourceArn": "arn:aws:events:eu-west-3:1:rule/r" } },
    };
    const request = asks("lambda:InvokeFunction", arn, { principal: service });
    const from = (rule: string) => ({
      ...request,
      context: { "aws:sourcearn": `arn:aws:events:eu-west-3:1:rule/${rule}` },
    });
    const statements = [allow("lambda:InvokeFunction", arn, only)];
    expect(decide(from("r"), [], statements)).toBe("allowed by resource");
    expect(decide(from("s"), [], statements)).toBe("implicit-deny in resource");
    expect(decide({ ...from("r"), principal: { type: "anonymous" } }, [], statements)).toBe(
      "implicit-deny in resource",
    );
  });
});

describe("a condition", () => {
  const under = (Condition: object, context: Readonly<Record<string, string>>): boolean =>
    decide(asks("s3:PutObject", OBJECT, { context }), [allow("s3:PutObject", "*", { Condition })]) ===
    "allowed by identity";

  it.each([
    [{ StringEquals: { "aws:SourceAccount": ["1", "2"] } }, { "aws:sourceaccount": "2" }, true],
    [{ StringEquals: { "aws:SourceAccount": "1" } }, {}, false],
    [{ StringEqualsIfExists: { "aws:SourceAccount": "1" } }, {}, true],
    [{ StringNotEquals: { "aws:SourceAccount": ["1", "2"] } }, { "aws:sourceaccount": "2" }, false],
    [{ StringNotEquals: { "aws:SourceAccount": "1" } }, {}, true],
    [
      { StringLike: { "kms:ViaService": "rds.*.amazonaws.com" } },
      { "kms:viaservice": "rds.eu-west-3.amazonaws.com" },
      true,
    ],
    [{ Bool: { "aws:SecureTransport": "false" } }, { "aws:securetransport": "true" }, false],
    [{ Null: { "s3:if-match": "true", "s3:if-none-match": "true" } }, {}, true],
    [{ Null: { "s3:if-match": "true", "s3:if-none-match": "true" } }, { "s3:if-match": "x" }, false],
    [{ Null: { "s3:if-match": "false" } }, { "s3:if-match": "x" }, true],
    [
      { ArnEquals: { "aws:SourceArn": "arn:aws:events:*:1:rule/r*" } },
      { "aws:sourcearn": "arn:aws:events:x:1:rule/r2" },
      true,
    ],
  ])("%j under %j holds: %s", (condition, context, expected) => {
    expect(under(condition, context)).toBe(expected);
  });

  it.each([
    [{ DateLessThan: { "aws:CurrentTime": "2026-01-01" } }, "DateLessThan is not modelled"],
    [{ "ForAnyValue:StringEquals": { "aws:SourceArn": "x" } }, "is not modelled"],
    [{ StringEquals: { "aws:PrincipalTag/team": "sre" } }, "aws:PrincipalTag/team is not modelled"],
  ])("%j is refused, and not ignored", (condition, said) => {
    expect(() => policy(allow("s3:GetObject", "*", { Condition: condition }))).toThrow(said);
  });
});

describe("a policy", () => {
  it.each([
    [{ ...allow("s3:GetObject", "*"), NotAction: "s3:PutObject" }, "both Action and NotAction"],
    [{ ...allow("s3:GetObject", "*"), NotPrincipal: "*" }, "has NotPrincipal"],
    [allow("s3:GetObject", "*", { Principal: { Federated: "x" } }), "Federated"],
    // oxlint-disable-next-line no-template-curly-in-string -- IAM's variables
    [allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}"), "policy variable"],
    [{ ...allow("s3:GetObject", "*"), Effect: "allow" }, "neither allows nor denies"],
  ])("that is not understood is refused: %#", (statements, said) => {
    expect(() => policy(statements)).toThrow(said);
  });

  it("of an older version is refused", () => {
    expect(() => parsePolicy("old", JSON.stringify({ Version: "2008-10-17", Statement: [] }))).toThrow(
      "2008",
    );
  });
});

describe("a call", () => {
  const origin = { place: "eu-west-3", principal: "function/f@eu-west-3" };
  const needs = (service: string, operation: string, input: Record<string, unknown>, key?: string) =>
    requiredFor(
      service,
      { region: "eu-west-3", operation, input, origin },
      { accountId: ACCOUNT, keyOf: () => key },
    ).map(({ action, resource }) => `${action} ${resource}`);

  it("that compares before it writes needs leave to read", () => {
    const put = { Bucket: "ledger", Key: "a" };
    expect(needs("s3", "PutObject", put)).toEqual(["s3:PutObject arn:aws:s3:::ledger/a"]);
    expect(needs("s3", "PutObject", { ...put, IfMatch: "x" })).toEqual([
      "s3:PutObject arn:aws:s3:::ledger/a",
      "s3:GetObject arn:aws:s3:::ledger/a",
    ]);
  });

  it("that moves a global database needs leave for it and for the cluster that takes over", () => {
    const target = `arn:aws:rds:eu-west-3:${ACCOUNT}:cluster:c`;
    const input = { GlobalClusterIdentifier: "g", TargetDbClusterIdentifier: target };
    expect(needs("rds", "FailoverGlobalCluster", input)).toEqual([
      `rds:FailoverGlobalCluster arn:aws:rds::${ACCOUNT}:global-cluster:g`,
      `rds:FailoverGlobalCluster ${target}`,
    ]);
  });

  it("that copies an encrypted snapshot needs its key, too", () => {
    const input = { SourceDBClusterSnapshotIdentifier: "a", TargetDBClusterSnapshotIdentifier: "b" };
    expect(needs("rds", "CopyDBClusterSnapshot", input)).toHaveLength(2);
    expect(needs("rds", "CopyDBClusterSnapshot", input, "arn:key")).toEqual(
      expect.arrayContaining(["kms:CreateGrant arn:key", "kms:DescribeKey arn:key"]),
    );
  });

  it("that nobody has looked up is an error, not an allowance", () => {
    expect(() => needs("s3", "PutBucketPolicy", { Bucket: "b" })).toThrow("nothing is known");
  });
});

describe("a request for what lies in another account", () => {
  const canary = "arn:aws:lambda:eu-west-3:222233334444:function:canary";
  const request = asks("lambda:InvokeFunction", canary, { elsewhere: "222233334444" });
  const own = allow("lambda:InvokeFunction", canary);
  const theirs = (principal: string) =>
    allow("lambda:InvokeFunction", canary, { Principal: { AWS: principal } });

  it("takes the leave of both, and says whose is missing", () => {
    expect(decide(request, [own], [theirs(`arn:aws:iam::${ACCOUNT}:role/claim`)])).toBe("allowed by both");
    expect(decide(request, [], [theirs(`arn:aws:iam::${ACCOUNT}:role/claim`)])).toBe(
      "implicit-deny in identity",
    );
    expect(decide(request, [own], [])).toBe("implicit-deny in resource");
    expect(decide(request, [own], [theirs(`arn:aws:iam::${ACCOUNT}:role/watch`)])).toBe(
      "implicit-deny in resource",
    );
  });

  it("may be let in as the account as a whole, whose own policies decide then", () => {
    const all = theirs(`arn:aws:iam::${ACCOUNT}:root`);
    expect(decide(request, [own], [all])).toBe("allowed by both");
    expect(decide(request, [], [all])).toBe("implicit-deny in identity");
  });

  it("is refused by a denial of either", () => {
    const leave = theirs(`arn:aws:iam::${ACCOUNT}:role/claim`);
    expect(decide(request, [own, deny("lambda:*", "*")], [leave])).toBe("explicit-deny in identity");
    expect(decide(request, [own], [leave, deny("lambda:*", canary, { Principal: "*" })])).toBe(
      "explicit-deny in resource",
    );
  });
});

describe("IAM of a simulated account", () => {
  const world = () => createWorld({ seed: 1, startMs: 0, accountId: ACCOUNT, regions: ["eu-west-3"] });
  const trust = (service: string, more: object = {}): string =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole", ...more }],
    });
  const taken = { principal: "function/f@eu-west-3", roleArn: `arn:aws:iam::${ACCOUNT}:role/f` };
  const call = (operation: string, principal = taken.principal) => ({
    region: "eu-west-3",
    operation,
    input: { Bucket: "b", Key: "k" },
    origin: { place: "eu-west-3", principal },
  });

  it("answers as the service would that is called", () => {
    const { access, ...rest } = world();
    const iam = createIam({ ...rest, access });
    iam.createRole("f", trust("lambda.amazonaws.com"));
    iam.take({ ...taken, service: "lambda.amazonaws.com" });
    iam.enforce();
    expect(access.call?.("s3", call("GetObject"))).toMatchObject({ code: "AccessDenied", status: 403 });
    expect(iam.denials).toHaveLength(1);
    expect(() => access.call?.("s3", call("GetObject", "function/g@eu-west-3"))).toThrow("acts in no role");
  });

  it("tells only those who may list a bucket that a key is missing", () => {
    const { access, ...rest } = world();
    const iam = createIam({ ...rest, access });
    iam.createRole("f", trust("lambda.amazonaws.com"));
    iam.putRolePolicy(
      "f",
      "own",
      JSON.stringify({ Version: "2012-10-17", Statement: [allow("s3:GetObject", "*")] }),
    );
    iam.take({ ...taken, service: "lambda.amazonaws.com" });
    iam.enforce();
    const missing = Object.assign(new Error("gone"), { code: "NoSuchKey", status: 404, details: {} });
    expect(access.call?.("s3", call("GetObject"))).toBeUndefined();
    expect(access.conceal?.("s3", call("GetObject"), missing)).toMatchObject({ status: 403 });
    iam.putRolePolicy(
      "f",
      "more",
      JSON.stringify({ Version: "2012-10-17", Statement: [allow("s3:ListBucket", "*")] }),
    );
    expect(iam.judged.at(-1)?.action).toBe("s3:ListBucket");
  });

  it("lets nobody take a role that is not for him", () => {
    const iam = createIam(world());
    const only = { Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } } };
    iam.createRole("f", trust("states.amazonaws.com", only));
    expect(() => iam.take({ ...taken, service: "lambda.amazonaws.com" })).toThrow("does not let lambda");
    expect(() => iam.take({ ...taken, service: "states.amazonaws.com" })).toThrow("does not let states");
    const context = { "aws:sourceaccount": ACCOUNT };
    expect(() => iam.take({ ...taken, service: "states.amazonaws.com", context })).not.toThrow();
  });

  it("holds administrators to what resources deny", () => {
    const { access, ...rest } = world();
    const iam = createIam({ ...rest, access });
    iam.putResourcePolicy(
      "arn:aws:s3:::b",
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [deny("s3:DeleteObject", "arn:aws:s3:::b/*", { Principal: "*" })],
      }),
    );
    iam.enforce();
    expect(access.call?.("s3", call("GetObject", "operator"))).toBeUndefined();
    expect(access.call?.("s3", call("DeleteObject", "operator"))).toMatchObject({ code: "AccessDenied" });
  });

  it("lets the public call an address only with both permissions of the function", async () => {
    const job = `arn:aws:lambda:eu-west-3:${ACCOUNT}:function:job`;
    const byUrl = allow("lambda:InvokeFunctionUrl", job, {
      Principal: { AWS: "*" },
      Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } },
    });
    const viaUrl = allow("lambda:InvokeFunction", job, {
      Principal: { AWS: "*" },
      Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
    });
    const statusWith = async (statements: readonly object[]): Promise<number> => {
      const account = createAccount({ functions: { job: () => ({ statusCode: 204 }) } });
      const { cloud } = account;
      const iam = createIam(cloud.world);
      iam.createRole("f", trust("lambda.amazonaws.com"));
      iam.putRolePolicy(
        "f",
        "own",
        JSON.stringify({ Version: "2012-10-17", Statement: [allow("logs:*", "*")] }),
      );
      iam.take({ ...taken, principal: `function/job@${PARIS}`, service: "lambda.amazonaws.com" });
      iam.putResourcePolicy(job, JSON.stringify({ Version: "2012-10-17", Statement: statements }));
      iam.enforce();
      cloud.lambda.createFunction({ region: PARIS, functionName: "job", timeoutSeconds: 10 });
      const url = cloud.lambda.createFunctionUrl({ region: PARIS, functionName: "job" });
      let status = 0;
      await account.run(async () => {
        ({ status } = await cloud.world.fabric.request(INTERNET, { method: "GET", url, timeoutMs: 20_000 }));
      });
      return status;
    };
    expect(await statusWith([byUrl])).toBe(403);
    expect(await statusWith([viaUrl])).toBe(403);
    expect(await statusWith([byUrl, viaUrl])).toBe(204);
  });
});
