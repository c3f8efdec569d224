import { simulate } from "@lifeboat/lab/simulate";
import { lagUnknownAtOnset } from "@lifeboat/lab/scenarios/lag-unknown-at-onset";
import { primaryIsolated } from "@lifeboat/lab/scenarios/primary-isolated";
import { secondRegionLoss } from "@lifeboat/lab/scenarios/second-region-loss";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { deployedName } from "@lifeboat/control-plane/names";
import { policyDocument, type PolicyStatement } from "@lifeboat/control-plane/policy-document";
import { functionPermissions } from "@lifeboat/control-plane/role-permissions";
import { describe, expect, it } from "vitest";
import { exampleText, readValid } from "../unit/plan-example.ts";
import { iamRequestsOf, type IamRequest } from "./iam-requests.ts";
import { matches } from "./synth-graph.ts";

/*
 * What the functions call in the scenarios, held against what their roles in the stack allow: nothing is lacking, and
 * what no scenario needs is listed.
 */

/** Granted to any function, or to one, and not called in the scenarios here: each with what it is for. */
const unusedHere: Readonly<Record<string, string>> = {
  "autoscaling:UpdateAutoScalingGroup": "a group whose least size is above what it is scaled to",
  "claim lambda:InvokeFunction":
    "the old primary came back between the decision and the claim: the loss is measured anew",
  "kms:CreateGrant": "RDS calls it in the caller's name when it copies an encrypted snapshot",
  "s3:DeleteObject": "the switches go back to rest when the site built as primary serves again",
  "s3:ListBucket": "tells a key that is missing from one that nobody may read",
  "begin s3:PutObject": "a person starts the machine, so that nothing has asked for the recovery before",
  "begin states:DescribeExecution": "another execution has asked for a recovery before",
  "on-alarm s3:PutObjectRetention": "as its s3:PutObject",
  "on-alarm s3:PutObject": "the alarm's event is faster than the watch's next look",
  "on-alarm states:StartExecution": "the alarm's event is faster than the watch's next look",
  "notify sns:Publish": "an alarm about Lifeboat itself, or an execution without an outcome",
  "record-outcome rds:DescribeGlobalClusters": "a person gave a recovery up: was anything promoted?",
  "retire-primary autoscaling:SetDesiredCapacity": "the region that was lost answers again, early",
  "watch kms:DescribeKey": "RDS calls it in the caller's name when it copies an encrypted snapshot",
  "sqs:ReceiveMessage": "Lambda's own, for the queue that feeds the function",
  "sqs:DeleteMessage": "Lambda's own, for the queue that feeds the function",
  "sqs:GetQueueAttributes": "Lambda's own, for the queue that feeds the function",
  "logs:CreateLogStream": "Lambda's own",
  "logs:PutLogEvents": "Lambda's own",
  "sqs:SendMessage": "Lambda's own, for an invocation that failed for good",
  "ec2:CreateNetworkInterface": "Lambda's own, to put a function into a network",
  "ec2:DeleteNetworkInterface": "Lambda's own, to put a function into a network",
  "ec2:AssignPrivateIpAddresses": "Lambda's own, to put a function into a network",
  "ec2:UnassignPrivateIpAddresses": "Lambda's own, to put a function into a network",
  "ec2:DescribeNetworkInterfaces": "Lambda's own, to put a function into a network",
  "ec2:DescribeSubnets": "Lambda's own, to put a function into a network",
  "rds-db:connect": "the database is asked, not an API",
};

const reading = readValid(exampleText);
const manifest = buildManifest(reading.plan);

/** The statements of every function's role, by the name that the wire knows the function by. */
const roles: ReadonlyMap<string, readonly PolicyStatement[]> = new Map(
  manifest.places.flatMap((place) =>
    place.functions.map((entry) => [
      `function/${deployedName(manifest.workload, entry.name)}@${place.region}`,
      policyDocument(functionPermissions({ manifest, place }, entry)).Statement,
    ]),
  ),
);

/** `function/lifeboat-spacelift-watch@eu-west-3` → `watch` */
const nameOf = (principal: string): string =>
  principal.replace(`function/${deployedName(manifest.workload, "")}`, "").replace(/@.*/, "");

const holds = (statement: PolicyStatement, { action, resource, context = {} }: IamRequest): boolean =>
  statement.Effect === "Allow" &&
  statement.Action.includes(action) &&
  statement.Resource.some((pattern) => matches(pattern, resource)) &&
  Object.entries(statement.Condition?.["StringEquals"] ?? {}).every(([key, value]) => context[key] === value);

const calls = new Map<string, { readonly principal: string; readonly request: IamRequest }>();
// Together they reach every phase, a question to a person, and the protection of the old primary.
for (const scenario of [secondRegionLoss, lagUnknownAtOnset, primaryIsolated]) {
  const { lab } = await simulate({ ...reading, scenario, seed: 7 });
  for (const record of lab.wire) {
    const { principal } = record.origin;
    if (!principal.startsWith("function/")) continue;
    for (const request of iamRequestsOf(record, manifest.account))
      calls.set(JSON.stringify([principal, request]), { principal, request });
  }
}

describe("the roles of the functions", () => {
  it("were held against calls of every function that calls AWS", () => {
    const calling = new Set([...calls.values()].map(({ principal }) => nameOf(principal)));
    const silent = [...new Set([...roles.keys()].map(nameOf))].filter((name) => !calling.has(name));
    // One speaks to the database alone; the other when Lifeboat itself is not well: notify.test.ts.
    expect(silent).toEqual(["canary", "notify"]);
  });

  it("allow every call of every scenario", () => {
    const refused = [...calls.values()]
      .filter(
        ({ principal, request }) =>
          !(roles.get(principal) ?? []).some((statement) => holds(statement, request)),
      )
      .map(({ principal, request }) => `${principal} may not ${request.action} on ${request.resource}`);
    expect(refused).toEqual([]);
  });

  it("allow no action that is neither called nor explained", () => {
    // Both sites have one role for it: what either has called is in use.
    const called = new Set(
      [...calls.values()].map(({ principal, request }) => `${nameOf(principal)} ${request.action}`),
    );
    const idle = [...roles].flatMap(([principal, statements]) =>
      statements
        .filter(({ Effect }) => Effect === "Allow")
        .flatMap(({ Action }) => Action.map((action) => [action, `${nameOf(principal)} ${action}`] as const))
        .filter(([action, use]) => !(action in unusedHere) && !(use in unusedHere) && !called.has(use))
        .map(([, use]) => use),
    );
    expect(idle).toEqual([]);
  });
});
