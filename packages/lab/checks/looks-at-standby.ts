import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { forSite, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import { answerOf, bucketOf, inputOf, keyOf } from "./acts.ts";

/** What has to have been asked of the standby, and which answer will do. */
export interface Look {
  readonly resource: string;
  readonly isOf: (call: WireRecord) => boolean;
  readonly isFit: (call: WireRecord) => boolean;
}

type Answer = Readonly<Record<string, unknown>>;

const listIn = (answer: Answer | undefined, name: string): readonly Answer[] =>
  Array.isArray(answer?.[name]) ? (answer[name] as readonly Answer[]) : [];

const asks =
  (service: string, operation: string, about: (input: Answer) => unknown, of: string) =>
  (call: WireRecord): boolean =>
    call.service === service && call.operation === operation && about(inputOf(call)) === of;

const answers =
  (isFit: (answer: Answer) => boolean) =>
  (call: WireRecord): boolean => {
    const answer = answerOf(call);
    return answer !== undefined && isFit(answer);
  };

/** Everything on the standby that a plan names, with the calls of AWS that tell of it. */
export const looksAt = (plan: RecoveryPlan, { name: site }: Site): readonly Look[] => [
  ...plan.stores.flatMap((store): readonly Look[] => {
    const resource = `stores/${store.name}`;
    if (store.type === "s3-replicated") {
      const bucket = forSite(store.buckets, site);
      const about = ({ Bucket }: Answer): unknown => Bucket;
      return [
        {
          resource,
          isOf: asks("s3", "GetBucketVersioning", about, bucket),
          isFit: answers(({ Status }) => Status === "Enabled"),
        },
        {
          resource,
          isOf: asks("s3", "GetBucketReplication", about, bucket),
          isFit: answers(({ ReplicationConfiguration }) =>
            listIn(ReplicationConfiguration as Answer | undefined, "Rules").some(
              ({ Status }) => Status === "Enabled",
            ),
          ),
        },
      ];
    }
    const cluster = forSite(store.clusters, site);
    return [
      {
        resource,
        isOf: asks("rds", "DescribeDBClusters", ({ DBClusterIdentifier }) => DBClusterIdentifier, cluster),
        isFit: answers((answer) => listIn(answer, "DBClusters")[0]?.["Status"] === "available"),
      },
      {
        resource,
        isOf: (call) =>
          call.operation === "DescribeDBInstances" &&
          listIn(inputOf(call), "Filters").some(
            ({ Values }) => Array.isArray(Values) && Values.includes(cluster),
          ),
        isFit: answers((answer) =>
          listIn(answer, "DBInstances").some(({ DBInstanceStatus }) => DBInstanceStatus === "available"),
        ),
      },
      {
        resource,
        isOf: asks(
          "rds",
          "DescribeGlobalClusters",
          ({ GlobalClusterIdentifier }) => GlobalClusterIdentifier,
          store.globalCluster,
        ),
        isFit: answers((answer) => {
          const global = listIn(answer, "GlobalClusters")[0];
          const isMember = listIn(global, "GlobalClusterMembers").some(({ DBClusterArn }) =>
            String(DBClusterArn).endsWith(`:cluster:${cluster}`),
          );
          return isMember && (global?.["FailoverState"] ?? null) === null;
        }),
      },
    ];
  }),
  ...plan.keys.map(({ name, keyId }) => ({
    resource: `keys/${name}`,
    isOf: asks("kms", "DescribeKey", ({ KeyId }) => KeyId, keyId),
    isFit: answers(({ KeyMetadata }) => (KeyMetadata as Answer | undefined)?.["Enabled"] === true),
  })),
  ...plan.secrets.map(({ name, secretIds }) => ({
    resource: `secrets/${name}`,
    isOf: asks("secrets-manager", "DescribeSecret", ({ SecretId }) => SecretId, forSite(secretIds, site)),
    isFit: answers(() => true),
  })),
  ...plan.certificates.map(({ name, arns }) => ({
    resource: `certificates/${name}`,
    isOf: asks("acm", "DescribeCertificate", ({ CertificateArn }) => CertificateArn, forSite(arns, site)),
    isFit: answers(({ Certificate }) => (Certificate as Answer | undefined)?.["Status"] === "ISSUED"),
  })),
  ...plan.services.map(({ name, service }) => ({
    resource: `services/${name}`,
    isOf: asks("ecs", "DescribeServices", ({ services }) => (services as readonly unknown[])[0], service),
    isFit: answers((answer) => listIn(answer, "services")[0]?.["status"] === "ACTIVE"),
  })),
  ...plan.workers.map(({ name, groups, activeCount }) => ({
    resource: `workers/${name}`,
    isOf: asks(
      "auto-scaling",
      "DescribeAutoScalingGroups",
      ({ AutoScalingGroupNames }) => (AutoScalingGroupNames as readonly unknown[])[0],
      forSite(groups, site),
    ),
    isFit: answers((answer) => Number(listIn(answer, "AutoScalingGroups")[0]?.["MaxSize"]) >= activeCount),
  })),
  ...plan.traffic.map((traffic): Look => {
    const resource = `traffic/${traffic.name}`;
    if (traffic.type === "iot-custom-domain") {
      return {
        resource,
        isOf: asks(
          "iot",
          "DescribeDomainConfiguration",
          ({ domainConfigurationName }) => domainConfigurationName,
          forSite(traffic.configurations, site),
        ),
        isFit: answers(({ domainConfigurationStatus }) => domainConfigurationStatus === "ENABLED"),
      };
    }
    const { bucket, key } = forSite(traffic.switches, site);
    return {
      resource,
      isOf: (call) => call.operation === "HeadObject" && bucketOf(call) === bucket && keyOf(call) === key,
      // Off: it is not there.
      isFit: ({ outcome }) => outcome.type === "error" && outcome.status === 404,
    };
  }),
];
