type ClientModule = Readonly<Record<string, unknown>>;

/** The SDK's clients that Lifeboat brings along, by the name of their package without `client-`, loaded when asked for. */
export const clientModules: Readonly<Record<string, () => Promise<ClientModule>>> = {
  acm: () => import("@aws-sdk/client-acm"),
  "auto-scaling": () => import("@aws-sdk/client-auto-scaling"),
  cloudwatch: () => import("@aws-sdk/client-cloudwatch"),
  ecs: () => import("@aws-sdk/client-ecs"),
  eventbridge: () => import("@aws-sdk/client-eventbridge"),
  iot: () => import("@aws-sdk/client-iot"),
  kms: () => import("@aws-sdk/client-kms"),
  lambda: () => import("@aws-sdk/client-lambda"),
  rds: () => import("@aws-sdk/client-rds"),
  "route-53": () => import("@aws-sdk/client-route-53"),
  s3: () => import("@aws-sdk/client-s3"),
  scheduler: () => import("@aws-sdk/client-scheduler"),
  "secrets-manager": () => import("@aws-sdk/client-secrets-manager"),
  sfn: () => import("@aws-sdk/client-sfn"),
  sns: () => import("@aws-sdk/client-sns"),
  sqs: () => import("@aws-sdk/client-sqs"),
};
