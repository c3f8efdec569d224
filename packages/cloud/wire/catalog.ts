import * as acm from "@aws-sdk/client-acm";
import * as autoScaling from "@aws-sdk/client-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as ecs from "@aws-sdk/client-ecs";
import * as eventbridge from "@aws-sdk/client-eventbridge";
import * as iot from "@aws-sdk/client-iot";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as rds from "@aws-sdk/client-rds";
import * as route53 from "@aws-sdk/client-route-53";
import * as s3 from "@aws-sdk/client-s3";
import * as scheduler from "@aws-sdk/client-scheduler";
import * as secretsManager from "@aws-sdk/client-secrets-manager";
import * as sfn from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import { awsJson } from "./aws-json.ts";
import { awsQuery } from "./aws-query.ts";
import { compileService, type ServiceDescription } from "./compile-service.ts";
import type { WireService } from "./protocol.ts";
import { restJson } from "./rest-json.ts";
import { restXml } from "./rest-xml.ts";
import { s3Xml } from "./s3-xml.ts";

const json = (
  target: string,
  jsonVersion: "1.0" | "1.1",
): Pick<ServiceDescription, "protocol" | "target" | "jsonVersion"> => ({
  protocol: awsJson,
  target,
  jsonVersion,
});

/** The services that a recovery touches: host names, protocols and schemas, as the SDK's clients have them. */
const DESCRIPTIONS: readonly ServiceDescription[] = [
  { name: "acm", hostPrefix: "acm", schemas: acm, ...json("CertificateManager", "1.1") },
  {
    name: "auto-scaling",
    hostPrefix: "autoscaling",
    schemas: autoScaling,
    protocol: awsQuery,
    xmlNamespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/",
  },
  {
    name: "cloudwatch",
    hostPrefix: "monitoring",
    schemas: cloudwatch,
    isQueryCompatible: true,
    ...json("GraniteServiceVersion20100801", "1.0"),
  },
  { name: "ecs", hostPrefix: "ecs", schemas: ecs, ...json("AmazonEC2ContainerServiceV20141113", "1.1") },
  { name: "eventbridge", hostPrefix: "events", schemas: eventbridge, ...json("AWSEvents", "1.1") },
  { name: "iot", hostPrefix: "iot", schemas: iot, protocol: restJson },
  { name: "kms", hostPrefix: "kms", schemas: kms, ...json("TrentService", "1.1") },
  { name: "lambda", hostPrefix: "lambda", schemas: lambda, protocol: restJson },
  {
    name: "rds",
    hostPrefix: "rds",
    schemas: rds,
    protocol: awsQuery,
    xmlNamespace: "http://rds.amazonaws.com/doc/2014-10-31/",
  },
  {
    name: "route-53",
    hostPrefix: "route53",
    // Route 53 has one control plane: https://docs.aws.amazon.com/general/latest/gr/r53.html
    controlRegion: "us-east-1",
    schemas: route53,
    protocol: restXml,
    xmlNamespace: "https://route53.amazonaws.com/doc/2013-04-01/",
  },
  {
    name: "s3",
    hostPrefix: "s3",
    schemas: s3,
    protocol: s3Xml,
    xmlNamespace: "http://s3.amazonaws.com/doc/2006-03-01/",
  },
  { name: "scheduler", hostPrefix: "scheduler", schemas: scheduler, protocol: restJson },
  {
    name: "secrets-manager",
    hostPrefix: "secretsmanager",
    schemas: secretsManager,
    ...json("secretsmanager", "1.1"),
  },
  { name: "sfn", hostPrefix: "states", schemas: sfn, ...json("AWSStepFunctions", "1.0") },
  {
    name: "sns",
    hostPrefix: "sns",
    schemas: sns,
    protocol: awsQuery,
    xmlNamespace: "http://sns.amazonaws.com/doc/2010-03-31/",
  },
  {
    name: "sqs",
    hostPrefix: "sqs",
    schemas: sqs,
    isQueryCompatible: true,
    ...json("AmazonSQS", "1.0"),
  },
  {
    name: "sts",
    hostPrefix: "sts",
    schemas: sts,
    protocol: awsQuery,
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  },
];

const described = new Map(DESCRIPTIONS.map((description) => [description.name, description]));
const compiled = new Map<string, WireService>();

/** Names of all services that the wire speaks. */
export const serviceNames: readonly string[] = DESCRIPTIONS.map(({ name }) => name);

/** The compiled service of that SDK name, or undefined. Compiled at first use, then shared by all clouds of the process. */
export const wireService = (name: string): WireService | undefined => {
  const found = compiled.get(name);
  if (found !== undefined) return found;
  const description = described.get(name);
  if (description === undefined) return undefined;
  const service = compileService(description);
  compiled.set(name, service);
  return service;
};

const byHostPrefix = new Map(DESCRIPTIONS.map(({ hostPrefix, name }) => [hostPrefix, name]));

/** The service that signs or is addressed with this name (`states`, `monitoring`), or undefined. */
export const serviceByHostPrefix = (prefix: string): WireService | undefined => {
  const name = byHostPrefix.get(prefix);
  return name === undefined ? undefined : wireService(name);
};
