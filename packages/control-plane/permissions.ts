import { forSite, sitesOf, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import type { Permission } from "./manifest.ts";
import { functionArn, machineArn, topicArn } from "./names.ts";

/** Permissions by purpose, each over the plan's own resources. A function's entry lists the purposes that it has. */
export interface Grants {
  readonly readPlan: Permission;
  readonly readLedger: readonly Permission[];
  readonly changeClaim: readonly Permission[];
  readonly changeLeases: readonly Permission[];
  readonly writeRecords: Permission;
  readonly observe: readonly Permission[];
  readonly invokeCanary: Permission;
  readonly notify: Permission;
  readonly startExecutions: readonly Permission[];
  readonly promote: readonly Permission[];
  readonly scale: (site: Site) => readonly Permission[];
  readonly shift: readonly Permission[];
  readonly protectAgain: readonly Permission[];
  readonly reportProbes: Permission;
}

const bucketArn = (bucket: string, key = ""): string => `arn:aws:s3:::${bucket}${key}`;

const clusterArns = (plan: RecoveryPlan, site: Site): readonly string[] =>
  plan.stores.flatMap((store) =>
    store.type === "aurora-global"
      ? [
          `arn:aws:rds:${site.region}:${plan.account}:cluster:${forSite(store.clusters, site.name)}`,
          `arn:aws:rds::${plan.account}:global-cluster:${store.globalCluster}`,
        ]
      : [],
  );

/** The permissions of functions in one place of the plan. `region` is the witness's where there is no site. */
export const grantsIn = (plan: RecoveryPlan, region: string, here: Site): Grants => {
  const { account, workload, ledger } = plan;
  const ledgerBuckets = [
    ledger.witnessBucket,
    ...sitesOf(plan).map((site) => forSite(ledger.buckets, site.name)),
  ];
  const objects = (key: string, buckets: readonly string[] = ledgerBuckets): readonly string[] =>
    buckets.map((bucket) => bucketArn(bucket, `/${workload}/${key}`));
  const switches = plan.traffic.flatMap((traffic) =>
    traffic.type === "switch" ? [forSite(traffic.switches, here.name)] : [],
  );
  const switchArns = switches.flatMap(({ bucket, key }) => [
    bucketArn(bucket, `/${key}`),
    bucketArn(bucket, `/${key}.closed`),
  ]);
  return {
    readPlan: {
      actions: ["s3:GetObject"],
      resources: sitesOf(plan).some((site) => site.region === region)
        ? objects("plan.json", [forSite(ledger.buckets, here.name)])
        : objects("plan.json", [ledger.witnessBucket]),
    },
    readLedger: [
      {
        actions: ["s3:GetObject"],
        resources: [
          ...objects("claim", [ledger.witnessBucket]),
          ...objects("switch", [ledger.witnessBucket]),
          ...objects("lease"),
        ],
      },
    ],
    changeClaim: [{ actions: ["s3:PutObject"], resources: objects("claim", [ledger.witnessBucket]) }],
    changeLeases: [{ actions: ["s3:PutObject"], resources: objects("lease") }],
    writeRecords: {
      actions: ["s3:PutObject"],
      resources: objects("records/*", [forSite(ledger.buckets, here.name)]),
    },
    observe: [
      {
        actions: ["rds:DescribeGlobalClusters", "rds:DescribeDBClusters"],
        resources: clusterArns(plan, here),
      },
      { actions: ["rds:DescribeDBInstances"], resources: [`arn:aws:rds:${here.region}:${account}:db:*`] },
      {
        actions: ["ecs:DescribeServices"],
        resources: plan.services.map(
          (service) =>
            `arn:aws:ecs:${here.region}:${account}:service/${forSite(service.clusters, here.name)}/${service.service}`,
        ),
      },
      // DescribeAutoScalingGroups and DescribeAlarms know no resource-level permission.
      { actions: ["autoscaling:DescribeAutoScalingGroups", "cloudwatch:DescribeAlarms"], resources: ["*"] },
      {
        actions: ["kms:DescribeKey"],
        resources: plan.keys.map((key) => `arn:aws:kms:${here.region}:${account}:key/${key.keyId}`),
      },
      {
        actions: ["secretsmanager:DescribeSecret"],
        resources: plan.secrets.map(
          (secret) =>
            `arn:aws:secretsmanager:${here.region}:${account}:secret:${forSite(secret.secretIds, here.name)}-*`,
        ),
      },
      {
        actions: ["acm:DescribeCertificate"],
        resources: plan.certificates.map((certificate) => forSite(certificate.arns, here.name)),
      },
      {
        actions: ["iot:DescribeDomainConfiguration"],
        resources: plan.traffic.flatMap((traffic) =>
          traffic.type === "iot-custom-domain"
            ? [
                `arn:aws:iot:${here.region}:${account}:domainconfiguration/${forSite(traffic.configurations, here.name)}/*`,
              ]
            : [],
        ),
      },
      {
        actions: ["s3:GetBucketVersioning", "s3:GetReplicationConfiguration"],
        resources: plan.stores.flatMap((store) =>
          store.type === "s3-replicated" ? [bucketArn(forSite(store.buckets, here.name))] : [],
        ),
      },
      { actions: ["s3:GetObject"], resources: switchArns },
    ],
    invokeCanary: {
      actions: ["lambda:InvokeFunction"],
      resources: [functionArn(account, here.region, workload, "canary")],
    },
    notify: { actions: ["sns:Publish"], resources: [topicArn(account, here.region, workload, "notices")] },
    startExecutions: [
      {
        actions: ["states:StartExecution"],
        resources: [machineArn(account, here.region, workload, "failover")],
      },
      {
        actions: ["states:DescribeExecution"],
        resources: [
          `${machineArn(account, here.region, workload, "failover").replace(":stateMachine:", ":execution:")}:*`,
        ],
      },
    ],
    promote: [{ actions: ["rds:FailoverGlobalCluster"], resources: clusterArns(plan, here) }],
    scale: (site) => [
      {
        actions: ["ecs:UpdateService"],
        resources: plan.services.map(
          (service) =>
            `arn:aws:ecs:${site.region}:${account}:service/${forSite(service.clusters, site.name)}/${service.service}`,
        ),
      },
      {
        actions: ["autoscaling:SetDesiredCapacity", "autoscaling:UpdateAutoScalingGroup"],
        resources: plan.workers.map(
          (worker) =>
            `arn:aws:autoscaling:${site.region}:${account}:autoScalingGroup:*:autoScalingGroupName/${forSite(worker.groups, site.name)}`,
        ),
      },
    ],
    shift: [{ actions: ["s3:PutObject", "s3:DeleteObject"], resources: switchArns }],
    protectAgain: [
      {
        actions: ["rds:DescribeEvents", "rds:DescribeDBClusterSnapshots"],
        resources: [...clusterArns(plan, here), `arn:aws:rds:${here.region}:${account}:cluster-snapshot:*`],
      },
      {
        actions: ["rds:CopyDBClusterSnapshot"],
        resources: [
          `arn:aws:rds:${here.region}:${account}:cluster-snapshot:rds:unplanned-global-failover-*`,
          `arn:aws:rds:${here.region}:${account}:cluster-snapshot:lifeboat-*`,
        ],
      },
    ],
    reportProbes: { actions: ["cloudwatch:PutMetricData"], resources: ["*"] },
  };
};
