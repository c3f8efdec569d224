import * as z from "zod";
import { durationPattern, parseDuration } from "./durations.ts";

/**
 * The words that the leaves of a plan are made of. Each has one sentence that says what was expected; it is the message
 * of every problem of that leaf, so it names the thing and shows one.
 */
const word = (pattern: RegExp, expected: string) =>
  z.string({ error: expected }).regex(pattern, { error: expected });

/** A name that the plan gives; it becomes part of state names, metrics and log lines. */
export const localName = () =>
  word(
    /^[a-z][a-z0-9-]{0,39}$/,
    "a name of at most 40 lower-case letters, digits and hyphens, such as database",
  );

/** Lambda functions, roles and schedules are named `lifeboat-<workload>-<what>` and must stay within 64 characters. */
export const workloadName = () =>
  word(
    /^[a-z][a-z0-9-]{0,30}$/,
    "a name of at most 31 lower-case letters, digits and hyphens, such as spacelift",
  );

export const siteName = () =>
  word(
    /^[a-z][a-z0-9-]{0,19}$/,
    "a site's name: at most 20 lower-case letters, digits and hyphens, such as ireland",
  );

/** https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html */
export const accountId = () =>
  word(/^\d{12}$/, 'the 12 digits of an AWS account in quotes, such as "111122223333"');

/** The shape that AWS's own API models give to region names. */
export const regionName = () =>
  word(/^(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d$/, "the name of an AWS region, such as eu-west-1");

export const zoneName = () =>
  word(
    /^(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d[a-z]$/,
    "the name of an availability zone, such as eu-west-1a",
  );

export const subnetId = () =>
  word(/^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, "the id of a subnet, such as subnet-0a1b2c3d4e5f60718");

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketName = () =>
  word(
    /^(?!xn--|sthree-|amzn-s3-demo-|\d+\.\d+\.\d+\.\d+$)(?!.*(?:\.\.|-s3alias$|--ol-s3$|\.mrap$|--x-s3$|--table-s3$))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    "the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens, such as spacelift-states-eu-west-1",
  );

/** A health check asks for it by URL, in a path of at most 255 characters: only what needs no escaping. */
export const objectKey = () =>
  word(
    /^(?!.*\/\/)[A-Za-z0-9_.-][A-Za-z0-9/_.-]{0,179}$/,
    "the key of an object, at most 180 letters, digits and / _ . -, such as spacelift/active",
  );

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateGlobalCluster.html, stored in lower case. */
export const clusterId = () =>
  word(
    /^(?!.*--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "the identifier of an RDS cluster: at most 63 lower-case letters, digits and single hyphens, such as spacelift-ireland",
  );

/** A Postgres identifier; CreateDBCluster wants a letter first. */
export const databaseName = () =>
  word(
    /^[A-Za-z][A-Za-z0-9_]{0,62}$/,
    "the name of a database: at most 63 letters, digits and underscores, such as spacelift",
  );

/** https://docs.aws.amazon.com/kms/latest/developerguide/mrk-how-it-works.html: `mrk-` tells a multi-region key. */
export const multiRegionKeyId = () =>
  word(
    /^mrk-[0-9a-f]{32}$/,
    "the id of a multi-region KMS key: mrk- and 32 hexadecimal digits, the same in both regions",
  );

export const secretId = () =>
  word(
    /^(?!arn:)[A-Za-z0-9/_+=.@-]{1,512}$|^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,520}$/,
    "the name or the ARN of a secret, such as spacelift/connection",
  );

export const certificateArn = () =>
  word(
    /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w+=,.@-]{1,128}$/,
    "the ARN of a certificate: arn:aws:acm:<region>:<account>:certificate/<id>",
  );

/** ECS: up to 255 letters, digits, underscores and hyphens, for clusters and services alike. */
export const ecsName = () =>
  word(
    /^[A-Za-z0-9_-]{1,255}$/,
    "the name in ECS: at most 255 letters, digits, hyphens and underscores, such as spacelift-server",
  );

/** No flag `u`, no `\p`: the patterns are for editors, too. CreateAutoScalingGroup refuses colons; line breaks would be legal, but are never meant. */
export const autoScalingGroupName = () =>
  word(
    /^(?=\S)(?!.*:)[ -~\u00a0-\uffff]{1,255}(?<=\S)$/,
    "the name of an Auto Scaling group, such as spacelift-workers-ireland",
  );

export const alarmName = () =>
  word(
    /^(?=\S)[ -~\u00a0-\uffff]{1,255}(?<=\S)$/,
    "the name of a CloudWatch alarm, such as spacelift-server-5xx",
  );

/** https://docs.aws.amazon.com/iot/latest/apireference/API_CreateDomainConfiguration.html */
export const domainConfigurationName = () =>
  word(/^[\w.-]{1,128}$/, "the name of a domain configuration of AWS IoT, such as spacelift-broker");

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const host = `(?=[a-z0-9.-]{1,253}(?![a-z0-9.-]))(?:${label}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?`;

export const hostName = () =>
  word(
    new RegExp(`^${host}$`),
    "a host name in lower case without scheme or path, such as spacelift.example.com",
  );

/** A VPC's own address range: RFC 1918 or what else it was given, between /16 and /28. */
export const networkCidr = () =>
  word(
    /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\/(?:1[6-9]|2[0-8])$/,
    "the addresses of a VPC between /16 and /28, such as 10.20.0.0/16",
  );

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html */
export const hostedZoneId = () =>
  word(/^Z[A-Z0-9]{1,31}$/, "the id of a hosted zone of Route 53, such as Z0123456789ABCDEFGHIJ");

/** No user or password: a plan holds no secret. */
export const probeUrl = () =>
  word(
    new RegExp(`^https?://${host}(?::\\d{1,5})?(?:/[\\x21-\\x7e]{0,1023})?$`),
    "a URL with http or https and without credentials, such as https://server.example.com/health",
  );

/** Read as text, checked as milliseconds. */
export const duration = () =>
  word(durationPattern, "a duration longer than zero, such as 90s, 15m, 12h, 1h30m or 500ms").transform(
    (text) => parseDuration(text) ?? 0,
  );

/** Shown in terminals as it is: line breaks and tabs are all that it may control there. */
export const noteText = () =>
  word(/^(?=[^]*\S)[\n\t -~\u00a0-\uffff]{1,2000}$/, "a text of at most 2000 characters, not empty");

/** A whole number within bounds, which the message names. */
export const count = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

export const flag = () => z.boolean({ error: "true or false" });

/** An ARN of IAM or STS as GetCallerIdentity answers it, with `*` for anything. */
export const principalPattern = () =>
  word(
    /^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:(?:user|assumed-role)\/[\w+=,.@/*-]{1,256}$/,
    "the ARN of a user or of a role's sessions, such as arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_OnCall_*/*",
  );

/** A role with or without a path: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export const roleArn = () =>
  word(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/(?:[\w+=,.@-]{1,128}\/){0,8}[\w+=,.@-]{1,64}$/,
    "the ARN of an IAM role, such as arn:aws:iam::222233334444:role/lifeboat-spacelift",
  );

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, `ExternalId` */
export const externalId = () =>
  word(
    /^[\w+=,.@:/-]{2,1224}$/,
    "an external id: 2 to 1,224 letters, digits and _ + = , . @ : / -, such as lifeboat-7d1f0c2b",
  );
