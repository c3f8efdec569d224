import { shortRegion } from "@lifeboat/recovery/region-name";

/** `lifeboat-spacelift-begin`: Lambda allows 64 characters, a workload's name has at most 31. */
export const deployedName = (workload: string, name: string): string => `lifeboat-${workload}-${name}`;

export const functionArn = (account: string, region: string, workload: string, name: string): string =>
  `arn:aws:lambda:${region}:${account}:function:${deployedName(workload, name)}`;

export const machineArn = (account: string, region: string, workload: string, name: string): string =>
  `arn:aws:states:${region}:${account}:stateMachine:${deployedName(workload, name)}`;

export const topicArn = (account: string, region: string, workload: string, name: string): string =>
  `arn:aws:sns:${region}:${account}:${deployedName(workload, name)}`;

export const queueArn = (account: string, region: string, workload: string, name: string): string =>
  `arn:aws:sqs:${region}:${account}:${deployedName(workload, name)}`;

export const queueUrl = (account: string, region: string, workload: string, name: string): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${deployedName(workload, name)}`;

export const busArn = (account: string, region: string, bus = "default"): string =>
  `arn:aws:events:${region}:${account}:event-bus/${bus}`;

/** The bus of a workload's own events, in each of its sites. */
export const busName = (workload: string): string => `lifeboat-${workload}`;

export const roleArn = (account: string, role: string): string => `arn:aws:iam::${account}:role/${role}`;

/** Roles are global in an account, unlike all else: the region becomes part of the name. IAM allows 64 characters. */
export const roleName = (workload: string, name: string, region: string): string =>
  `${deployedName(workload, name)}-${shortRegion(region)}`;
