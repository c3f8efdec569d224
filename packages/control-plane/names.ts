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

/**
 * A region in few letters: eu-west-3 → euw3, ap-southeast-1 → apse1. AWS's own zone ids (`euw3-az1`) are built alike:
 * https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html
 */
export const shortRegion = (region: string): string => {
  const [area = "", ...rest] = region.split("-");
  const letters: Readonly<Record<string, string>> = {
    north: "n",
    south: "s",
    east: "e",
    west: "w",
    central: "c",
    northeast: "ne",
    northwest: "nw",
    southeast: "se",
    southwest: "sw",
    gov: "g",
  };
  return area + rest.map((part) => letters[part] ?? part).join("");
};

/** Roles are global in an account, unlike all else: the region becomes part of the name. IAM allows 64 characters. */
export const roleName = (workload: string, name: string, region: string): string =>
  `${deployedName(workload, name)}-${shortRegion(region)}`;
