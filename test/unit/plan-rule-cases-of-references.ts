import { inOneRegion, type RuleCase } from "./plan-with-values.ts";

const anotherDatabase = {
  name: "ledger",
  type: "aurora-global",
  globalCluster: "ledger",
  clusters: { ireland: "ledger-ireland", paris: "ledger-paris" },
  database: "ledger",
  enforcer: "postgres-job",
};

/** Plans that break a rule about what one of their parts says of another. */
export const referenceErrors: readonly RuleCase[] = [
  {
    rule: "A plan has at most one database",
    values: { "stores/6": anotherDatabase },
    path: "stores.6.type",
    message: /is a second database, whose loss nobody would judge/,
  },
  {
    rule: "No bucket has two tasks",
    values: { "ledger/witnessBucket": "spacelift-lifeboat-eu-west-1" },
    path: "ledger.witnessBucket",
    message: /used at ledger.buckets.ireland already/,
  },
  {
    rule: "No bucket has two tasks",
    values: { "stores/2/buckets/paris": "spacelift-states-eu-west-3" },
    path: "stores.2.buckets.paris",
    message: /used at stores.1.buckets.paris already/,
  },
  {
    rule: "The `key` of a secret",
    values: { "secrets/0/key": "other" },
    path: "secrets.0.key",
    message: /no key is called "other"; there is encryption$/,
  },
  {
    rule: "The `key` of a secret",
    values: { keys: [] },
    path: "secrets.0.key",
    message: /no key is called "encryption"; there is none/,
  },
  {
    rule: "The `key` of a secret",
    values: {
      "secrets/0/key": "other",
      "keys/1": { name: "backup", type: "kms-multi-region", keyId: "mrk-6b1f2d3c4a5e4f60817263544a5b6c7e" },
    },
    path: "secrets.0.key",
    message: /no key is called "other"; there is encryption, backup$/,
  },
  {
    rule: "The `store` of an SQL canary",
    values: { "checks/2": { name: "another", type: "sql-canary", store: "nowhere" } },
    path: "checks.2.store",
    message: /^no store is called "nowhere"; there is database$/,
  },
  {
    rule: "The `store` of an SQL canary",
    values: { "checks/2": { name: "another", type: "sql-canary", store: "states" } },
    path: "checks.2.store",
    message: /the store "states" is no database; there is database$/,
  },
  {
    rule: "Every database has an SQL canary",
    values: { "checks/1": undefined },
    path: "stores.0.name",
    message: /no check of type sql-canary writes to "database"/,
  },
  {
    rule: "An IoT custom domain `follows`",
    values: { "traffic/1/follows": "worker-broker" },
    path: "traffic.1.follows",
    message: /"worker-broker" is no switch; there is server$/,
  },
  {
    rule: "An IoT custom domain `follows`",
    values: { "traffic/1/follows": "nothing" },
    path: "traffic.1.follows",
    message: /^nothing in traffic is called "nothing"; there is server$/,
  },
  {
    rule: "An IoT custom domain that follows a switch with `records`",
    values: { "traffic/0/records": { hostedZoneId: "Z0123456789ABCDEFGHIJ" } },
    path: "traffic.1.endpoints",
    message: /"server" has records, .*describe-endpoint/,
  },
  {
    rule: "Each host is moved once",
    values: { "traffic/1/host": "spacelift.example.com" },
    path: "traffic.1.host",
    message: /"server" moves this host already/,
  },
  {
    rule: "The endpoints of a switch",
    values: { "traffic/0/endpoints/ireland": "spacelift.example.com" },
    path: "traffic.0.endpoints.ireland",
    message: /cannot be its own endpoint/,
  },
  {
    rule: "The endpoints of a switch",
    values: { "traffic/0/endpoints/paris": "server-ireland.elb.example.com" },
    path: "traffic.0.endpoints.paris",
    message: /would move nothing/,
  },
  {
    rule: "The endpoints of a switch",
    values: { "traffic/0/switches/paris/bucket": "spacelift-switch-eu-west-1" },
    path: "traffic.0.switches.paris",
    message: /lost with its region/,
  },
  {
    rule: "The endpoints of a switch",
    values: {
      "traffic/0/switches/paris": { bucket: "spacelift-switch-eu-west-1", key: "spacelift/active-in-paris" },
    },
    path: "traffic.0.switches.paris",
    message: /lost with its region/,
  },
  {
    rule: "The endpoints of a switch",
    values: { ...inOneRegion, "traffic/0/switches/paris/bucket": "spacelift-switch-eu-west-1" },
    path: "traffic.0.switches.paris",
    message: /would move nothing/,
  },
  ...[500, 1500, 301_000].map((ttlMs): RuleCase => ({
    rule: "The TTL of a switch",
    values: { "traffic/0/ttlMs": ttlMs },
    path: "traffic.0.ttl",
    message: /take 1s to 5m/,
  })),
  {
    rule: "Probes and checks ask",
    values: { "decision/signals/1/urls/paris": "https://spacelift.example.com/health" },
    path: "decision.signals.1.urls.paris",
    message: /follows the traffic/,
  },
  {
    rule: "Probes and checks ask",
    values: { "checks/0/urls/ireland": "https://spacelift.example.com:8443/" },
    path: "checks.0.urls.ireland",
    message: /ask the site's own endpoint/,
  },
  {
    rule: "Each note belongs",
    values: { "notes/0/phase": "shift" },
    path: "notes.0.phase",
    message: /no phase is called "shift"; the phases are load-plan, /,
  },
];
