import { bindClusters } from "@lifeboat/control-plane/bind-clusters";
import { bindFunctionUrls, functionUrlsIn } from "@lifeboat/control-plane/bind-function-urls";
import type { FunctionEntry } from "@lifeboat/control-plane/manifest";
import { deployedName } from "@lifeboat/control-plane/names";
import { functionPermissions } from "@lifeboat/control-plane/role-permissions";
import type { ChosenStage } from "./choose-stage.ts";
import { clusterFacts, clustersOf, databaseNetwork } from "./databases.ts";
import { logicalName } from "./names.ts";
import { createRole } from "./roles.ts";

/**
 * Ways to credentials that exist outside of Lambda: profiles, SSO, metadata services. The SDK's default chain imports them
 * only when the environment has none, and Lambda's always has; they would be a fifth of each bundle.
 */
const ELSEWHERE = [
  "@aws-sdk/credential-provider-http",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/credential-provider-imds",
] as const;

export type Functions = ReadonlyMap<string, sst.aws.Function>;

/**
 * An address that anybody may call; the function itself checks who may do what. Since October 2025 a caller needs both
 * permissions: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
const createUrl = (name: string, created: sst.aws.Function): $util.Output<string> => {
  const forAnybody = { function: created.name, principal: "*" };
  const permissions = [
    new aws.lambda.Permission(logicalName(name, "url", "permission"), {
      ...forAnybody,
      action: "lambda:InvokeFunctionUrl",
      functionUrlAuthType: "NONE",
    }),
    new aws.lambda.Permission(logicalName(name, "invoke", "permission"), {
      ...forAnybody,
      action: "lambda:InvokeFunction",
      invokedViaFunctionUrl: true,
    }),
  ];
  const url = new aws.lambda.FunctionUrl(
    logicalName(name, "url"),
    { functionName: created.name, authorizationType: "NONE" },
    { dependsOn: permissions },
  );
  return url.functionUrl;
};

/**
 * Lambda's reports of runs that went well are at INFO, of those that failed or timed out at WARN and above:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
const quietly = (
  logging: aws.lambda.FunctionArgs["loggingConfig"],
): $util.Output<aws.types.input.lambda.FunctionLoggingConfig> =>
  $util.output(logging).apply((given) => ({ logFormat: "JSON", ...given, systemLogLevel: "WARN" }));

const createFunction = (
  chosen: ChosenStage,
  entry: FunctionEntry,
  urls: Readonly<Record<string, $util.Output<string>>>,
  deadLetters?: aws.sqs.Queue,
): sst.aws.Function => {
  const { manifest } = chosen;
  const clusters = clustersOf(entry);
  const facts = clusters.length === 0 ? undefined : clusterFacts(clusters);
  const bind = (text: string): $util.Input<string> =>
    facts === undefined ? text : facts.apply((known) => bindClusters(text, known));
  const { role, policy } = createRole(
    chosen,
    { name: entry.name, service: "lambda", permissions: functionPermissions(chosen, entry) },
    bind,
  );
  const created = new sst.aws.Function(
    logicalName(entry.name),
    {
      name: deployedName(manifest.workload, entry.name),
      description: `Lifeboat, ${manifest.workload}: ${entry.name}`,
      handler: entry.handler,
      runtime: "nodejs24.x",
      architecture: "arm64",
      role: role.arn,
      timeout: `${entry.timeoutSeconds} seconds`,
      memory: `${entry.memoryMegabytes} MB`,
      concurrency: { reserved: entry.reservedConcurrency },
      environment: Object.fromEntries(
        Object.entries(entry.environment).map(([name, value]) => [
          name,
          functionUrlsIn(value).length === 0
            ? bind(value)
            : $util.all(urls).apply((known) => bindFunctionUrls(value, known)),
        ]),
      ),
      logging: { retention: "1 month", format: entry.quiet === true ? "json" : "text" },
      transform: {
        function: (args) => {
          if (entry.quiet === true) args.loggingConfig = quietly(args.loggingConfig);
        },
      },
      // Every deployment publishes a version: a running execution keeps the code that it began with.
      versioning: true,
      nodejs: {
        minify: true,
        format: "esm",
        esbuild: { mainFields: ["module", "main"], external: [...ELSEWHERE] },
      },
      ...(entry.network === "database" ? { vpc: databaseNetwork(chosen, entry) } : {}),
    },
    { dependsOn: [policy] },
  );
  for (const [index, principal] of (entry.invokers ?? []).entries()) {
    new aws.lambda.Permission(logicalName(entry.name, "invoker", String(index + 1)), {
      function: created.name,
      action: "lambda:InvokeFunction",
      principal,
    });
  }
  if (entry.delivery !== undefined) {
    if (deadLetters === undefined) throw new Error(`${entry.name} has no queue for what is not delivered`);
    new aws.lambda.FunctionEventInvokeConfig(logicalName(entry.name, "delivery"), {
      functionName: created.name,
      maximumRetryAttempts: entry.delivery.retries,
      maximumEventAgeInSeconds: entry.delivery.maxAgeSeconds,
      destinationConfig: { onFailure: { destination: deadLetters.arn } },
    });
  }
  return created;
};

/** The functions of this place by their names in the manifest. */
export const createFunctions = (chosen: ChosenStage, deadLetters?: aws.sqs.Queue): Functions => {
  const urls: Record<string, $util.Output<string>> = {};
  const functions = new Map<string, sst.aws.Function>();
  for (const entry of chosen.place.functions) {
    const created = createFunction(chosen, entry, urls, deadLetters);
    functions.set(entry.name, created);
    if (entry.url !== undefined) urls[entry.name] = createUrl(entry.name, created);
  }
  return functions;
};

/** Throws for a name that the manifest does not have. */
export const functionNamed = (functions: Functions, name: string): sst.aws.Function => {
  const found = functions.get(name);
  if (found === undefined) throw new Error(`the manifest has no function "${name}" in this place`);
  return found;
};
