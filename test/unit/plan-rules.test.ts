import { checkPlan, planRules, type PlanFault } from "@lifeboat/recovery/check-plan";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { describe, expect, inject, it } from "vitest";

const plan = inject("examplePlan");

type Values = Readonly<Record<string, unknown>>;

interface Case {
  /** The beginning of the rule that the plan breaks. */
  readonly rule: string;
  /** Values by path, parts joined with a slash; undefined removes the field. */
  readonly values: Values;
  readonly path: string;
  readonly message: RegExp;
}

/** The example with other values. */
const withValues = (values: Values): RecoveryPlan => {
  const edited = structuredClone(plan);
  for (const [joined, value] of Object.entries(values)) {
    const path = joined.split("/");
    const field = path.pop() ?? "";
    const parent = path.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], edited);
    if (typeof parent !== "object" || parent === null)
      throw new Error(`the example has no ${path.join("/")}`);
    if (typeof value === "number" && !(field in parent)) throw new Error(`the example has no ${joined}`);
    if (value !== undefined) Reflect.set(parent, field, value);
    else if (Array.isArray(parent)) parent.splice(Number(field), 1);
    else Reflect.deleteProperty(parent, field);
  }
  return edited;
};

/** `traffic.0.ttl` */
const written = (path: PlanFault["path"]): string => path.join(".");

/** All that the rules say of the example with other values. */
const problemsWith = (values: Values): readonly (Omit<PlanFault, "path"> & { path: string })[] =>
  checkPlan(withValues(values)).map((fault) => ({ ...fault, path: written(fault.path) }));

/** The example with its sites narrowed to zones of one region. */
const inOneRegion: Values = {
  "sites/standby/region": "eu-west-1",
  "sites/primary/availabilityZones": ["eu-west-1a"],
  "sites/standby/availabilityZones": ["eu-west-1b", "eu-west-1c"],
  "certificates/0/arns/paris": "arn:aws:acm:eu-west-1:111122223333:certificate/0b6f",
};

const certificate = (region: string, account: string): string =>
  `arn:aws:acm:${region}:${account}:certificate/1`;

const accessBy = (role: string): unknown => ({ role, externalId: "lifeboat-7d1f0c2b" });

/** Every certificate of the example in one account. */
const certificatesOf = (account: string): Values => ({
  "certificates/0/arns/ireland": certificate("eu-west-1", account),
  "certificates/0/arns/paris": certificate("eu-west-3", account),
});

const anotherDatabase = {
  name: "ledger",
  type: "aurora-global",
  globalCluster: "ledger",
  clusters: { ireland: "ledger-ireland", paris: "ledger-paris" },
  database: "ledger",
  enforcer: "postgres-job",
};

const errors: readonly Case[] = [
  {
    rule: "A plan has at most one database",
    values: { "stores/6": anotherDatabase },
    path: "stores.6.type",
    message: /is a second database, whose loss nobody would judge/,
  },
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
  ...["primary", "standby"].map((role): Case => ({
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
  ].map(([field = "", path = ""]): Case => ({
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
    rule: "The quorum is at most",
    values: { "decision/quorum": 6 },
    path: "decision.quorum",
    message: /only 5: no outage would ever be declared/,
  },
  {
    rule: "In automatic mode the quorum can be reached",
    values: { "decision/quorum": 5 },
    path: "decision.quorum",
    message: /only 4 are observed outside/,
  },
  {
    rule: "There is at most one signal of type `lease`",
    values: { "decision/signals/3": { name: "lease-again", type: "lease" } },
    path: "decision.signals.4",
    message: /one vote, not two/,
  },
  {
    rule: "No alarm is named by two signals",
    values: { "decision/signals/3/alarm": "spacelift-unreachable-from-standby" },
    path: "decision.signals.3.alarm",
    message: /"probe-from-standby" reads this alarm/,
  },
  {
    rule: "In automatic mode `lossLimit`",
    values: { "decision/lossLimitMs": 120_000 },
    path: "decision.lossLimit",
    message: /may lose 2m, more than the RPO of 60s/,
  },
  {
    rule: "A lossy failover takes",
    values: { "decision/approvals/usual": 3 },
    path: "decision.approvals.lossy",
    message: /fewer people \(2\) than losing none \(3\)/,
  },
  {
    rule: "`fenceWithin` is shorter",
    values: { "ledger/lease/fenceWithinMs": 90_000 },
    path: "ledger.lease.fenceWithin",
    message: /takes up to 90s, but the lease holds only 90s/,
  },
  {
    rule: "Three renewals fit",
    values: { "ledger/lease/renewEveryMs": 24_000 },
    path: "ledger.lease.renewEvery",
    message: /renew at least every 23s/,
  },
  {
    rule: "Three renewals fit",
    values: {
      "ledger/lease/durationMs": 2000,
      "ledger/lease/fenceWithinMs": 500,
      "ledger/lease/renewEveryMs": 600,
      "ledger/lease/driftMarginMs": 100,
    },
    path: "ledger.lease.renewEvery",
    message: /in the 1500ms before self-fencing begins; renew at least every 500ms/,
  },
  {
    rule: "`driftMargin` is at least",
    values: { "ledger/lease/driftMarginMs": 89 },
    path: "ledger.lease.driftMargin",
    message: /take at least 90ms/,
  },
  {
    rule: "`driftMargin` is at least",
    values: { "ledger/lease/driftMarginMs": 90_000 },
    path: "ledger.lease.driftMargin",
    message: /longer than the lease/,
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
  ...[500, 1500, 301_000].map((ttlMs): Case => ({
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

const warnings: readonly Case[] = [
  {
    rule: "Warning: a `lossLimit` of less than three and a half renewals and a second",
    values: { "decision/lossLimitMs": 42_000 },
    path: "decision.lossLimit",
    message: /may lose 43s until its enforcer stops it, which is more than 42s: a person is asked/,
  },
  {
    rule: "Warning: a `lossLimit` of less than three and a half renewals and a second (without an enforcer: than the lease",
    values: { "stores/0/enforcer": "none", "decision/acceptPresumedFencing": true },
    path: "decision.lossLimit",
    message: /may lose 103s until its lease has ended, which is more than 60s/,
  },
  {
    rule: "Warning: where a database has no enforcer",
    values: { "stores/0/enforcer": "none" },
    path: "stores.0.enforcer",
    message: /will wait for a person in spite of `mode: automatic`/,
  },
  {
    rule: "Warning: the waits that no recovery can avoid",
    values: { "objectives/rtoMs": 153_000 },
    path: "objectives.rto",
    message: /alone take 153s of 153s/,
  },
  {
    rule: "ARNs belong",
    values: { "certificates/0/arns/paris": certificate("eu-west-3", "444455556666") },
    path: "certificates.0.arns.paris",
    message: /of the account 444455556666, the workload's is 111122223333/,
  },
];

/** The values for Paris are given for a site that does not exist. */
const misspelt: Values = {
  "ledger/buckets/pariss": "spacelift-lifeboat-eu-west-3",
  "ledger/buckets/paris": undefined,
};

const onceEach: readonly { what: string; values: Values; paths: readonly string[] }[] = [
  {
    what: "both sites have one name",
    values: { "sites/standby/name": "ireland" },
    paths: ["sites.standby.name"],
  },
  { what: "a site's name is misspelt", values: misspelt, paths: ["ledger.buckets.pariss"] },
  {
    what: "a map names neither site",
    values: {
      "traffic/0/endpoints": { a: "a.example.com", b: "a.example.com" },
      "traffic/0/switches": { a: { bucket: "one-bucket", key: "a" }, b: { bucket: "one-bucket", key: "a" } },
    },
    paths: ["endpoints.a", "endpoints.b", "switches.a", "switches.b"].map((path) => `traffic.0.${path}`),
  },
  {
    what: "the witness lies in the region of both sites",
    values: { ...inOneRegion, "witness/region": "eu-west-1" },
    paths: ["witness.region"],
  },
  {
    what: "the lease has two signals, which read no alarm",
    values: { "decision/signals/3": { name: "lease-again", type: "lease" } },
    paths: ["decision.signals.4"],
  },
  {
    what: "more signals are wanted than there are",
    values: { "decision/quorum": 6 },
    paths: ["decision.quorum"],
  },
  {
    what: "no time is left before self-fencing",
    values: { "ledger/lease/fenceWithinMs": 90_000 },
    paths: ["ledger.lease.fenceWithin"],
  },
  {
    what: "less than no time is left before self-fencing",
    values: { "ledger/lease/fenceWithinMs": 95_000 },
    paths: ["ledger.lease.fenceWithin"],
  },
  {
    what: "a database has no canary",
    values: { "checks/1": undefined },
    paths: ["stores.0.name"],
  },
];

describe("a plan that breaks a rule across fields", () => {
  it.each(errors)("is refused: $rule ($path)", ({ values, path, message }) => {
    expect(problemsWith(values).filter((problem) => problem.path === path)).toMatchObject([
      { severity: "error", message: expect.stringMatching(message) as string },
    ]);
  });

  it.each(warnings)("works, with a warning: $rule ($path)", ({ values, path, message }) => {
    expect(problemsWith(values)).toMatchObject([
      { at: "value", severity: "warning", path, message: expect.stringMatching(message) as string },
    ]);
  });

  it.each(onceEach)("is told of it once: $what", ({ values, paths }) => {
    expect(problemsWith(values).map(({ path }) => path)).toEqual(paths);
  });

  it("is told that a name of a site is wrong at the name, not at its value", () => {
    expect(problemsWith(misspelt)).toMatchObject([
      { path: "ledger.buckets.pariss", at: "key", severity: "error" },
    ]);
  });

  it("has a case here for each rule", () => {
    const cases = [...errors, ...warnings];
    const untested = planRules.filter(({ rule }) => !cases.some((one) => rule.startsWith(one.rule)));
    expect(untested.map(({ rule }) => rule)).toEqual([]);
    const unknown = cases.filter((one) => !planRules.some(({ rule }) => rule.startsWith(one.rule)));
    expect(unknown.map(({ rule }) => rule)).toEqual([]);
  });
});

describe("a plan that stays within the rules", () => {
  it.each([
    { what: "the example", values: {} },
    { what: "sites in zones of one region", values: inOneRegion },
    {
      what: "two switches in one bucket, where the sites share a region",
      values: {
        ...inOneRegion,
        "traffic/0/switches/paris": { bucket: "spacelift-switch-eu-west-1", key: "paris" },
      },
    },
    {
      what: "a quorum of all signals, when a person decides",
      values: { "decision/mode": "approval", "decision/quorum": 5 },
    },
    { what: "a quorum that the outside alone can reach", values: { "decision/quorum": 4 } },
    {
      what: "a loss above the RPO, when a person decides",
      values: { "decision/mode": "approval", "decision/lossLimitMs": 3_600_000 },
    },
    {
      what: "a lease at its limits",
      values: {
        "ledger/lease/renewEveryMs": 23_333,
        "ledger/lease/driftMarginMs": 90,
        "decision/lossLimitMs": 100_000,
        "objectives/rpoMs": 100_000,
      },
    },
    {
      what: "three renewals that just fit into the lease",
      values: {
        "ledger/lease/durationMs": 80_000,
        "ledger/lease/renewEveryMs": 20_000,
        "decision/lossLimitMs": 81_000,
        "objectives/rpoMs": 81_000,
      },
    },
    { what: "as many approvals of a loss as of none", values: { "decision/approvals/usual": 2 } },
    { what: "a TTL at its limits", values: { "traffic/0/ttlMs": 300_000 } },
    { what: "an RTO just above the waits", values: { "objectives/rtoMs": 154_000 } },
    {
      what: "presumed fencing that is accepted",
      values: {
        "stores/0/enforcer": "none",
        "decision/acceptPresumedFencing": true,
        "decision/lossLimitMs": 103_000,
        "objectives/rpoMs": 103_000,
      },
    },
    {
      what: "a short limit of the loss, when a person decides",
      values: { "decision/lossLimitMs": 1000, "decision/mode": "approval" },
    },
    {
      what: "a workload without a database, and a short limit of the loss",
      values: { "stores/0": undefined, "checks/1": undefined, "decision/lossLimitMs": 1000 },
    },
    {
      what: "no enforcer, when a person decides",
      values: { "stores/0/enforcer": "none", "decision/mode": "approval" },
    },
    {
      what: "one alarm's name at two places",
      values: { "decision/signals/3/alarm": "spacelift-server-5xx" },
    },
    {
      what: "a workload in another account, whose ARNs are of that account",
      values: {
        access: accessBy("arn:aws:iam::222233334444:role/of/lifeboat"),
        ...certificatesOf("222233334444"),
      },
    },
    { what: "a workload without a database", values: { "stores/0": undefined, "checks/1": undefined } },
  ])("has no problem: $what", ({ values }) => {
    expect(problemsWith(values)).toEqual([]);
  });

  it("is judged by what can be read of it", () => {
    expect(checkPlan({})).toEqual([]);
    expect(checkPlan({ sites: plan.sites, witness: { region: "eu-west-3" } })).toMatchObject([
      { path: ["witness", "region"] },
    ]);
  });

  it.each(Object.keys(plan))(
    "has no problem that is made up because its section `%s` cannot be read",
    (section) => {
      expect(checkPlan({ ...plan, [section]: undefined })).toEqual([]);
    },
  );
});
