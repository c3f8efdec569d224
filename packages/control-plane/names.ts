/** `lifeboat-spacelift-begin`: Lambda allows 64 characters, a workload's name has at most 31. */
export const deployedName = (workload: string, name: string): string => `lifeboat-${workload}-${name}`;

export const functionArn = (account: string, region: string, workload: string, name: string): string =>
  `arn:aws:lambda:${region}:${account}:function:${deployedName(workload, name)}`;

export const machineArn = (account: string, region: string, workload: string, name: string): string =>
  `arn:aws:states:${region}:${account}:stateMachine:${deployedName(workload, name)}`;

export const topicArn = (account: string, region: string, workload: string, name: string): string =>
  `arn:aws:sns:${region}:${account}:${deployedName(workload, name)}`;
