import { nested, number, optionalText, text } from "./resource-graph.ts";
import type { HostedFunction } from "../function-host.ts";
import { requireOfRole, type Create, type Deployment } from "./deployment.ts";

/** `urn:…::sst:aws:Function::Activate` → `Activate` */
export const componentOf = (parent: string): string => parent.split("::").at(-1) ?? "";

/** The host names that the synthesis was told stand for those of the account's clusters, which the policies know by id. */
const withDatabases = (
  { parts, graphs, account }: Deployment,
  environment: Readonly<Record<string, string>>,
): Pick<HostedFunction, "environment" | "databases"> => {
  const hosts = new Map<string, string>();
  const databases = new Map<string, string>();
  for (const graph of graphs) {
    const { region } = graph.app.providers.aws;
    for (const { token, inputs, answer } of graph.lookups) {
      if (token !== "aws:rds/getCluster:getCluster") continue;
      const cluster = parts.rds.cluster(region, String(inputs["clusterIdentifier"]));
      hosts.set(String(answer["endpoint"]), cluster.writerEndpoint);
      hosts.set(String(answer["readerEndpoint"]), cluster.readerEndpoint);
      const user = `arn:aws:rds-db:${region}:${account}:dbuser:${String(answer["clusterResourceId"])}`;
      databases.set(cluster.writerEndpoint, user);
    }
  }
  const bound = (value: string): string =>
    [...hosts].reduce((text, [told, real]) => text.replaceAll(told, real), value);
  return {
    environment: Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, bound(value)])),
    databases,
  };
};

/** A function with the code that was bundled for it, in its own environment and role. */
export const createFunction: Create = (deployment, inputs, { parent }) => {
  const { parts, iam, region, account } = deployment;
  const name = text(inputs, "name");
  const roleArn = text(inputs, "role");
  parts.cloud.lambda.createFunction({
    region,
    functionName: name,
    accountId: account,
    timeoutSeconds: number(inputs, "timeout"),
    memoryMb: number(inputs, "memorySize"),
    reservedConcurrency: number(inputs, "reservedConcurrentExecutions"),
    roleArn,
    logGroup: text(nested(inputs, "loggingConfig"), "logGroup"),
  });
  const component = componentOf(parent);
  const definition = parts.code.get(component);
  if (definition === undefined) throw new Error(`no code was bundled for ${component}`);
  const environment = nested(nested(inputs, "environment"), "variables") as Record<string, string>;
  parts.hosted.set(`${region}/${name}`, { definition, ...withDatabases(deployment, environment) });
  iam.take({ principal: `function/${name}@${region}`, roleArn, service: "lambda.amazonaws.com" });
  if (inputs["vpcConfig"] === undefined) return;
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
  const interfaces = `arn:aws:ec2:${region}:${account}:network-interface/*`;
  requireOfRole(deployment, roleArn, [
    ["ec2:CreateNetworkInterface", interfaces],
    ["ec2:DeleteNetworkInterface", interfaces],
    ["ec2:AssignPrivateIpAddresses", interfaces],
    ["ec2:UnassignPrivateIpAddresses", interfaces],
    ["ec2:DescribeNetworkInterfaces", "*"],
    ["ec2:DescribeSubnets", "*"],
  ]);
};

/** Gives a function its address, and tells it to those whose environment the synthesis gave its own address for it. */
export const createUrl: Create = ({ parts, region }, inputs, { told = {} }) => {
  if (text(inputs, "authorizationType") !== "NONE")
    throw new Error("signed calls of addresses are not simulated");
  const functionName = text(inputs, "functionName");
  const real = parts.cloud.lambda.createFunctionUrl({ region, functionName });
  const known = text(told, "functionUrl");
  for (const [key, hosted] of parts.hosted) {
    const environment = Object.fromEntries(
      Object.entries(hosted.environment).map(([name, value]) => [name, value.replaceAll(known, real)]),
    );
    parts.hosted.set(key, { ...hosted, environment });
  }
};

export const configureDelivery: Create = ({ parts, region }, inputs) => {
  parts.cloud.lambda.configureDelivery(region, text(inputs, "functionName"), {
    retries: number(inputs, "maximumRetryAttempts"),
    maxAgeMs: number(inputs, "maximumEventAgeInSeconds") * 1000,
    onFailureArn: optionalText(nested(nested(inputs, "destinationConfig"), "onFailure"), "destination"),
  });
};

/** What is in the queue invokes the function, one message at a time. */
export const feedFromQueue: Create = ({ parts, region, account }, inputs) => {
  if (number(inputs, "batchSize") !== 1) throw new Error("batches of several messages are not simulated");
  const name = text(inputs, "functionName").split(":").at(-1) ?? "";
  parts.cloud.sqs.feed(
    text(inputs, "eventSourceArn"),
    `arn:aws:lambda:${region}:${account}:function:${name}`,
  );
};

/** A statement of the function's own policy, as `AddPermission` writes it. */
export const permitInvocation: Create = ({ iam, region, account }, inputs) => {
  const name = text(inputs, "function").split(":").at(-1) ?? "";
  const resource = `arn:aws:lambda:${region}:${account}:function:${name}`;
  const principal = text(inputs, "principal");
  const sourceArn = optionalText(inputs, "sourceArn");
  const authType = optionalText(inputs, "functionUrlAuthType");
  const viaUrl = inputs["invokedViaFunctionUrl"] === true;
  const conditions = {
    ...(sourceArn === undefined ? {} : { ArnLike: { "aws:SourceArn": sourceArn } }),
    ...(authType === undefined ? {} : { StringEquals: { "lambda:FunctionUrlAuthType": authType } }),
    ...(viaUrl ? { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } : {}),
  };
  const statement = {
    Effect: "Allow",
    Principal: principal.endsWith(".amazonaws.com") ? { Service: principal } : { AWS: principal },
    Action: text(inputs, "action"),
    Resource: resource,
    ...(Object.keys(conditions).length === 0 ? {} : { Condition: conditions }),
  };
  iam.putResourcePolicy(resource, JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
};
