import { AssumeRoleCommand, STSClient, type AssumeRoleCommandInput } from "@aws-sdk/client-sts";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { createIam } from "@lifeboat/cloud/iam/iam";
import type { AwsCredentialIdentity } from "@smithy/types";
import { describe, expect, it } from "vitest";
import { ACCOUNT, createAccount, failure, IRELAND, PARIS, type Account } from "./cloud-account.ts";

const THEIRS = "222233334444";
const ROLE = `arn:aws:iam::${THEIRS}:role/lifeboat`;
const BY_NAME = "spacelift.promote.euw3.e2";

const asked: AssumeRoleCommandInput = {
  RoleArn: ROLE,
  RoleSessionName: BY_NAME,
  ExternalId: "lifeboat-1",
  DurationSeconds: 900,
};

const settings = (
  account: Account,
  region: string,
  principal: string,
  credentials?: AwsCredentialIdentity,
) => ({
  region,
  credentials: credentials ?? { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
  maxAttempts: 1,
  requestHandler: account.cloud.connect({ timeoutMs: 2000, origin: { place: region, principal } }),
});

const PROMOTE = "function/promote@eu-west-3";

const assume = (account: Account, input: Partial<AssumeRoleCommandInput> = {}, principal = PROMOTE) =>
  new STSClient(settings(account, PARIS, principal)).send(new AssumeRoleCommand({ ...asked, ...input }));

const keysFrom = async (account: Account): Promise<AwsCredentialIdentity> => {
  const { Credentials } = await assume(account);
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
};

const describeKey = (account: Account, credentials?: AwsCredentialIdentity) =>
  new KMSClient(settings(account, PARIS, PROMOTE, credentials)).send(new DescribeKeyCommand({ KeyId: "k" }));

const json = (...Statement: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement });

/** An account with the role `promote` of a function, and the role of another account that it may assume, or not. */
const withIam = ({
  own = [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: ROLE }],
  trusts = `arn:aws:iam::${ACCOUNT}:role/promote`,
}: { readonly own?: readonly object[]; readonly trusts?: string } = {}) => {
  const account = createAccount();
  const iam = createIam(account.cloud.world);
  iam.createRole(
    "promote",
    json({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }),
  );
  if (own.length > 0) iam.putRolePolicy("promote", "own", json(...own));
  iam.take({
    principal: PROMOTE,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/promote`,
    service: "lambda.amazonaws.com",
  });
  iam.createRole(
    "lifeboat",
    json({
      Effect: "Allow",
      Principal: { AWS: trusts },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": "lifeboat-1" } },
    }),
    THEIRS,
  );
  iam.enforce();
  return { account, iam };
};

describe("STS of a simulated account", () => {
  it("gives keys that end when it says, under the name of the session", async () => {
    const account = createAccount();
    const { Credentials, AssumedRoleUser } = await account.run(() => assume(account));
    expect(Credentials?.AccessKeyId).toMatch(/^ASIA/);
    expect(Credentials?.Expiration?.getTime()).toBeLessThanOrEqual(
      account.cloud.world.clock.nowMs() + 900_000,
    );
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${THEIRS}:assumed-role/lifeboat/${BY_NAME}`);
    expect(AssumedRoleUser?.AssumedRoleId).toMatch(new RegExp(`^AROA[0-9A-F]{17}:${BY_NAME}$`));
    expect(account.wire.at(-1)).toMatchObject({ service: "sts", region: PARIS, mutating: false });
    account.expectConformance();
  });

  it.each([
    ["less than a quarter of an hour", { DurationSeconds: 899 }, /greater than or equal to 900/],
    ["more than twelve hours", { DurationSeconds: 43_201 }, /less than or equal to 43200/],
    [
      "more than an hour for a role that assumes another",
      { DurationSeconds: 3601 },
      /1 hour session limit .* role chaining/,
    ],
    ["an external id of one character", { ExternalId: "x" }, /'externalId' .* greater than or equal to 2/],
    ["an external id with a blank", { ExternalId: "a b" }, /'externalId' .* pattern/],
    ["a session's name that is too long", { RoleSessionName: "x".repeat(65) }, /'roleSessionName'/],
    ["a session's name with a colon", { RoleSessionName: "a:b" }, /'roleSessionName' .* pattern/],
    ["what is no role", { RoleArn: `arn:aws:iam::${THEIRS}:user/anna` }, /is invalid/],
  ])("refuses %s", async (_, input, message) => {
    const account = createAccount();
    const refused = await account.run(() => failure(assume(account, input)));
    expect(refused).toMatchObject({ name: "ValidationError", status: 400 });
    expect(refused.message).toMatch(message);
  });

  it("takes keys as long as they hold, and each service says in its own words that they are over", async () => {
    const account = createAccount();
    account.cloud.kms.createKey({ keyId: "k", region: PARIS });
    account.cloud.s3.createBucket({ name: "b", region: PARIS });
    await account.run(async () => {
      const keys = await keysFrom(account);
      await account.sleep(890_000);
      await expect(describeKey(account, keys)).resolves.toBeDefined();
      await account.sleep(11_000);
      expect(await failure(describeKey(account, keys))).toMatchObject({
        name: "ExpiredTokenException",
        status: 400,
      });
      const s3 = new S3Client(settings(account, PARIS, PROMOTE, keys));
      expect(await failure(s3.send(new GetBucketVersioningCommand({ Bucket: "b" })))).toMatchObject({
        name: "ExpiredToken",
        status: 400,
      });
    });
  });

  it("takes no temporary keys that it has not given, and none with another token", async () => {
    const account = createAccount();
    await account.run(async () => {
      const keys = await keysFrom(account);
      const forged = { ...keys, sessionToken: "another" };
      expect(await failure(describeKey(account, forged))).toMatchObject({ name: "InvalidClientTokenId" });
      const unknown = { ...keys, accessKeyId: "ASIA0000000000000000" };
      expect(await failure(describeKey(account, unknown))).toMatchObject({ name: "InvalidClientTokenId" });
    });
  });

  it("is out of reach with its region, and of no other", async () => {
    const account = createAccount();
    account.cloud.world.network.lose(IRELAND);
    await account.run(async () => {
      const there = new STSClient(settings(account, IRELAND, "operator"));
      expect(await failure(there.send(new AssumeRoleCommand(asked)))).toMatchObject({ name: "TimeoutError" });
      await expect(assume(account)).resolves.toBeDefined();
    });
  });
});

describe("a role of another account", () => {
  const refusedWith = (
    input: Partial<AssumeRoleCommandInput>,
    parts: Parameters<typeof withIam>[0] = {},
    principal = PROMOTE,
  ) => {
    const { account } = withIam(parts);
    return account.run(() => failure(assume(account, input, principal)));
  };
  const denied = { name: "AccessDenied", status: 403 };

  it("is assumed by whom it trusts and who may, with the external id", async () => {
    const { account } = withIam();
    await expect(account.run(() => assume(account))).resolves.toBeDefined();
  });

  it("is not assumed with another external id, nor without one", async () => {
    expect(await refusedWith({ ExternalId: "lifeboat-2" })).toMatchObject(denied);
    expect(await refusedWith({ ExternalId: undefined })).toMatchObject(denied);
  });

  it("is not assumed by whom it does not trust, nor by whose own role does not let him: it takes both", async () => {
    const other = `arn:aws:iam::${ACCOUNT}:user/anna`;
    expect(await refusedWith({}, { trusts: other })).toMatchObject(denied);
    expect(await refusedWith({}, { own: [] })).toMatchObject(denied);
  });

  it("that does not exist is refused in the same words", async () => {
    const missing = `arn:aws:iam::${THEIRS}:role/gone`;
    expect(await refusedWith({ RoleArn: missing })).toMatchObject(denied);
  });

  it("is assumed under the names alone that one's own role allows", async () => {
    const own = [
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Resource: ROLE,
        Condition: { StringLike: { "sts:RoleSessionName": "spacelift.promote.euw3.*" } },
      },
    ];
    const { account } = withIam({ own });
    await expect(account.run(() => assume(account))).resolves.toBeDefined();
    expect(await refusedWith({ RoleSessionName: "spacelift.watch.euw3.e2" }, { own })).toMatchObject(denied);
  });

  it("cannot trust a role that there is not", () => {
    expect(() => withIam({ trusts: `arn:aws:iam::${ACCOUNT}:role/gone` })).toThrow(
      /MalformedPolicyDocument.*invalid principal/,
    );
  });

  it("is judged by its own policies, by the session's name, and by nothing that its caller has", async () => {
    const key = (account: string): string => `arn:aws:kms:eu-west-3:${account}:key/k`;
    const may = (Resource: string, more: object = {}) => ({
      Effect: "Allow",
      Action: "kms:DescribeKey",
      Resource,
      ...more,
    });
    const { account, iam } = withIam({
      own: [
        { Effect: "Allow", Action: "sts:AssumeRole", Resource: ROLE },
        may(key(ACCOUNT)),
        may(key(THEIRS)),
      ],
    });
    account.cloud.kms.createKey({ keyId: "k", region: PARIS });
    await account.run(async () => {
      const keys = await keysFrom(account);
      expect(await failure(describeKey(account, keys))).toMatchObject({ name: "AccessDeniedException" });
      expect(iam.denials.at(-1)).toMatchObject({ role: "lifeboat", session: BY_NAME, resource: key(THEIRS) });
      const for_ = (name: string) => ({ Condition: { StringLike: { "aws:userid": `*:${name}.*` } } });
      iam.putRolePolicy("lifeboat", "others", json(may(key(THEIRS), for_("spacelift.watch.euw3"))));
      const again = { ...keys };
      const { Credentials } = await assume(account, { RoleSessionName: "spacelift.watch.euw3.e2" });
      const watch = {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      };
      expect(await failure(describeKey(account, again))).toMatchObject({ name: "AccessDeniedException" });
      await expect(describeKey(account, watch)).resolves.toBeDefined();
    });
  });
});
