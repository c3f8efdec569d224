import type { WireRecord } from "@lifeboat/cloud/kernel/service";

/** What IAM asks before it lets a call through: an action on a resource, with what is known of the request. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

type Input = Readonly<Record<string, unknown>>;
type Translate = (input: Input, record: WireRecord, account: string) => readonly IamRequest[];

const text = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value !== "string") throw new TypeError(`the call has no ${name}`);
  return value;
};

const one =
  (action: string, resource: (input: Input, region: string, account: string) => string): Translate =>
  (input, { region }, account) => [{ action, resource: resource(input, region, account) }];

const object = (action: string) =>
  one(action, (input) => `arn:aws:s3:::${text(input, "Bucket")}/${text(input, "Key")}`);
const bucket = (action: string) => one(action, (input) => `arn:aws:s3:::${text(input, "Bucket")}`);
const anything = (action: string) => one(action, () => "*");

/** A read that found nothing was told so only because listing is allowed: S3 answers 403 otherwise. */
const read: Translate = (input, record, account) => [
  ...object("s3:GetObject")(input, record, account),
  ...(record.outcome.type === "error" && record.outcome.status === 404
    ? bucket("s3:ListBucket")(input, record, account)
    : []),
];

/** `If-Match` needs leave to read as well: docs.aws.amazon.com/AmazonS3, "Conditional writes". */
const write: Translate = (input, record, account) => [
  ...object("s3:PutObject")(input, record, account),
  ...(input["IfMatch"] === undefined ? [] : object("s3:GetObject")(input, record, account)),
  ...(input["ObjectLockMode"] === undefined ? [] : object("s3:PutObjectRetention")(input, record, account)),
];

const service = (action: string) =>
  one(action, (input, region, account) => {
    const [first] = (input["services"] as readonly string[] | undefined) ?? [text(input, "service")];
    return `arn:aws:ecs:${region}:${account}:service/${text(input, "cluster")}/${first ?? ""}`;
  });
const group = (action: string) =>
  one(
    action,
    (input, region, account) =>
      `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:0b1c:autoScalingGroupName/${text(input, "AutoScalingGroupName")}`,
  );
const snapshotArn = (id: string, region: string, account: string): string =>
  `arn:aws:rds:${region}:${account}:cluster-snapshot:${id.split(":cluster-snapshot:").at(-1) ?? id}`;

const translations: Readonly<Record<string, Translate>> = {
  "s3.GetObject": read,
  "s3.HeadObject": read,
  "s3.PutObject": write,
  "s3.DeleteObject": object("s3:DeleteObject"),
  "s3.GetBucketVersioning": bucket("s3:GetBucketVersioning"),
  "s3.GetBucketReplication": bucket("s3:GetReplicationConfiguration"),
  "cloudwatch.DescribeAlarms": anything("cloudwatch:DescribeAlarms"),
  "cloudwatch.PutMetricData": (input) => [
    {
      action: "cloudwatch:PutMetricData",
      resource: "*",
      context: { "cloudwatch:namespace": text(input, "Namespace") },
    },
  ],
  "rds.DescribeGlobalClusters": one(
    "rds:DescribeGlobalClusters",
    (input, _, account) => `arn:aws:rds::${account}:global-cluster:${text(input, "GlobalClusterIdentifier")}`,
  ),
  "rds.DescribeDBClusters": one(
    "rds:DescribeDBClusters",
    (input, region, account) =>
      `arn:aws:rds:${region}:${account}:cluster:${text(input, "DBClusterIdentifier")}`,
  ),
  "rds.DescribeDBInstances": one(
    "rds:DescribeDBInstances",
    (_, region, account) => `arn:aws:rds:${region}:${account}:db:*`,
  ),
  "rds.DescribeEvents": anything("rds:DescribeEvents"),
  "rds.DescribeDBClusterSnapshots": one(
    "rds:DescribeDBClusterSnapshots",
    (input, region, account) =>
      `arn:aws:rds:${region}:${account}:cluster:${text(input, "DBClusterIdentifier")}`,
  ),
  "rds.CopyDBClusterSnapshot": (input, { region }, account) =>
    ["SourceDBClusterSnapshotIdentifier", "TargetDBClusterSnapshotIdentifier"].map((name) => ({
      action: "rds:CopyDBClusterSnapshot",
      resource: snapshotArn(text(input, name), region, account),
    })),
  "rds.FailoverGlobalCluster": (input, _, account) => [
    {
      action: "rds:FailoverGlobalCluster",
      resource: `arn:aws:rds::${account}:global-cluster:${text(input, "GlobalClusterIdentifier")}`,
    },
    { action: "rds:FailoverGlobalCluster", resource: text(input, "TargetDbClusterIdentifier") },
  ],
  "ecs.DescribeServices": service("ecs:DescribeServices"),
  "ecs.UpdateService": service("ecs:UpdateService"),
  "auto-scaling.DescribeAutoScalingGroups": anything("autoscaling:DescribeAutoScalingGroups"),
  "auto-scaling.SetDesiredCapacity": group("autoscaling:SetDesiredCapacity"),
  "auto-scaling.UpdateAutoScalingGroup": group("autoscaling:UpdateAutoScalingGroup"),
  "kms.DescribeKey": one(
    "kms:DescribeKey",
    (input, region, account) => `arn:aws:kms:${region}:${account}:key/${text(input, "KeyId")}`,
  ),
  "secrets-manager.DescribeSecret": one(
    "secretsmanager:DescribeSecret",
    (input, region, account) =>
      `arn:aws:secretsmanager:${region}:${account}:secret:${text(input, "SecretId")}-a1B2c3`,
  ),
  "acm.DescribeCertificate": one("acm:DescribeCertificate", (input) => text(input, "CertificateArn")),
  "iot.DescribeDomainConfiguration": one(
    "iot:DescribeDomainConfiguration",
    (input, region, account) =>
      `arn:aws:iot:${region}:${account}:domainconfiguration/${text(input, "domainConfigurationName")}/a1b2c`,
  ),
  "lambda.Invoke": one(
    "lambda:InvokeFunction",
    (input, region, account) => `arn:aws:lambda:${region}:${account}:function:${text(input, "FunctionName")}`,
  ),
  "sfn.StartExecution": one("states:StartExecution", (input) => text(input, "stateMachineArn")),
  "sfn.DescribeExecution": one("states:DescribeExecution", (input) => text(input, "executionArn")),
  "eventbridge.PutEvents": (input, { region }, account) =>
    (input["Entries"] as readonly { readonly EventBusName?: string }[]).map(
      ({ EventBusName = "default" }) => ({
        action: "events:PutEvents",
        resource: `arn:aws:events:${region}:${account}:event-bus/${EventBusName}`,
      }),
    ),
  "sqs.SendMessageBatch": one(
    "sqs:SendMessage",
    (input, region, account) =>
      `arn:aws:sqs:${region}:${account}:${text(input, "QueueUrl").split("/").at(-1) ?? ""}`,
  ),
  "sns.Publish": one("sns:Publish", (input) => text(input, "TopicArn")),
};

/** What IAM is asked about a call. Throws for one that has no translation: an unknown call must not count as allowed. */
export const iamRequestsOf = (record: WireRecord, account: string): readonly IamRequest[] => {
  const name = `${record.service}.${record.operation}`;
  const translate = translations[name];
  if (translate === undefined) throw new Error(`nothing is known of the permissions that ${name} needs`);
  return translate(record.input as Input, record, account);
};
