import { forSite, sitesOf, workloadAccount, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import { bucketArn } from "./ledger-grants.ts";
import type { Permission } from "./manifest.ts";
import { closedObject, switchesOf } from "./switch-checks.ts";

/*
 * Permissions over the plan's own resources. Which actions know resources:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */

const globalClusterArns = (plan: RecoveryPlan): readonly string[] =>
  plan.stores.flatMap((store) =>
    store.type === "aurora-global"
      ? [`arn:aws:rds::${workloadAccount(plan)}:global-cluster:${store.globalCluster}`]
      : [],
  );

const clusterArns = (plan: RecoveryPlan, site: Site): readonly string[] =>
  plan.stores.flatMap((store) =>
    store.type === "aurora-global"
      ? [`arn:aws:rds:${site.region}:${workloadAccount(plan)}:cluster:${forSite(store.clusters, site.name)}`]
      : [],
  );

/** Who the writer of each global database is. */
export const readGlobalClusters = (plan: RecoveryPlan): Permission => ({
  actions: ["rds:DescribeGlobalClusters"],
  resources: globalClusterArns(plan),
});

export const readDatabases = (plan: RecoveryPlan, here: Site): readonly Permission[] => [
  readGlobalClusters(plan),
  { actions: ["rds:DescribeDBClusters"], resources: clusterArns(plan, here) },
  // A cluster's instances are asked for by a filter, and their names are not the plan's: judged over all of the region.
  {
    actions: ["rds:DescribeDBInstances"],
    resources: [`arn:aws:rds:${here.region}:${workloadAccount(plan)}:db:*`],
  },
];

export const readReplication = (plan: RecoveryPlan, here: Site): Permission => ({
  actions: ["s3:GetBucketVersioning", "s3:GetReplicationConfiguration"],
  resources: plan.stores.flatMap((store) =>
    store.type === "s3-replicated" ? [bucketArn(forSite(store.buckets, here.name))] : [],
  ),
});

export const promote = (plan: RecoveryPlan, here: Site): Permission => ({
  actions: ["rds:FailoverGlobalCluster"],
  resources: [...globalClusterArns(plan), ...clusterArns(plan, here)],
});

/** After AWS has rebuilt the old primary: what it said about the fencing, and the snapshot of the old volume. */
export const keepOldVolume = (plan: RecoveryPlan, here: Site): readonly Permission[] => {
  const snapshots = `arn:aws:rds:${here.region}:${workloadAccount(plan)}:cluster-snapshot`;
  return [
    { actions: ["rds:DescribeEvents"], resources: ["*"], unbounded: "rds:DescribeEvents knows no resource" },
    {
      actions: ["rds:DescribeDBClusterSnapshots"],
      resources: [...clusterArns(plan, here), `${snapshots}:*`],
    },
    {
      actions: ["rds:CopyDBClusterSnapshot"],
      resources: [`${snapshots}:rds:unplanned-global-failover-*`, `${snapshots}:lifeboat-*`],
    },
    // The copy of an encrypted snapshot is encrypted as well, which RDS does in the caller's name:
    // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html
    {
      actions: ["kms:CreateGrant", "kms:DescribeKey"],
      resources: keyArns(plan, here),
      conditions: { StringEquals: { "kms:ViaService": `rds.${here.region}.amazonaws.com` } },
    },
  ];
};

const serviceArns = (plan: RecoveryPlan, site: Site): readonly string[] =>
  plan.services.map(
    (service) =>
      `arn:aws:ecs:${site.region}:${workloadAccount(plan)}:service/${forSite(service.clusters, site.name)}/${service.service}`,
  );

export const readServices = (plan: RecoveryPlan, site: Site): Permission => ({
  actions: ["ecs:DescribeServices"],
  resources: serviceArns(plan, site),
});

export const scaleServices = (plan: RecoveryPlan, site: Site): Permission => ({
  actions: ["ecs:UpdateService"],
  resources: serviceArns(plan, site),
});

export const readGroups = (plan: RecoveryPlan): Permission => ({
  actions: ["autoscaling:DescribeAutoScalingGroups"],
  resources: plan.workers.length === 0 ? [] : ["*"],
  unbounded: "autoscaling:DescribeAutoScalingGroups knows no resource",
});

/** Up: `SetDesiredCapacity` is enough, for what is below the plan's count is not below the group's least size. */
export const startGroups = (plan: RecoveryPlan, site: Site): Permission => ({
  ...scaleGroups(plan, site),
  actions: ["autoscaling:SetDesiredCapacity"],
});

/** Down, too: where the group may not be as small as that, its least size goes down with it. */
export const scaleGroups = (plan: RecoveryPlan, site: Site): Permission => ({
  actions: ["autoscaling:SetDesiredCapacity", "autoscaling:UpdateAutoScalingGroup"],
  resources: plan.workers.map(
    (worker) =>
      `arn:aws:autoscaling:${site.region}:${workloadAccount(plan)}:autoScalingGroup:*:autoScalingGroupName/${forSite(worker.groups, site.name)}`,
  ),
});

const keyArns = (plan: RecoveryPlan, here: Site): readonly string[] =>
  plan.keys.map((key) => `arn:aws:kms:${here.region}:${workloadAccount(plan)}:key/${key.keyId}`);

/** A secret may be given by its name, which the ARN follows by six characters of AWS's choice, or by its ARN. */
const secretArn = (plan: RecoveryPlan, here: Site, id: string): string =>
  id.startsWith("arn:")
    ? id
    : `arn:aws:secretsmanager:${here.region}:${workloadAccount(plan)}:secret:${id}-??????`;

export const readProtection = (plan: RecoveryPlan, here: Site): readonly Permission[] => [
  { actions: ["kms:DescribeKey"], resources: keyArns(plan, here) },
  {
    actions: ["secretsmanager:DescribeSecret"],
    resources: plan.secrets.map((secret) => secretArn(plan, here, forSite(secret.secretIds, here.name))),
  },
  {
    actions: ["acm:DescribeCertificate"],
    resources: plan.certificates.map((certificate) => forSite(certificate.arns, here.name)),
  },
];

export const readBrokers = (plan: RecoveryPlan, here: Site): Permission => ({
  actions: ["iot:DescribeDomainConfiguration"],
  resources: plan.traffic.flatMap((traffic) =>
    traffic.type === "iot-custom-domain"
      ? [
          `arn:aws:iot:${here.region}:${workloadAccount(plan)}:domainconfiguration/${forSite(traffic.configurations, here.name)}/*`,
        ]
      : [],
  ),
});

const switchArns = (plan: RecoveryPlan, site: Site): readonly string[] =>
  switchesOf(plan).flatMap((traffic) => {
    const { bucket, key } = forSite(traffic.switches, site.name);
    return [bucketArn(bucket, `/${key}`), bucketArn(bucket, `/${closedObject(key)}`)];
  });

/** Without ListBucket S3 answers 403 for a switch that is off, which could as well be a switch that nobody may read. */
export const readSwitches = (plan: RecoveryPlan, sites: readonly Site[]): readonly Permission[] => [
  { actions: ["s3:GetObject"], resources: sites.flatMap((site) => switchArns(plan, site)) },
  {
    actions: ["s3:ListBucket"],
    resources: sites.flatMap((site) =>
      switchesOf(plan).map((traffic) => bucketArn(forSite(traffic.switches, site.name).bucket)),
    ),
  },
];

export const turnSwitchOn = (plan: RecoveryPlan, here: Site): Permission => ({
  actions: ["s3:PutObject"],
  resources: switchesOf(plan).map((traffic) => {
    const { bucket, key } = forSite(traffic.switches, here.name);
    return bucketArn(bucket, `/${key}`);
  }),
});

/** At a passive site: its own switch goes, and the primary's is closed. */
export const restSwitches = (plan: RecoveryPlan, here: Site): readonly Permission[] => {
  const isClosing = (arn: string): boolean => arn.endsWith(closedObject(""));
  const own = switchArns(plan, here);
  return [
    { actions: ["s3:DeleteObject"], resources: own.filter((arn) => !isClosing(arn)) },
    {
      actions: ["s3:PutObject"],
      resources: here.name === sitesOf(plan)[0].name ? own.filter(isClosing) : [],
    },
  ];
};

/** At the primary, once it is active again: both of its objects go, when the standby's switch is off. */
export const settleSwitches = (plan: RecoveryPlan, here: Site): readonly Permission[] =>
  here.name === sitesOf(plan)[0].name
    ? [
        ...readSwitches(plan, sitesOf(plan)),
        { actions: ["s3:DeleteObject"], resources: switchArns(plan, here) },
      ]
    : [];

export const readAlarms: Permission = {
  actions: ["cloudwatch:DescribeAlarms"],
  resources: ["*"],
  unbounded:
    "composite alarms are described under * only: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/permissions-reference-cw.html",
};

export const reportProbes: Permission = {
  actions: ["cloudwatch:PutMetricData"],
  resources: ["*"],
  conditions: { StringEquals: { "cloudwatch:namespace": "Lifeboat" } },
  unbounded: "cloudwatch:PutMetricData knows no resource; the namespace is the limit",
};
