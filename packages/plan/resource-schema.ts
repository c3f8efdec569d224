import * as z from "zod";
import {
  autoScalingGroupName,
  bucketName,
  certificateArn,
  clusterId,
  count,
  databaseName,
  ecsName,
  hostName,
  localName,
  multiRegionKeyId,
  networkCidr,
  secretId,
} from "./aws-names.ts";
import { perSite } from "./site-schema.ts";

const auroraGlobal = z
  .strictObject({
    type: z.literal("aurora-global").describe("An Aurora PostgreSQL global database."),
    name: localName().describe("What this plan calls the store."),
    globalCluster: clusterId().describe("The identifier of the global cluster."),
    clusters: perSite(clusterId()).describe("The identifier of the cluster of each site."),
    database: databaseName().describe("The database that the canary row is written to."),
    enforcer: z
      .enum(["postgres-job", "none"])
      .describe(
        "What stops the writer when its lease has run out. `postgres-job`: a job inside Postgres, so that it works even where the control plane is dead. `none`: nothing does, and the end of the lease is only presumed fencing.",
      ),
    standIn: z
      .strictObject({
        writerHosts: perSite(hostName()).describe("The writer endpoint of the cluster of each site."),
        cidrs: perSite(networkCidr()).describe(
          "The addresses of the network of each site's cluster. The network does not let the other site's canary function in from anywhere else.",
        ),
      })
      .optional()
      .describe(
        "Lets each site reach the other site's writer, by a route between their networks. When only the control plane of the active site dies, the site that stands by then renews the lease for it and keeps its writers admitted. Without it, the enforcer stops them.",
      ),
  })
  .describe("An Aurora global database: one writer, a read-only copy in the other region.");

const replicatedBucket = z
  .strictObject({
    type: z.literal("s3-replicated").describe("A pair of buckets with replication in both directions."),
    name: localName().describe("What this plan calls the store."),
    buckets: perSite(bucketName()).describe("The bucket of each site."),
  })
  .describe("A pair of S3 buckets that replicate to each other.");

export const stores = z
  .array(z.discriminatedUnion("type", [auroraGlobal, replicatedBucket]))
  .min(1, { error: "at least one store" })
  .describe("Where the workload's data lives, each with its copy at the other site.");

export const keys = z
  .array(
    z
      .strictObject({
        type: z.literal("kms-multi-region").describe("A multi-region key of AWS KMS."),
        name: localName().describe("What this plan calls the key."),
        keyId: multiRegionKeyId().describe("The key's id, the same in both regions."),
      })
      .describe("A multi-region key of AWS KMS."),
  )
  .prefault([])
  .describe(
    "The keys without which the standby could read nothing. They are tried before anything irreversible happens.",
  );

export const secrets = z
  .array(
    z
      .strictObject({
        name: localName().describe("What this plan calls the secret."),
        secretIds: perSite(secretId()).describe("The secret's name or ARN at each site."),
        key: localName().describe("The name, in `keys`, of the key that encrypts it."),
      })
      .describe("A secret of AWS Secrets Manager."),
  )
  .prefault([])
  .describe("The secrets that services read when they start. A plan names them and never holds a value.");

export const certificates = z
  .array(
    z
      .strictObject({
        name: localName().describe("What this plan calls the certificate."),
        arns: perSite(certificateArn()).describe(
          "The certificate's ARN at each site: certificates do not cross regions.",
        ),
      })
      .describe("A certificate of AWS Certificate Manager."),
  )
  .prefault([])
  .describe("The certificates that must be valid before traffic moves.");

const activeCount = (what: string) =>
  count(1, 5000).describe(
    `How many ${what} run while the site is active. Fixed, so that a start asks nobody how many there were.`,
  );

const passiveCount = (what: string) =>
  count(0, 5000)
    .prefault(0)
    .describe(
      `How many ${what} run while the site stands by. More than 0 costs money and shortens the recovery.`,
    );

export const services = z
  .array(
    z
      .strictObject({
        type: z.literal("ecs").describe("A service of Amazon ECS."),
        name: localName().describe("What this plan calls the service."),
        clusters: perSite(ecsName()).describe("The ECS cluster at each site."),
        service: ecsName().describe("The service's name, the same at both sites."),
        activeCount: activeCount("tasks"),
        passiveCount: passiveCount("tasks"),
      })
      .describe("A service of Amazon ECS."),
  )
  .prefault([])
  .describe("What has to run before traffic can move. All of them start side by side.");

export const workers = z
  .array(
    z
      .strictObject({
        type: z.literal("auto-scaling-group").describe("An Auto Scaling group of EC2."),
        name: localName().describe("What this plan calls the group."),
        groups: perSite(autoScalingGroupName()).describe("The group's name at each site."),
        activeCount: activeCount("instances"),
        passiveCount: passiveCount("instances"),
      })
      .describe("An Auto Scaling group of EC2."),
  )
  .prefault([])
  .describe("What starts only after traffic has moved, because it talks to the workload by its public name.");
