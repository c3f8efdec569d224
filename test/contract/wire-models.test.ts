import { createRequire } from "node:module";
import type { ServiceModel } from "@lifeboat/cloud/kernel/service";
import { describe, expect, test } from "vitest";
import { ACCOUNT, createAccount, IRELAND, PARIS, START_MS, type Account } from "../unit/cloud-account.ts";

type Inputs = readonly (readonly [operation: string, input: object])[];
type Constructor<Instance> = new (input: object) => Instance;

const functionArn = `arn:aws:lambda:${IRELAND}:${ACCOUNT}:function:job`;
const queueUrl = `https://sqs.${IRELAND}.amazonaws.com/${ACCOUNT}/ticks`;
const role = `arn:aws:iam::${ACCOUNT}:role/role`;
const machineArn = `arn:aws:states:${IRELAND}:${ACCOUNT}:stateMachine:machine`;
const executionArn = `arn:aws:states:${IRELAND}:${ACCOUNT}:execution:machine:one`;
const TopicArn = `arn:aws:sns:${IRELAND}:${ACCOUNT}:operators`;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const at = { Bucket: "bucket", Key: "key" };
const schedule = {
  Name: "watch",
  ScheduleExpression: "rate(1 hour)",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: { Arn: functionArn, RoleArn: role, Input: "{}" },
};

/** A world in which every operation below finds what it asks for. */
const furnish = (account: Account): { readonly tokens: readonly string[] } => {
  const { acm, iot, kms, lambda, s3, secretsManager, sfn, sns, sqs } = account.cloud;
  acm.createCertificate({
    region: IRELAND,
    domainName: "spacelift.example.com",
    arn: `arn:aws:acm:${IRELAND}:${ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555`,
  });
  iot.createDomainConfiguration({
    region: IRELAND,
    name: "workers",
    domainName: "mqtt.example.com",
    certificateArns: [`arn:aws:acm:${IRELAND}:${ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555`],
  });
  kms.createKey({
    region: IRELAND,
    replicas: [PARIS],
    keyId: `mrk-${"0".repeat(32)}`,
    alias: "alias/spacelift",
  });
  lambda.createFunction({ region: IRELAND, functionName: "job" });
  s3.createBucket({ name: "bucket", region: IRELAND, objectLock: { mode: "GOVERNANCE", days: 1 } });
  s3.createBucket({ name: "copy", region: PARIS });
  s3.replicate({ from: "bucket", to: "copy" });
  secretsManager.createSecret({ region: IRELAND, name: "connection", secretString: "x", replicas: [PARIS] });
  sns.createTopic(IRELAND, "operators");
  sqs.createQueue({ region: IRELAND, name: "ticks" });
  const ask = {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Arguments: { FunctionName: "job", Payload: { token: "{% $states.context.Task.Token %}" } },
    TimeoutSeconds: 6_000,
    Catch: [{ ErrorEquals: ["Again"], Next: "Ask" }],
    End: true,
  };
  const definition = { QueryLanguage: "JSONata", StartAt: "Ask", States: { Ask: ask } };
  sfn.createStateMachine({ region: IRELAND, name: "machine", definition });
  return { tokens };
};

const tokens: string[] = [];

/** One accepted call of each operation, in an order in which each finds what it needs. */
const CALLS: Readonly<Record<string, Inputs>> = {
  acm: [
    [
      "DescribeCertificate",
      {
        CertificateArn: `arn:aws:acm:${IRELAND}:${ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555`,
      },
    ],
    ["ListCertificates", {}],
  ],
  iot: [
    ["DescribeDomainConfiguration", { domainConfigurationName: "workers" }],
    [
      "UpdateDomainConfiguration",
      { domainConfigurationName: "workers", domainConfigurationStatus: "DISABLED" },
    ],
    ["ListDomainConfigurations", {}],
    ["DescribeEndpoint", { endpointType: "iot:Data-ATS" }],
  ],
  kms: [
    ["DescribeKey", { KeyId: "alias/spacelift" }],
    ["Encrypt", { KeyId: "alias/spacelift", Plaintext: bytes("text") }],
    ["Decrypt", { CiphertextBlob: bytes(`simulated-kms:mrk-${"0".repeat(32)}:dGV4dA==`) }],
    ["ListAliases", {}],
  ],
  lambda: [
    ["Invoke", { FunctionName: "job", Payload: bytes("{}") }],
    ["GetFunction", { FunctionName: functionArn }],
    ["GetFunctionConfiguration", { FunctionName: "job" }],
    ["GetFunctionConcurrency", { FunctionName: "job" }],
    ["PutFunctionConcurrency", { FunctionName: "job", ReservedConcurrentExecutions: 0 }],
    ["GetFunctionConcurrency", { FunctionName: "job" }],
    ["ListFunctions", {}],
  ],
  s3: [
    ["PutObject", { ...at, Body: "x", IfNoneMatch: "*" }],
    ["GetObject", at],
    ["HeadObject", at],
    ["CopyObject", { Bucket: "bucket", Key: "twin", CopySource: "bucket/key" }],
    ["GetObjectRetention", at],
    [
      "PutObjectRetention",
      { ...at, Retention: { Mode: "GOVERNANCE", RetainUntilDate: new Date(START_MS + 7 * 86_400_000) } },
    ],
    ["ListObjectsV2", { Bucket: "bucket", Prefix: "k" }],
    ["DeleteObject", at],
    ["DeleteObjects", { Bucket: "bucket", Delete: { Objects: [{ Key: "twin" }] } }],
    ["ListObjectVersions", { Bucket: "bucket" }],
    ["GetBucketLocation", { Bucket: "bucket" }],
    ["GetBucketReplication", { Bucket: "bucket" }],
    ["GetBucketVersioning", { Bucket: "bucket" }],
    ["GetObjectLockConfiguration", { Bucket: "bucket" }],
    ["HeadBucket", { Bucket: "bucket" }],
    ["PutBucketVersioning", { Bucket: "bucket", VersioningConfiguration: { Status: "Enabled" } }],
  ],
  "secrets-manager": [
    ["GetSecretValue", { SecretId: "connection" }],
    ["DescribeSecret", { SecretId: "connection" }],
    ["PutSecretValue", { SecretId: "connection", SecretString: "y" }],
  ],
  sns: [
    ["CreateTopic", { Name: "more" }],
    ["Publish", { TopicArn, Message: "hello" }],
    ["Subscribe", { TopicArn, Protocol: "email", Endpoint: "a@example.com" }],
    ["GetTopicAttributes", { TopicArn }],
    ["ListTopics", {}],
  ],
  sfn: [
    ["StartExecution", { stateMachineArn: machineArn, name: "one", input: "{}" }],
    ["SendTaskHeartbeat", { taskToken: "token" }],
    ["SendTaskFailure", { taskToken: "token", error: "Again" }],
    ["SendTaskSuccess", { taskToken: "token", output: "{}" }],
    ["DescribeExecution", { executionArn }],
    ["GetExecutionHistory", { executionArn }],
    ["ListExecutions", { stateMachineArn: machineArn }],
    ["DescribeStateMachine", { stateMachineArn: machineArn }],
    ["ListStateMachines", {}],
    ["StartExecution", { stateMachineArn: machineArn, name: "two" }],
    ["StopExecution", { executionArn: executionArn.replace(/one$/, "two") }],
    ["RedriveExecution", { executionArn: executionArn.replace(/one$/, "two") }],
  ],
  sqs: [
    ["GetQueueUrl", { QueueName: "ticks" }],
    ["SendMessage", { QueueUrl: queueUrl, MessageBody: "tick", DelaySeconds: 12 }],
    [
      "SendMessageBatch",
      { QueueUrl: queueUrl, Entries: [{ Id: "1", MessageBody: "tick", DelaySeconds: 900 }] },
    ],
    ["GetQueueAttributes", { QueueUrl: queueUrl, AttributeNames: ["All"] }],
  ],
  eventbridge: [
    ["CreateEventBus", { Name: "recovery" }],
    ["DescribeEventBus", { Name: "recovery" }],
    ["PutRule", { Name: "rule", EventPattern: '{"source":["aws.rds"]}', State: "ENABLED" }],
    ["PutTargets", { Rule: "rule", Targets: [{ Id: "1", Arn: functionArn }] }],
    ["PutEvents", { Entries: [{ Source: "lifeboat", DetailType: "x", Detail: "{}" }] }],
    ["DescribeRule", { Name: "rule" }],
    ["ListRules", {}],
    ["ListTargetsByRule", { Rule: "rule" }],
    ["DisableRule", { Name: "rule" }],
    ["EnableRule", { Name: "rule" }],
    ["DeleteRule", { Name: "rule" }],
    ["TestEventPattern", { EventPattern: '{"source":["aws.rds"]}', Event: '{"source":"aws.rds"}' }],
  ],
  scheduler: [
    ["CreateSchedule", schedule],
    ["UpdateSchedule", schedule],
    ["GetSchedule", { Name: "watch" }],
    ["ListSchedules", {}],
    ["DeleteSchedule", { Name: "watch" }],
  ],
};

const load = createRequire(import.meta.url);

const modelsOf = ({ cloud }: Account): readonly ServiceModel[] => [
  cloud.acm,
  cloud.eventbridge,
  cloud.iot,
  cloud.kms,
  cloud.lambda,
  cloud.s3,
  cloud.scheduler,
  cloud.secretsManager,
  cloud.sfn,
  cloud.sns,
  cloud.sqs,
];

describe.each(Object.keys(CALLS))("%s", (service) => {
  test("every operation of the model takes a valid call, and answers in AWS's own shape", async () => {
    tokens.length = 0;
    const account = createAccount({
      functions: {
        job: ({ payload }) => {
          const { token } = payload as { token?: string };
          if (token !== undefined) tokens.push(token);
          return null;
        },
      },
    });
    furnish(account);
    const model = modelsOf(account).find((candidate) => candidate.service === service);
    const calls = CALLS[service] ?? [];
    expect([...new Set(calls.map(([operation]) => operation))].sort()).toEqual(
      Object.keys(model?.operations ?? {}).sort(),
    );

    const exports = load(`@aws-sdk/client-${service}`) as Record<string, Constructor<object>>;
    const name = Object.keys(exports).find((key) => /^[A-Z].*Client$/.test(key)) ?? "";
    const client = new (exports[name] as Constructor<{ send(command: object): Promise<object> }>)({
      region: IRELAND,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 1,
      requestHandler: account.cloud.connect(),
    });
    const failed: string[] = [];
    await account.run(async () => {
      for (const [operation, input] of calls) {
        const Command = exports[`${operation}Command`] as Constructor<object>;
        const filled = "taskToken" in input ? { ...input, taskToken: tokens.at(-1) } : input;
        try {
          await client.send(new Command(filled));
        } catch (error) {
          failed.push(`${operation}: ${String(error)}`);
        }
        // Executions and deliveries go on between two calls.
        await account.sleep(2_000);
      }
    });
    expect(failed).toEqual([]);
    account.expectConformance();
  });
});
