/**
 * Names in Step Functions' SDK integrations follow the AWS SDK for Java 2: services without dashes, operations in camel
 * case, parameters in Pascal case, errors as `Rds.DbClusterNotFoundException`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */

/** From the resource's service part to the SDK package's name and to the prefix of its errors. */
const SERVICES: Readonly<Record<string, readonly [packageName: string, errorPrefix: string]>> = {
  acm: ["acm", "Acm"],
  autoscaling: ["auto-scaling", "AutoScaling"],
  cloudwatch: ["cloudwatch", "CloudWatch"],
  ecs: ["ecs", "Ecs"],
  eventbridge: ["eventbridge", "EventBridge"],
  iot: ["iot", "Iot"],
  kms: ["kms", "Kms"],
  lambda: ["lambda", "Lambda"],
  rds: ["rds", "Rds"],
  route53: ["route-53", "Route53"],
  s3: ["s3", "S3"],
  scheduler: ["scheduler", "Scheduler"],
  secretsmanager: ["secrets-manager", "SecretsManager"],
  sfn: ["sfn", "Sfn"],
  sns: ["sns", "Sns"],
};

export interface IntegratedService {
  readonly packageName: string;
  readonly errorPrefix: string;
}

/** The service of `arn:aws:states:::aws-sdk:<service>:<operation>`, or undefined. */
export const integratedService = (name: string): IntegratedService | undefined => {
  const found = SERVICES[name.toLowerCase()];
  return found === undefined ? undefined : { packageName: found[0], errorPrefix: found[1] };
};

/** `describeGlobalClusters` and `describeDBClusters` are DescribeGlobalClusters and DescribeDBClusters. */
export const operationName = (operation: string): string =>
  operation.charAt(0).toUpperCase() + operation.slice(1);

/** `DBClusterNotFoundFault` as the Java SDK calls it: `DbClusterNotFoundException`. */
export const exceptionName = (code: string): string => {
  const words = code.replaceAll(
    /([A-Z]+)(?=[A-Z][a-z])/g,
    (run: string) => run.charAt(0) + run.slice(1).toLowerCase(),
  );
  if (words.endsWith("Exception")) return words;
  return `${words.replace(/Fault$/, "")}Exception`;
};
