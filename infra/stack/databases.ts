import { clustersIn, type ClusterFacts } from "@lifeboat/control-plane/bind-clusters";
import type { FunctionEntry } from "@lifeboat/control-plane/manifest";
import { deployedName } from "@lifeboat/control-plane/names";
import type { ChosenStage } from "./choose-stage.ts";
import { logicalName } from "./names.ts";

/** The clusters of this region that a function speaks to, as AWS describes them now. */
const lookUp = (cluster: string) => aws.rds.getClusterOutput({ clusterIdentifier: cluster });

export const clustersOf = (entry: FunctionEntry): readonly string[] => [
  ...new Set([
    ...Object.values(entry.environment).flatMap(clustersIn),
    ...entry.permissions.flatMap(({ resources }) => resources.flatMap(clustersIn)),
  ]),
];

/** What the placeholders of a function's environment and permissions stand for. */
export const clusterFacts = (
  clusters: readonly string[],
): $util.Output<Readonly<Record<string, ClusterFacts>>> =>
  $util.all(clusters.map((cluster) => lookUp(cluster))).apply((found) =>
    Object.fromEntries(
      found.map((facts, index) => [
        clusters[index] ?? "",
        {
          writerHost: facts.endpoint,
          readerHost: facts.readerEndpoint,
          resourceId: facts.clusterResourceId,
        },
      ]),
    ),
  );

/**
 * The network of a function that speaks SQL: the subnets of the site, or else those of its first cluster, and a group of
 * its own that may go to the databases' port and nowhere else. Each cluster's first group lets it in.
 */
export const databaseNetwork = ({ manifest, place, plan }: ChosenStage, entry: FunctionEntry) => {
  const [first, ...others] = clustersOf(entry).map((cluster) => ({ cluster, facts: lookUp(cluster) }));
  if (first === undefined)
    throw new Error(`${entry.name} is in the databases' network, and no store has one`);
  // By the region, for what a site has in the workload's account is a place of another name.
  const site = [plan.sites.primary, plan.sites.standby].find(({ region }) => region === place.region);
  const subnets = aws.rds.getSubnetGroupOutput({ name: first.facts.dbSubnetGroupName });
  const group = new aws.ec2.SecurityGroup(logicalName(entry.name, "group"), {
    name: deployedName(manifest.workload, entry.name),
    description: `Lifeboat, ${manifest.workload}: ${entry.name}`,
    vpcId: subnets.vpcId,
  });
  for (const { cluster, facts } of [first, ...others]) {
    const database = facts.vpcSecurityGroupIds.apply((ids) => ids[0] ?? "");
    const rule = { ipProtocol: "tcp", fromPort: facts.port, toPort: facts.port };
    new aws.vpc.SecurityGroupEgressRule(logicalName(entry.name, "to", cluster), {
      ...rule,
      securityGroupId: group.id,
      referencedSecurityGroupId: database,
    });
    new aws.vpc.SecurityGroupIngressRule(logicalName(entry.name, "into", cluster), {
      ...rule,
      securityGroupId: database,
      referencedSecurityGroupId: group.id,
      description: `Lifeboat, ${manifest.workload}: ${entry.name}`,
    });
  }
  const other = [plan.sites.primary, plan.sites.standby].find(({ region }) => region !== place.region);
  for (const store of plan.stores) {
    if (store.type !== "aurora-global" || store.standIn === undefined) continue;
    if (site === undefined || other === undefined) continue;
    // To the other site's writer, and from the other site's canary function to this one's: by addresses, for a rule cannot
    // name a security group of another region.
    const cidr = store.standIn.cidrs[other.name] ?? "";
    const own = lookUp(store.clusters[site.name] ?? "");
    new aws.vpc.SecurityGroupEgressRule(logicalName(entry.name, "to", "peer", store.name), {
      ipProtocol: "tcp",
      fromPort: own.port,
      toPort: own.port,
      securityGroupId: group.id,
      cidrIpv4: cidr,
      description: `Lifeboat, ${manifest.workload}: stands in for ${other.name}`,
    });
    new aws.vpc.SecurityGroupIngressRule(logicalName(entry.name, "from", "peer", store.name), {
      ipProtocol: "tcp",
      fromPort: own.port,
      toPort: own.port,
      securityGroupId: own.vpcSecurityGroupIds.apply((ids) => ids[0] ?? ""),
      cidrIpv4: cidr,
      description: `Lifeboat, ${manifest.workload}: ${other.name} may stand in`,
    });
  }
  return {
    privateSubnets: site?.subnets === undefined ? subnets.subnetIds : $util.output([...site.subnets]),
    securityGroups: [group.id],
  };
};
