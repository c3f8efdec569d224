import type { Graph } from "../../infra/synth/graph.ts";
import { allows, created, ofType, rolesOf, statementsOf, type Role } from "./synth-graph.ts";

/*
 * Rules over a resource graph. Each answers what breaks it, in words; none means that it holds.
 */

/** Actions that know no resource, so that their statement has to say `*`, each with the reason. */
export const unboundedActions: Readonly<Record<string, string>> = {
  "autoscaling:DescribeAutoScalingGroups": "lists groups of the account; no resource type",
  "cloudwatch:DescribeAlarms": "composite alarms are told under * only",
  "cloudwatch:PutMetricData": "metrics are no resources; limited to the namespace Lifeboat by a condition",
  "ec2:DescribeNetworkInterfaces": "no resource type; what Lambda needs to put a function into a network",
  "ec2:DescribeSubnets": "no resource type; what Lambda needs to put a function into a network",
  "logs:CreateLogDelivery": "log deliveries are no resources; what Step Functions needs to log",
  "logs:DeleteLogDelivery": "as CreateLogDelivery",
  "logs:DescribeLogGroups": "as CreateLogDelivery",
  "logs:DescribeResourcePolicies": "as CreateLogDelivery",
  "logs:GetLogDelivery": "as CreateLogDelivery",
  "logs:ListLogDeliveries": "as CreateLogDelivery",
  "logs:PutResourcePolicy": "as CreateLogDelivery",
  "logs:UpdateLogDelivery": "as CreateLogDelivery",
  "rds:DescribeEvents": "no resource type",
  "states:SendTaskSuccess": "a task token is no resource, and who has none can do nothing with it",
  "xray:GetSamplingRules": "traces are no resources",
  "xray:GetSamplingTargets": "traces are no resources",
  "xray:PutTelemetryRecords": "traces are no resources",
  "xray:PutTraceSegments": "traces are no resources",
};

/** ARNs of which a part is left open, each with the reason. Everything else is named to the last character. */
export const openArns: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /:autoScalingGroup:\*:autoScalingGroupName\/[\w-]+$/,
    "the id in a group's ARN is AWS's; its name is the plan's",
  ],
  [
    /^arn:aws:ec2:[\w-]+:\d+:\*\/\*$/,
    "what Lambda needs to make a function's interfaces; denied to its code",
  ],
  [/:domainconfiguration\/[\w-]+\/\*$/, "the id at the end is AWS's; the name is the plan's"],
  [/:function:lifeboat-[\w-]+:\*$/, "versions of a function of this stack"],
  [/:log-group:\/aws\/lambda\/lifeboat-[\w-]+:\*$/, "streams of the function's own log"],
  [
    /^arn:aws:rds-db:[\w-]+:\d+:dbuser:cluster-\*\/lifeboat$/,
    "the other site's cluster: AWS alone knows its resource id, and it is not looked up, for its region may be gone",
  ],
  [/:cluster-snapshot:(lifeboat-|rds:unplanned-global-failover-)?\*$/, "AWS gives the times in their names"],
  [
    /^arn:aws:rds:[\w-]+:\d+:db:\*$/,
    "a cluster's instances are asked for by a filter; judged over the region",
  ],
  [
    /^arn:aws:s3:::[\w-]+\/[\w-]+\/(approvals|plans|protection|records)\/\*(\/(answers|told|wake)\/\*|\/(question|verdict)\.json)?$/,
    "named by executions and hashes",
  ],
  [/:secret:[\w/-]+-\?{6}$/, "AWS's characters behind a secret's name"],
  [/:execution:lifeboat-[\w-]+:\*$/, "executions of a machine of this stack"],
];

/** A role is for one AWS service, which is named. */
export const checkTrust = (roles: readonly Role[]): readonly string[] =>
  roles.flatMap(({ name, trust }) =>
    trust.flatMap(({ Principal }) => {
      const principals = Object.entries((Principal ?? {}) as Record<string, unknown>);
      const [kind, service] = principals[0] ?? [];
      return principals.length === 1 && kind === "Service" && /^[a-z]+\.amazonaws\.com$/.test(String(service))
        ? []
        : [`${name} can be taken by ${JSON.stringify(Principal)}`];
    }),
  );

export const checkActions = (roles: readonly Role[]): readonly string[] =>
  roles.flatMap(({ name, statements }) =>
    statements
      .filter(({ Effect }) => Effect === "Allow")
      .flatMap(({ Action, Resource }) => [
        ...Action.filter((action) => action.includes("*")).map((action) => `${name} may ${action}`),
        ...(Resource.includes("*")
          ? Action.filter((action) => !(action in unboundedActions)).map(
              (action) => `${name} may ${action} on everything`,
            )
          : []),
        ...Resource.filter(
          (arn) => arn !== "*" && /[*?]/.test(arn) && !openArns.some(([pattern]) => pattern.test(arn)),
        ).map((arn) => `${name} may ${Action.join(", ")} on ${arn}, and nobody has said why it is open`),
      ]),
  );

/** All inline policies of a role together: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const checkPolicySizes = (roles: readonly Role[]): readonly string[] =>
  roles.flatMap(({ name, policies }) => {
    const size = policies.reduce((sum, policy) => sum + policy.length, 0);
    if (size === 0) return [`${name} has no policy`];
    return size > 10_240 ? [`${name} has ${size} characters of policy`] : [];
  });

/** Where AWS limits names, and to how many characters. */
const nameLimits: Readonly<Record<string, readonly [field: string, limit: number]>> = {
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": ["alarmName", 255],
  "aws:cloudwatch/dashboard:Dashboard": ["dashboardName", 255],
  "aws:cloudwatch/eventBus:EventBus": ["name", 256],
  "aws:cloudwatch/eventRule:EventRule": ["name", 64],
  "aws:cloudwatch/eventTarget:EventTarget": ["targetId", 64],
  "aws:cloudwatch/logGroup:LogGroup": ["name", 512],
  "aws:cloudwatch/metricAlarm:MetricAlarm": ["name", 255],
  "aws:ec2/securityGroup:SecurityGroup": ["name", 255],
  "aws:iam/role:Role": ["name", 64],
  "aws:iam/rolePolicy:RolePolicy": ["name", 128],
  "aws:lambda/function:Function": ["name", 64],
  "aws:route53/record:Record": ["name", 255],
  "aws:s3/bucket:Bucket": ["bucket", 63],
  "aws:s3/bucketObjectv2:BucketObjectv2": ["key", 1024],
  "aws:scheduler/schedule:Schedule": ["name", 64],
  "aws:sfn/stateMachine:StateMachine": ["name", 80],
  "aws:sns/topic:Topic": ["name", 256],
  "aws:sqs/queue:Queue": ["name", 80],
};

/** What has no name that we give, each with the reason. */
const nameless: Readonly<Record<string, string>> = {
  "aws:lambda/eventSourceMapping:EventSourceMapping": "AWS gives its id",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": "a setting of its function",
  "aws:lambda/functionUrl:FunctionUrl": "AWS gives its address",
  "aws:lambda/permission:Permission": "the provider gives its statement's id",
  "aws:route53/healthCheck:HealthCheck": "AWS gives its id; its name is a tag, which may have 256 characters",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "a setting of its bucket",
  "aws:s3/bucketPolicy:BucketPolicy": "a setting of its bucket",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "a setting of its bucket",
  "aws:s3/bucketVersioning:BucketVersioning": "a setting of its bucket",
  "aws:sns/topicPolicy:TopicPolicy": "a setting of its topic",
  "aws:sqs/queuePolicy:QueuePolicy": "a setting of its queue",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "AWS gives its id",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "AWS gives its id",
  "random:index/randomBytes:RandomBytes": "is nothing of AWS",
};

/** Names are given, for permissions are made from them, and within AWS's limits. A type that is on neither list is found, too. */
export const checkNames = (graph: Graph): readonly string[] =>
  created(graph).flatMap(({ type, name, inputs }) => {
    const rule = nameLimits[type];
    if (rule === undefined)
      return type in nameless
        ? []
        : [`nobody has looked up what ${type} ${name} may be called: say it in nameLimits, or in nameless`];
    const [field, limit] = rule;
    const value = inputs[field];
    if (typeof value !== "string") return [`${type} ${name} has no ${field} of ours`];
    return value.length > limit ? [`${value} has ${value.length} characters, ${type} allows ${limit}`] : [];
  });

/** `${…}` in what goes to AWS was meant for us. */
export const checkPlaceholders = (graph: Graph): readonly string[] =>
  created(graph).flatMap(({ type, name, inputs }) =>
    [...JSON.stringify(inputs).matchAll(/\$\{[^}]*\}/g)].map(
      ([placeholder]) => `${type} ${name} still has ${placeholder}`,
    ),
  );

const names = (graph: Graph, type: string): ReadonlySet<string> =>
  new Set(ofType(graph, type).map(({ inputs }) => String(inputs["name"])));

const roleNamed = (graph: Graph, arn: unknown): Role | undefined =>
  rolesOf(graph).find((role) => role.arn === arn);

/** The functions of a definition exist, its role may invoke each, and nothing else. */
export const checkMachines = (graph: Graph): readonly string[] =>
  ofType(graph, "aws:sfn/stateMachine:StateMachine").flatMap(({ inputs }) => {
    const machine = String(inputs["name"]);
    const functions = names(graph, "aws:lambda/function:Function");
    const called = new Set(
      [...String(inputs["definition"]).matchAll(/"(arn:aws:lambda:[^"]+)"/g)].map(([, arn = ""]) => arn),
    );
    const role = roleNamed(graph, inputs["roleArn"]);
    if (called.size === 0) return [`${machine} calls no function`];
    if (role === undefined) return [`${machine} has no role of its own`];
    const granted = role.statements
      .filter(({ Action }) => Action.includes("lambda:InvokeFunction"))
      .flatMap(({ Resource }) => Resource);
    return [
      ...[...called].flatMap((arn) => {
        const [, , , , , , name = "", version = ""] = arn.split(":");
        return [
          ...(functions.has(name) ? [] : [`${machine} calls ${name}, which is no function of this stack`]),
          ...(/^\d+$/.test(version) ? [] : [`${machine} calls ${arn}, which is no published version`]),
          ...(allows(role, "lambda:InvokeFunction", arn) ? [] : [`${role.name} may not invoke ${arn}`]),
        ];
      }),
      ...granted
        .filter((pattern) => ![...called].some((arn) => pattern === arn.replace(/:\d+$/, ":*")))
        .map((pattern) => `${role.name} may invoke ${pattern}, which ${machine} does not call`),
    ];
  });

const startingAction = (arn: string): string =>
  arn.startsWith("arn:aws:states:") ? "states:StartExecution" : "lambda:InvokeFunction";

/** Every schedule reaches a function or a machine of this stack, every rule a function or a bus, and may. */
export const checkTriggers = (graph: Graph): readonly string[] => {
  const functions = names(graph, "aws:lambda/function:Function");
  const machines = names(graph, "aws:sfn/stateMachine:StateMachine");
  const isOurs = (arn: string): boolean => {
    const name = arn.split(":").at(-1) ?? "";
    return arn.startsWith("arn:aws:states:") ? machines.has(name) : functions.has(name);
  };
  const schedules = ofType(graph, "aws:scheduler/schedule:Schedule").flatMap(({ inputs }) => {
    const { arn, roleArn, deadLetterConfig } = inputs["target"] as {
      arn: string;
      roleArn: string;
      deadLetterConfig?: { arn: string };
    };
    const role = roleNamed(graph, roleArn);
    const name = String(inputs["name"]);
    if (role === undefined) return [`the schedule ${name} has no role of its own`];
    return [
      ...(isOurs(arn) ? [] : [`the schedule ${name} starts ${arn}, which is not in this stack`]),
      ...(allows(role, startingAction(arn), arn) ? [] : [`${role.name} may not invoke ${arn}`]),
      ...(deadLetterConfig !== undefined && allows(role, "sqs:SendMessage", deadLetterConfig.arn)
        ? []
        : [`the schedule ${name} loses what it cannot deliver`]),
    ];
  });
  const targets = ofType(graph, "aws:cloudwatch/eventTarget:EventTarget").flatMap(({ inputs }) => {
    const rule = String(inputs["rule"]);
    const arn = String(inputs["arn"]);
    const lost =
      inputs["deadLetterConfig"] === undefined ? [`the rule ${rule} loses what it cannot deliver`] : [];
    if (arn.includes(":event-bus/")) {
      const role = roleNamed(graph, inputs["roleArn"]);
      return role !== undefined && allows(role, "events:PutEvents", arn)
        ? lost
        : [...lost, `the rule ${rule} may not send to ${arn}`];
    }
    const permitted = ofType(graph, "aws:lambda/permission:Permission").some(
      (permission) =>
        permission.inputs["principal"] === "events.amazonaws.com" &&
        permission.inputs["function"] === arn.split(":").at(-1) &&
        String(permission.inputs["sourceArn"]).endsWith(`:rule/${rule}`),
    );
    return [
      ...lost,
      ...(isOurs(arn) ? [] : [`the rule ${rule} sends to ${arn}, which is not in this stack`]),
      ...(permitted ? [] : [`the rule ${rule} may not invoke ${arn}`]),
    ];
  });
  const rules = [...names(graph, "aws:cloudwatch/eventRule:EventRule")].filter(
    (rule) =>
      !ofType(graph, "aws:cloudwatch/eventTarget:EventTarget").some(({ inputs }) => inputs["rule"] === rule),
  );
  return [...schedules, ...targets, ...rules.map((rule) => `the rule ${rule} has no target`)];
};

/** What the policy of a bucket denies to everybody. */
export const denials = (graph: Graph, bucket: string) =>
  ofType(graph, "aws:s3/bucketPolicy:BucketPolicy")
    .filter(({ inputs }) => inputs["bucket"] === bucket)
    .flatMap(({ inputs }) => statementsOf(inputs["policy"]))
    .filter(({ Effect, Principal }) => Effect === "Deny" && Principal === "*");
