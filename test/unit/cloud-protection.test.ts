import { ACMClient, DescribeCertificateCommand } from "@aws-sdk/client-acm";
import {
  DescribeDomainConfigurationCommand,
  DescribeEndpointCommand,
  IoTClient,
  UpdateDomainConfigurationCommand,
} from "@aws-sdk/client-iot";
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccount, failure, FRANKFURT, IRELAND, PARIS, type Account } from "./cloud-account.ts";

const MINUTE_MS = 60_000;

let account: Account;
beforeEach(() => {
  account = createAccount();
});
afterEach(() => account.expectConformance());

const settings = (region: string) => ({
  region,
  credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
  maxAttempts: 1,
  requestHandler: account.cloud.connect({ timeoutMs: 5_000 }),
});
const kms = (region: string) => new KMSClient(settings(region));
const secrets = (region: string) => new SecretsManagerClient(settings(region));

describe("a multi-Region key", () => {
  it("is described in each of its regions, and unknown elsewhere", () =>
    account.run(async () => {
      const { keyId } = account.cloud.kms.createKey({
        region: IRELAND,
        replicas: [PARIS],
        alias: "alias/spacelift",
      });
      expect(keyId).toMatch(/^mrk-/);
      const { KeyMetadata } = await kms(PARIS).send(new DescribeKeyCommand({ KeyId: "alias/spacelift" }));
      expect(KeyMetadata).toMatchObject({
        KeyId: keyId,
        KeyState: "Enabled",
        MultiRegion: true,
        MultiRegionConfiguration: { MultiRegionKeyType: "REPLICA", PrimaryKey: { Region: IRELAND } },
      });
      expect(await failure(kms(FRANKFURT).send(new DescribeKeyCommand({ KeyId: keyId })))).toMatchObject({
        name: "NotFoundException",
        status: 400,
      });
    }));

  it("decrypts in the standby what was encrypted in the primary, as long as it is enabled there", () =>
    account.run(async () => {
      const { keyId } = account.cloud.kms.createKey({ region: IRELAND, replicas: [PARIS] });
      const other = account.cloud.kms.createKey({ region: IRELAND });
      const encrypt = (KeyId: string) =>
        kms(IRELAND).send(new EncryptCommand({ KeyId, Plaintext: new TextEncoder().encode("text") }));
      const { CiphertextBlob } = await encrypt(keyId);
      const decrypt = () => kms(PARIS).send(new DecryptCommand({ CiphertextBlob }));
      expect(Buffer.from((await decrypt()).Plaintext ?? []).toString()).toBe("text");
      account.cloud.kms.setKeyState(PARIS, keyId, "Disabled");
      expect((await failure(decrypt())).name).toBe("DisabledException");
      account.cloud.kms.setKeyState(PARIS, keyId, "PendingDeletion");
      expect((await failure(decrypt())).name).toBe("KMSInvalidStateException");
      const local = await encrypt(other.keyId);
      const elsewhere = kms(PARIS).send(new DecryptCommand({ CiphertextBlob: local.CiphertextBlob }));
      expect((await failure(elsewhere)).name).toBe("InvalidCiphertextException");
    }));
});

describe("a secret with a replica", () => {
  beforeEach(() => {
    account.cloud.secretsManager.createSecret({
      region: IRELAND,
      name: "spacelift/connection",
      secretString: "one",
      replicas: [PARIS],
    });
  });
  const read = async (region: string) =>
    (await secrets(region).send(new GetSecretValueCommand({ SecretId: "spacelift/connection" })))
      .SecretString;
  const write = (region: string, SecretString: string) =>
    secrets(region).send(new PutSecretValueCommand({ SecretId: "spacelift/connection", SecretString }));

  it("is read in both regions, and written in the primary only", () =>
    account.run(async () => {
      expect([await read(IRELAND), await read(PARIS)]).toEqual(["one", "one"]);
      expect((await failure(write(PARIS, "two"))).name).toBe("InvalidRequestException");
      expect((await failure(read(FRANKFURT))).name).toBe("ResourceNotFoundException");
    }));

  it("reaches the replica after a moment, and says meanwhile that it is not in sync", () =>
    account.run(async () => {
      const status = async () => {
        const { ReplicationStatus } = await secrets(IRELAND).send(
          new DescribeSecretCommand({ SecretId: "spacelift/connection" }),
        );
        return ReplicationStatus?.map(({ Region, Status }) => `${Region}: ${Status}`);
      };
      account.cloud.world.network.cut(IRELAND, PARIS);
      await write(IRELAND, "two");
      await account.sleep(MINUTE_MS);
      expect([await read(PARIS), await status()]).toEqual(["one", [`${PARIS}: InProgress`]]);
      account.cloud.world.network.mend(IRELAND, PARIS);
      await account.sleep(2 * MINUTE_MS);
      expect([await read(PARIS), await status()]).toEqual(["two", [`${PARIS}: InSync`]]);
    }));

  it("cannot be read without its key", () =>
    account.run(async () => {
      const { keyId } = account.cloud.kms.createKey({ region: IRELAND, replicas: [PARIS] });
      account.cloud.secretsManager.createSecret({
        region: IRELAND,
        name: "sealed",
        secretString: "x",
        replicas: [PARIS],
        kmsKeyId: keyId,
      });
      account.cloud.kms.setKeyState(PARIS, keyId, "Disabled");
      const reading = secrets(PARIS).send(new GetSecretValueCommand({ SecretId: "sealed" }));
      expect((await failure(reading)).name).toBe("DecryptionFailure");
    }));
});

it("a certificate belongs to one region, and expires", async () => {
  const { arn } = account.cloud.acm.createCertificate({
    region: PARIS,
    domainName: "spacelift.example.com",
    validDays: 1,
  });
  const status = async (region: string) =>
    (await new ACMClient(settings(region)).send(new DescribeCertificateCommand({ CertificateArn: arn })))
      .Certificate?.Status;
  await account.run(async () => {
    expect(await status(PARIS)).toBe("ISSUED");
    expect((await failure(status(IRELAND))).name).toBe("ResourceNotFoundException");
  });
  const { clock } = account.cloud.world;
  await clock.run({ untilMs: clock.nowMs() + 1_440 * MINUTE_MS });
  await account.run(async () => expect(await status(PARIS)).toBe("EXPIRED"));
});

it("a broker takes connections for a custom domain some time after it is enabled, while its region is up", async () => {
  account.cloud.iot.createDomainConfiguration({
    region: PARIS,
    name: "workers",
    domainName: "mqtt.example.com",
    enabled: false,
  });
  const iot = new IoTClient(settings(PARIS));
  await account.run(async () => {
    const describe = () =>
      iot.send(new DescribeDomainConfigurationCommand({ domainConfigurationName: "workers" }));
    expect((await describe()).domainConfigurationStatus).toBe("DISABLED");
    await iot.send(
      new UpdateDomainConfigurationCommand({
        domainConfigurationName: "workers",
        domainConfigurationStatus: "ENABLED",
      }),
    );
    expect((await describe()).domainConfigurationStatus).toBe("ENABLED");
    expect(account.cloud.iot.accepts(PARIS, "mqtt.example.com")).toBe(false);
    await account.sleep(MINUTE_MS);
    expect(account.cloud.iot.accepts(PARIS, "mqtt.example.com")).toBe(true);
    const { endpointAddress } = await iot.send(new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" }));
    expect(endpointAddress).toBe(account.cloud.iot.endpoint(PARIS));
    account.cloud.world.network.lose(PARIS);
    expect(account.cloud.iot.accepts(PARIS, "mqtt.example.com")).toBe(false);
  });
});

it("a topic keeps what was published to it, and refuses what has no topic", async () => {
  const TopicArn = account.cloud.sns.createTopic(PARIS, "operators");
  const sns = (region: string) => new SNSClient(settings(region));
  await account.run(async () => {
    await sns(PARIS).send(new PublishCommand({ TopicArn, Subject: "Recovered", Message: "epoch 7" }));
    const elsewhere = sns(IRELAND).send(new PublishCommand({ TopicArn, Message: "x" }));
    expect(await failure(elsewhere)).toMatchObject({ name: "NotFoundException", status: 404 });
    const empty = sns(PARIS).send(new PublishCommand({ TopicArn, Message: "" }));
    expect(await failure(empty)).toMatchObject({ name: "InvalidParameterException", status: 400 });
  });
  expect(account.cloud.sns.messages).toMatchObject([
    { topicArn: TopicArn, subject: "Recovered", message: "epoch 7" },
  ]);
});
