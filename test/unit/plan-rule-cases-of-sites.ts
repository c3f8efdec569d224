import { accessBy, certificate, certificatesOf, inOneRegion, type RuleCase } from "./plan-with-values.ts";

/** Plans that break a rule about the sites, what is given for each of them, and the access to them. */
export const siteErrors: readonly RuleCase[] = [
  {
    rule: "The two sites have different names",
    values: { "sites/standby/name": "ireland" },
    path: "sites.standby.name",
    message: /both sites are called "ireland"/,
  },
  {
    rule: "The two sites lie in different regions",
    values: {
      "sites/standby/region": "eu-west-1",
      "certificates/0/arns/paris": certificate("eu-west-1", "111122223333"),
    },
    path: "sites.standby.region",
    message: /take another region, or narrow both/,
  },
  ...["primary", "standby"].map((role): RuleCase => ({
    rule: "The two sites lie in different regions",
    values: { ...inOneRegion, [`sites/${role}/availabilityZones`]: undefined },
    path: "sites.standby.region",
    message: /both sites lie in eu-west-1; .* narrow both/,
  })),
  {
    rule: "The two sites lie in different regions",
    values: { ...inOneRegion, "sites/standby/availabilityZones": ["eu-west-1b", "eu-west-1a"] },
    path: "sites.standby.availabilityZones.1",
    message: /eu-west-1a belongs to both sites/,
  },
  {
    rule: "The zones of a site lie in its region",
    values: { "sites/primary/availabilityZones": ["eu-west-2a"] },
    path: "sites.primary.availabilityZones.0",
    message: /eu-west-2a is not in eu-west-1/,
  },
  {
    rule: "The witness lies in a third region",
    values: { "witness/region": "eu-west-1" },
    path: "witness.region",
    message: /region of the site "ireland".*take a third region/,
  },
  {
    rule: "Every map of values per site",
    values: { "ledger/buckets/lyon": "spacelift-lifeboat-lyon" },
    path: "ledger.buckets.lyon",
    message: /the sites are ireland and paris/,
  },
  {
    rule: "Every map of values per site",
    values: { "stores/0/clusters/paris": undefined },
    path: "stores.0.clusters.paris",
    message: /the value for the site "paris" is missing/,
  },
  ...[
    ["decision/signals/0/urls", "decision.signals.0.urls.paris"],
    ["stores/1/buckets", "stores.1.buckets.paris"],
    ["secrets/0/secretIds", "secrets.0.secretIds.paris"],
    ["certificates/0/arns", "certificates.0.arns.paris"],
    ["services/0/clusters", "services.0.clusters.paris"],
    ["workers/0/groups", "workers.0.groups.paris"],
    ["traffic/0/endpoints", "traffic.0.endpoints.paris"],
    ["traffic/0/switches", "traffic.0.switches.paris"],
    ["traffic/1/configurations", "traffic.1.configurations.paris"],
    ["checks/0/urls", "checks.0.urls.paris"],
  ].map(([field = "", path = ""]): RuleCase => ({
    rule: "Every map of values per site",
    values: { [`${field}/paris`]: undefined },
    path,
    message: /"paris" is missing/,
  })),
  {
    rule: "Names are unique within a list",
    values: { "services/2/name": "server" },
    path: "services.2.name",
    message: /called "server" already/,
  },
  {
    rule: "Names are unique within a list",
    values: { "decision/signals/3/name": "lease" },
    path: "decision.signals.4.name",
    message: /called "lease" already/,
  },
  {
    rule: "ARNs belong",
    values: { "certificates/0/arns/paris": certificate("eu-west-1", "111122223333") },
    path: "certificates.0.arns.paris",
    message: /is of eu-west-1, but the site "paris" lies in eu-west-3/,
  },
  {
    rule: "The role of `access` lies in another account",
    values: {
      access: accessBy("arn:aws:iam::111122223333:role/lifeboat"),
      ...certificatesOf("111122223333"),
    },
    path: "access.role",
    message: /is of 111122223333, the plan's own account: .* leave `access` out/,
  },
  {
    rule: "The role of `access` is of the partition",
    values: {
      access: accessBy("arn:aws-cn:iam::222233334444:role/lifeboat"),
      ...certificatesOf("222233334444"),
    },
    path: "access.role",
    message: /of the partition aws-cn, but the site "ireland" lies in eu-west-1, which is of aws$/,
  },
  {
    rule: "ARNs belong",
    values: { "secrets/0/secretIds/ireland": "arn:aws:secretsmanager:eu-west-2:111122223333:secret:a" },
    path: "secrets.0.secretIds.ireland",
    message: /is of eu-west-2/,
  },
];

/** Plans that work, with a warning about what is given for a site. */
export const siteWarnings: readonly RuleCase[] = [
  {
    rule: "ARNs belong",
    values: { "certificates/0/arns/paris": certificate("eu-west-3", "444455556666") },
    path: "certificates.0.arns.paris",
    message: /of the account 444455556666, the workload's is 111122223333/,
  },
];
