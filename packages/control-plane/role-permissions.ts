import type {
  FunctionEntry,
  Manifest,
  MachineEntry,
  Permission,
  PlaceManifest,
  RuleEntry,
  ScheduleEntry,
} from "./manifest.ts";
import { busArn, deployedName, functionArn, machineArn, queueArn } from "./names.ts";

/*
 * What each role of a place may do: the entry's own permissions, and what the service needs that the role is for. Pure, so
 * that the local runtime can hold a function to its role as well.
 */

interface Home {
  readonly manifest: Pick<Manifest, "workload" | "account">;
  readonly place: Pick<PlaceManifest, "account" | "region" | "deadLetters">;
}

export const functionLogGroup = (workload: string, name: string): string =>
  `/aws/lambda/${deployedName(workload, name)}`;

/** Below `vendedlogs` the log's resource policy does not grow with every machine: 5,120 characters are its limit. */
export const machineLogGroup = (workload: string, name: string): string =>
  `/aws/vendedlogs/states/${deployedName(workload, name)}`;

const deadLetters = ({ manifest, place }: Home): Permission => ({
  actions: ["sqs:SendMessage"],
  resources: [queueArn(manifest.account, place.region, manifest.workload, place.deadLetters)],
});

/**
 * The interfaces of a function in a network: Lambda makes them in the role's name; the function itself shall not. AWS
 * wants the describing actions under * and the others over whatever there is:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
const networkInterfaces = ({ manifest, place }: Home, name: string): readonly Permission[] => {
  const manage = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ];
  const look = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"];
  return [
    { actions: manage, resources: [`arn:aws:ec2:${place.region}:${place.account}:*/*`] },
    { actions: look, resources: ["*"], unbounded: "EC2's describing actions know no resource" },
    {
      effect: "Deny",
      actions: [...manage, ...look],
      resources: ["*"],
      conditions: {
        ArnEquals: {
          "lambda:SourceFunctionArn": functionArn(place.account, place.region, manifest.workload, name),
        },
      },
      unbounded: "a denial is for everything",
    },
  ];
};

export const functionPermissions = (home: Home, entry: FunctionEntry): readonly Permission[] => {
  const { manifest, place } = home;
  const logs = `arn:aws:logs:${place.region}:${place.account}:log-group:${functionLogGroup(manifest.workload, entry.name)}`;
  return [
    ...entry.permissions,
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [`${logs}:*`] },
    ...(entry.delivery === undefined ? [] : [deadLetters(home)]),
    ...(entry.network === "database" ? networkInterfaces(home, entry.name) : []),
  ];
};

/** A machine invokes published versions of its functions: an execution keeps the code that it began with. */
export const machinePermissions = (
  { manifest, place }: Home,
  machine: MachineEntry,
): readonly Permission[] => [
  {
    actions: ["lambda:InvokeFunction"],
    resources: Object.values(machine.functions).map(
      (name) => `${functionArn(manifest.account, place.region, manifest.workload, name)}:*`,
    ),
  },
  {
    actions: [
      "logs:CreateLogDelivery",
      "logs:GetLogDelivery",
      "logs:UpdateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:DescribeResourcePolicies",
      "logs:DescribeLogGroups",
    ],
    resources: ["*"],
    unbounded:
      "log deliveries know no resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  },
  {
    actions: [
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
    ],
    resources: ["*"],
    unbounded: "X-Ray knows no resource: https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html",
  },
];

/** What a schedule starts. */
export const scheduleTargetArn = (
  { manifest: { account, workload }, place: { region } }: Home,
  { target }: Pick<ScheduleEntry, "target">,
): string =>
  "machine" in target
    ? machineArn(account, region, workload, target.machine)
    : functionArn(account, region, workload, target.function);

export const schedulePermissions = (home: Home, schedule: ScheduleEntry): readonly Permission[] => [
  {
    actions: ["machine" in schedule.target ? "states:StartExecution" : "lambda:InvokeFunction"],
    resources: [scheduleTargetArn(home, schedule)],
  },
  deadLetters(home),
];

/** The role with which a rule hands events to another region's bus; none where the target is a function. */
export const rulePermissions = (manifest: Manifest, rule: RuleEntry): readonly Permission[] => {
  const { target } = rule;
  if ("function" in target) return [];
  const other = manifest.places.find(({ place }) => place === target.busOf);
  if (other === undefined)
    throw new Error(`rule "${rule.name}" sends to "${target.busOf}", which is no place of the manifest`);
  return [{ actions: ["events:PutEvents"], resources: [busArn(manifest.account, other.region)] }];
};
