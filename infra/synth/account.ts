import type { Graph, GraphResource } from "./graph.ts";
import type { MockArguments, MockCall, Mocks, Pulumi, Registration } from "./pulumi.ts";

/** An account that accepts everything, knows no secrets, and remembers what was asked of it. */
export interface RecordingAccount {
  readonly mocks: Mocks;
  readonly resources: GraphResource[];
  readonly lookups: Graph["lookups"][number][];
  /** Notes parents and dependencies, which mocks do not hand on, and finds names that are used twice. */
  readonly overhear: (pulumi: Pulumi, fail: (message: string) => void) => void;
}

const arnFormats: Readonly<Record<string, (account: string, region: string, name: string) => string>> = {
  "aws:iam/role:Role": (account, _, name) => `arn:aws:iam::${account}:role/${name}`,
  "aws:s3/bucket:Bucket": (_, __, name) => `arn:aws:s3:::${name}`,
  "aws:lambda/function:Function": (account, region, name) =>
    `arn:aws:lambda:${region}:${account}:function:${name}`,
  "aws:sfn/stateMachine:StateMachine": (account, region, name) =>
    `arn:aws:states:${region}:${account}:stateMachine:${name}`,
  "aws:cloudwatch/metricAlarm:MetricAlarm": (account, region, name) =>
    `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
  "aws:cloudwatch/logGroup:LogGroup": (account, region, name) =>
    `arn:aws:logs:${region}:${account}:log-group:${name}`,
  "aws:cloudwatch/eventRule:EventRule": (account, region, name) =>
    `arn:aws:events:${region}:${account}:rule/${name}`,
  "aws:kms/key:Key": (account, region, name) => `arn:aws:kms:${region}:${account}:key/${name}`,
};

const arnOf = (type: string, account: string, region: string, name: string): string =>
  arnFormats[type]?.(account, region, name) ??
  `arn:aws:${type.split(":")[1]?.split("/")[0] ?? "unknown"}:${region}:${account}:${name}`;

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** What the account answers to a question. Throws for one that it was never asked before: a test must not pass on a guess. */
const answers = (account: string, region: string): Readonly<Record<string, (call: MockCall) => unknown>> => ({
  "aws:index/getRegion:getRegion": () => ({ region, name: region }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({ accountId: account }),
  "aws:index/getPartition:getPartition": () => ({ partition: "aws", dnsSuffix: "amazonaws.com" }),
  "aws:rds/getCluster:getCluster": ({ inputs }) => {
    const id = text(inputs["clusterIdentifier"]) ?? "";
    return {
      clusterIdentifier: id,
      clusterResourceId: `cluster-${id.replaceAll("-", "").toUpperCase()}`,
      endpoint: `${id}.cluster-abcdefghijkl.${region}.rds.amazonaws.com`,
      readerEndpoint: `${id}.cluster-ro-abcdefghijkl.${region}.rds.amazonaws.com`,
      port: 5432,
      dbSubnetGroupName: `${id}-subnets`,
      vpcSecurityGroupIds: [`sg-of-${id}`],
    };
  },
  "aws:rds/getSubnetGroup:getSubnetGroup": ({ inputs }) => ({
    name: inputs["name"],
    subnetIds: ["subnet-00000000000000001", "subnet-00000000000000002"],
    vpcId: "vpc-00000000000000001",
  }),
});

export const createAccount = (account: string, region: string): RecordingAccount => {
  const resources: GraphResource[] = [];
  const lookups: Graph["lookups"][number][] = [];
  const heard = new Map<string, Pick<GraphResource, "parent" | "dependsOn">>();
  const answering = answers(account, region);

  const newResource = (args: MockArguments) => {
    const { type, name, inputs } = args;
    const physical = text(inputs["name"]) ?? text(inputs["bucket"]) ?? name;
    const existing = args.id !== undefined && args.id !== "";
    // Given out by Lambda, from an id that nobody chooses.
    const functionUrl = `https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.${region}.on.aws/`;
    resources.push({
      type,
      name,
      region,
      custom: args.custom ?? false,
      existing,
      inputs,
      ...(heard.get(`${type}|${name}`) ?? { parent: "", dependsOn: [] }),
      ...(type === "aws:lambda/functionUrl:FunctionUrl" ? { told: { functionUrl } } : {}),
    });
    const arn = arnOf(type, account, region, physical);
    return {
      id: existing ? (args.id ?? "") : `${physical}-id`,
      state: {
        name: physical,
        arn,
        qualifiedArn: `${arn}:1`,
        base64: "AA==",
        functionUrl,
        ...inputs,
      },
    };
  };

  return {
    resources,
    lookups,
    mocks: {
      newResource,
      call(call) {
        const known = answering[call.token];
        if (known === undefined)
          throw new Error(`the account was asked for ${call.token}, and knows no answer`);
        const answer = known(call) as Record<string, unknown>;
        lookups.push({ token: call.token, inputs: call.inputs, answer });
        return answer;
      },
    },
    overhear(pulumi, fail) {
      const register = pulumi.monitor.registerResource;
      const seen = new Set<string>();
      pulumi.monitor.registerResource = function (this: unknown, request: Registration, callback: unknown) {
        const identity = `${request.getParent()}|${request.getType()}|${request.getName()}`;
        if (seen.has(identity)) fail(`two resources have one name: ${identity}`);
        seen.add(identity);
        heard.set(`${request.getType()}|${request.getName()}`, {
          parent: request.getParent(),
          dependsOn: request.getDependenciesList(),
        });
        return register.call(this, request, callback);
      };
    },
  };
};
