import type { Call } from "../kernel/service.ts";
import { contextOfCall } from "./call-context.ts";
import type { RequestContext } from "./condition.ts";

/** What IAM is asked before a service does what it is called for. */
export interface Required {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/** What the account has to be looked up for: names alone do not tell. */
export interface AccountFacts {
  /** The caller's: names in a call are names of its account. */
  readonly accountId: string;
  /** The key that a resource is encrypted with, by the resource's ARN; undefined for one without a key of the account's. */
  readonly keyOf: (resourceArn: string) => string | undefined;
}

type Input = Readonly<Record<string, unknown>>;
interface Asked {
  readonly input: Input;
  readonly region: string;
  readonly facts: AccountFacts;
}
type Need = readonly [action: string, resource: string, context?: RequestContext];
type Translate = (asked: Asked) => readonly Need[];

const text = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value !== "string") throw new TypeError(`the call has no ${name}`);
  return value;
};

const arn = (service: string, { region, facts }: Asked, resource: string): string =>
  `arn:aws:${service}:${region}:${facts.accountId}:${resource}`;

const on =
  (action: string, resource: (asked: Asked) => string): Translate =>
  (asked) => [[action, resource(asked)]];

const bucketArn = ({ input }: Asked): string => `arn:aws:s3:::${text(input, "Bucket")}`;
const objectArn = (asked: Asked): string => `${bucketArn(asked)}/${text(asked.input, "Key")}`;
const object = (action: string): Translate => on(action, objectArn);
const bucket = (action: string): Translate => on(action, bucketArn);
const anything = (action: string): Translate => on(action, () => "*");
const named = (action: string, member: string): Translate => on(action, ({ input }) => text(input, member));

const service = (action: string): Translate =>
  on(action, (asked) => {
    const { input } = asked;
    const [first] = (input["services"] as readonly string[] | undefined) ?? [text(input, "service")];
    return arn("ecs", asked, `service/${text(input, "cluster")}/${first ?? ""}`);
  });

/** A group's ARN has an id that only the service knows. */
const group = (action: string): Translate =>
  on(action, (asked) =>
    arn(
      "autoscaling",
      asked,
      `autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/${text(asked.input, "AutoScalingGroupName")}`,
    ),
  );

const globalCluster = ({ input, facts }: Asked): string =>
  `arn:aws:rds::${facts.accountId}:global-cluster:${text(input, "GlobalClusterIdentifier")}`;
const cluster = (asked: Asked): string =>
  arn("rds", asked, `cluster:${text(asked.input, "DBClusterIdentifier")}`);

/** A copy within the account; that of an encrypted snapshot uses its key in the caller's name, by a grant. */
const copySnapshot: Translate = (asked) => {
  const { input, region, facts } = asked;
  const [source, target] = ["SourceDBClusterSnapshotIdentifier", "TargetDBClusterSnapshotIdentifier"].map(
    (member) => {
      const name = text(input, member);
      return name.startsWith("arn:") ? name : arn("rds", asked, `cluster-snapshot:${name}`);
    },
  ) as [string, string];
  const key = typeof input["KmsKeyId"] === "string" ? input["KmsKeyId"] : facts.keyOf(source);
  const viaRds = { "kms:viaservice": `rds.${region}.amazonaws.com`, "kms:grantisforawsresource": "true" };
  return [
    ["rds:CopyDBClusterSnapshot", source],
    ["rds:CopyDBClusterSnapshot", target],
    ...(key === undefined
      ? []
      : [["kms:DescribeKey", key, viaRds] as const, ["kms:CreateGrant", key, viaRds] as const]),
  ];
};

const functionArn = (asked: Asked): string => {
  const name = text(asked.input, "FunctionName");
  return name.startsWith("arn:") ? name : arn("lambda", asked, `function:${name}`);
};

/** An encrypted topic uses its key in the publisher's name: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
const publish: Translate = (asked) => {
  const topic = text(asked.input, "TopicArn");
  const key = asked.facts.keyOf(topic);
  const viaSns = { "kms:viaservice": `sns.${asked.region}.amazonaws.com` };
  return [
    ["sns:Publish", topic],
    ...(key === undefined
      ? []
      : [["kms:GenerateDataKey", key, viaSns] as const, ["kms:Decrypt", key, viaSns] as const]),
  ];
};

const queueArn = (asked: Asked): string =>
  arn("sqs", asked, text(asked.input, "QueueUrl").split("/").at(-1) ?? "");
const queue = (action: string): Translate => on(action, queueArn);

const bus = (asked: Asked): readonly Need[] => {
  const entries = (asked.input["Entries"] ?? []) as readonly { readonly EventBusName?: string }[];
  const names = new Set(entries.map(({ EventBusName = "default" }) => EventBusName));
  return [...names].map((name) => [
    "events:PutEvents",
    name.startsWith("arn:") ? name : arn("events", asked, `event-bus/${name}`),
  ]);
};

/**
 * What each call needs, from AWS's service authorization reference:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const translations: Readonly<Record<string, Translate>> = {
  "acm.DescribeCertificate": named("acm:DescribeCertificate", "CertificateArn"),
  "auto-scaling.DescribeAutoScalingGroups": anything("autoscaling:DescribeAutoScalingGroups"),
  "auto-scaling.SetDesiredCapacity": group("autoscaling:SetDesiredCapacity"),
  "auto-scaling.UpdateAutoScalingGroup": group("autoscaling:UpdateAutoScalingGroup"),
  "cloudwatch.DescribeAlarms": anything("cloudwatch:DescribeAlarms"),
  "cloudwatch.PutMetricData": ({ input }) => [
    ["cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": text(input, "Namespace") }],
  ],
  "ecs.DescribeServices": service("ecs:DescribeServices"),
  "ecs.UpdateService": service("ecs:UpdateService"),
  "eventbridge.PutEvents": bus,
  "iot.DescribeDomainConfiguration": on("iot:DescribeDomainConfiguration", (asked) =>
    arn("iot", asked, `domainconfiguration/${text(asked.input, "domainConfigurationName")}/00000`),
  ),
  "kms.DescribeKey": on("kms:DescribeKey", (asked) => {
    const id = text(asked.input, "KeyId");
    return id.startsWith("arn:") ? id : arn("kms", asked, `key/${id}`);
  }),
  "lambda.Invoke": on("lambda:InvokeFunction", functionArn),
  "rds.CopyDBClusterSnapshot": copySnapshot,
  "rds.DescribeDBClusters": on("rds:DescribeDBClusters", cluster),
  // Asked for by a filter, so that it is judged over all instances of the region.
  "rds.DescribeDBInstances": on("rds:DescribeDBInstances", (asked) => arn("rds", asked, "db:*")),
  "rds.DescribeDBClusterSnapshots": on("rds:DescribeDBClusterSnapshots", cluster),
  "rds.DescribeEvents": anything("rds:DescribeEvents"),
  "rds.DescribeGlobalClusters": on("rds:DescribeGlobalClusters", globalCluster),
  "rds.FailoverGlobalCluster": (asked) => [
    ["rds:FailoverGlobalCluster", globalCluster(asked)],
    ["rds:FailoverGlobalCluster", text(asked.input, "TargetDbClusterIdentifier")],
  ],
  "rds.SwitchoverGlobalCluster": (asked) => [
    ["rds:SwitchoverGlobalCluster", globalCluster(asked)],
    ["rds:SwitchoverGlobalCluster", text(asked.input, "TargetDbClusterIdentifier")],
  ],
  "s3.DeleteObject": (asked) => [
    [asked.input["VersionId"] === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion", objectArn(asked)],
  ],
  "s3.GetBucketReplication": bucket("s3:GetReplicationConfiguration"),
  "s3.GetBucketVersioning": bucket("s3:GetBucketVersioning"),
  "s3.GetObject": object("s3:GetObject"),
  "s3.HeadObject": object("s3:GetObject"),
  "s3.ListObjectsV2": bucket("s3:ListBucket"),
  // `If-Match` compares with what is there: docs.aws.amazon.com/AmazonS3, "Conditional writes".
  "s3.PutObject": (asked) => [
    ["s3:PutObject", objectArn(asked)],
    ...(asked.input["IfMatch"] === undefined ? [] : [["s3:GetObject", objectArn(asked)] as const]),
    ...(asked.input["ObjectLockMode"] === undefined
      ? []
      : [["s3:PutObjectRetention", objectArn(asked)] as const]),
  ],
  "secrets-manager.DescribeSecret": on("secretsmanager:DescribeSecret", (asked) => {
    const id = text(asked.input, "SecretId");
    return id.startsWith("arn:") ? id : arn("secretsmanager", asked, `secret:${id}-a1B2c3`);
  }),
  "sfn.DescribeExecution": named("states:DescribeExecution", "executionArn"),
  // Token calls name no resource: only the machine's service knows whose token it is.
  "sfn.SendTaskFailure": anything("states:SendTaskFailure"),
  "sfn.SendTaskSuccess": anything("states:SendTaskSuccess"),
  "sfn.StartExecution": named("states:StartExecution", "stateMachineArn"),
  "sns.Publish": publish,
  "sqs.ChangeMessageVisibility": queue("sqs:ChangeMessageVisibility"),
  "sqs.DeleteMessage": queue("sqs:DeleteMessage"),
  "sqs.GetQueueAttributes": queue("sqs:GetQueueAttributes"),
  "sqs.ReceiveMessage": queue("sqs:ReceiveMessage"),
  "sqs.SendMessage": queue("sqs:SendMessage"),
  "sqs.SendMessageBatch": queue("sqs:SendMessage"),
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
  "sts.AssumeRole": ({ input }) => [
    [
      "sts:AssumeRole",
      text(input, "RoleArn"),
      {
        "sts:rolesessionname": text(input, "RoleSessionName"),
        ...(input["ExternalId"] === undefined ? {} : { "sts:externalid": text(input, "ExternalId") }),
      },
    ],
  ],
};

/** What IAM is asked about a call. Throws for one without a translation: an unknown call must not count as allowed. */
export const requiredFor = (service: string, call: Call, facts: AccountFacts): readonly Required[] => {
  const name = `${service}.${call.operation}`;
  const translate = translations[name];
  if (translate === undefined) throw new Error(`nothing is known of the permissions that ${name} needs`);
  const common = contextOfCall(service, call);
  const asked = { input: call.input, region: call.region, facts };
  return translate(asked).map(([action, resource, context]) => ({
    action,
    resource,
    context: { ...common, "kms:calleraccount": facts.accountId, ...context },
  }));
};
