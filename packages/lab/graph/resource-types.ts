import { createMetricAlarm } from "./alarms.ts";
import type { Create } from "./deployment.ts";
import {
  configureDelivery,
  createFunction,
  createUrl,
  feedFromQueue,
  permitInvocation,
} from "./functions.ts";
import { createMachine } from "./machines.ts";
import { createKey, createQueue, createTopic, putQueuePolicy, putTopicPolicy } from "./messages.ts";
import { text } from "./resource-graph.ts";
import { createBucket, putBucketPolicy, putObject } from "./storage.ts";
import { createRule, createSchedule } from "./triggers.ts";

const createRole: Create = ({ iam, account }, inputs) =>
  iam.createRole(text(inputs, "name"), text(inputs, "assumeRolePolicy"), account);
const putRolePolicy: Create = ({ iam }, inputs) =>
  iam.putRolePolicy(text(inputs, "role"), text(inputs, "name"), text(inputs, "policy"));

const createBus: Create = ({ parts, region }, inputs) =>
  parts.cloud.eventbridge.createBus(region, text(inputs, "name"));

/** What is created, in the order in which it needs each other. A new type of resource is one entry. */
export const createdTypes: readonly (readonly [type: string, create: Create])[] = [
  ["aws:iam/role:Role", createRole],
  ["aws:iam/rolePolicy:RolePolicy", putRolePolicy],
  ["aws:kms/key:Key", createKey],
  ["aws:s3/bucket:Bucket", createBucket],
  ["aws:s3/bucketPolicy:BucketPolicy", putBucketPolicy],
  ["aws:s3/bucketObjectv2:BucketObjectv2", putObject],
  ["aws:sns/topic:Topic", createTopic],
  ["aws:sns/topicPolicy:TopicPolicy", putTopicPolicy],
  ["aws:sqs/queue:Queue", createQueue],
  ["aws:sqs/queuePolicy:QueuePolicy", putQueuePolicy],
  ["aws:cloudwatch/eventBus:EventBus", createBus],
  ["aws:lambda/function:Function", createFunction],
  ["aws:lambda/functionUrl:FunctionUrl", createUrl],
  ["aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", configureDelivery],
  ["aws:lambda/permission:Permission", permitInvocation],
  ["aws:lambda/eventSourceMapping:EventSourceMapping", feedFromQueue],
  ["aws:sfn/stateMachine:StateMachine", createMachine],
  ["aws:scheduler/schedule:Schedule", createSchedule],
  ["aws:cloudwatch/eventRule:EventRule", createRule],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", createMetricAlarm],
];

/** What is not created for itself, each with the reason. A type that is on neither list is an error. */
export const otherTypes: Readonly<Record<string, string>> = {
  "aws:cloudwatch/eventTarget:EventTarget": "created with its rule",
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": "people look at it; nothing decides by it",
  "aws:cloudwatch/dashboard:Dashboard": "people look at it",
  "aws:route53/record:Record": "created with the workload, as a plan without `records` has them",
  "aws:cloudwatch/logGroup:LogGroup": "logs are kept by the run; who may write them is asked",
  "aws:ec2/securityGroup:SecurityGroup": "the simulated network knows regions, not security groups",
  "aws:route53/healthCheck:HealthCheck":
    "created with the records that follow them, which are the workload's; a test of its own holds both against each other",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "no run lasts for days",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "the bucket's policy decides here",
  "aws:s3/bucketVersioning:BucketVersioning": "created with its bucket",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "as SecurityGroup",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "as SecurityGroup",
  "random:index/randomBytes:RandomBytes": "SST's key for linked secrets, of which there are none",
};
