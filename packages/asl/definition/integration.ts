/** What a Task's `Resource` names. */
export interface Integration {
  /** The resource as written. */
  readonly resource: string;
  readonly kind: "lambda-function" | "activity" | "service";
  /** `lambda`, `states`, `aws-sdk:rds`, … as TaskScheduled shows it; empty for functions and activities. */
  readonly resourceType: string;
  /** `invoke.waitForTaskToken`, `startExecution.sync:2`, … as TaskScheduled shows it. */
  readonly action: string;
  readonly pattern: "request-response" | "sync" | "wait-for-task-token";
}

const LAMBDA = /^arn:aws[a-z-]*:lambda:[^:]+:[^:]+:function:[^:]+(?::[^:]+)?$/;
/** Bound at deploy, to a Lambda function. */
const PLACEHOLDER = /^\$\{[A-Za-z0-9_]+\}$/;
const ACTIVITY = /^arn:aws[a-z-]*:states:[^:]+:[^:]+:activity:[^:]+$/;
const SERVICE =
  /^arn:aws[a-z-]*:states:[^:]*:[^:]*:((?:aws-sdk:)?[a-zA-Z0-9-]+):([a-zA-Z0-9]+)(\.sync(?::2)?|\.waitForTaskToken)?$/;

/**
 * The optimized integrations and what each offers beyond request-response.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
const OPTIMIZED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  apigateway: { invoke: [".waitForTaskToken"] },
  athena: {
    startQueryExecution: [".sync"],
    stopQueryExecution: [],
    getQueryExecution: [],
    getQueryResults: [],
  },
  batch: { submitJob: [".sync", ".waitForTaskToken"] },
  bedrock: { invokeModel: [".waitForTaskToken"], createModelCustomizationJob: [".sync"] },
  codebuild: {
    startBuild: [".sync"],
    stopBuild: [],
    startBuildBatch: [".sync"],
    stopBuildBatch: [".sync"],
    retryBuildBatch: [".sync"],
    deleteBuildBatch: [".sync"],
    batchDeleteBuilds: [],
    batchGetReports: [],
  },
  dynamodb: { getItem: [], putItem: [], updateItem: [], deleteItem: [] },
  ecs: { runTask: [".sync", ".waitForTaskToken"] },
  eks: {
    call: [],
    runJob: [".sync"],
    createCluster: [".sync"],
    deleteCluster: [".sync"],
    createNodegroup: [".sync"],
    deleteNodegroup: [".sync"],
    createFargateProfile: [".sync"],
    deleteFargateProfile: [".sync"],
  },
  events: { putEvents: [".waitForTaskToken"] },
  glue: { startJobRun: [".sync"] },
  http: { invoke: [] },
  lambda: { invoke: [".waitForTaskToken"] },
  sns: { publish: [".waitForTaskToken"] },
  sqs: { sendMessage: [".waitForTaskToken"] },
  states: { startExecution: [".sync", ".sync:2", ".waitForTaskToken"] },
};

/** What can be said against a resource, or `undefined`. */
export const resourceProblem = (resource: string): string | undefined => {
  if ([LAMBDA, ACTIVITY, PLACEHOLDER].some((form) => form.test(resource))) return undefined;
  const [, service = "", operation = "", suffix = ""] = SERVICE.exec(resource) ?? [];
  if (service === "") {
    return `the resource ${resource} is neither a Lambda function, an activity nor a service integration`;
  }
  if (service.startsWith("aws-sdk:")) {
    // The SDK integrations know the token, and `.sync` for nothing.
    return suffix.startsWith(".sync") ? `${resource}: aws-sdk integrations do not support .sync` : undefined;
  }
  const offered = OPTIMIZED[service]?.[operation];
  if (offered === undefined) {
    return `the resource ${resource} is not an optimized integration; call it as arn:aws:states:::aws-sdk:${service}:${operation}`;
  }
  return suffix === "" || offered.includes(suffix)
    ? undefined
    : `${service}:${operation} does not support ${suffix}`;
};

/** Reads a resource that {@link resourceProblem} has nothing against; a placeholder `${Name}` counts as a function. */
export const parseResource = (resource: string): Integration => {
  const service = SERVICE.exec(resource);
  if (ACTIVITY.test(resource)) {
    return { resource, kind: "activity", resourceType: "", action: "", pattern: "request-response" };
  }
  if (service === null) {
    return { resource, kind: "lambda-function", resourceType: "", action: "", pattern: "request-response" };
  }
  const [, resourceType = "", operation = "", suffix = ""] = service;
  return {
    resource,
    kind: "service",
    resourceType,
    action: operation + suffix,
    pattern:
      suffix === "" ? "request-response" : suffix === ".waitForTaskToken" ? "wait-for-task-token" : "sync",
  };
};
