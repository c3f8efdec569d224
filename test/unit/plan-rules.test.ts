import { describe, expect, it } from "vitest";
import type { Document } from "yaml";
import { checkPlan, planRules } from "@lifeboat/recovery/check-plan";
import { readPlan } from "@lifeboat/plan/read-plan";
import { exampleText, readValid, withEdit } from "./plan-example.ts";

type Values = Readonly<Record<string, unknown>>;

interface Case {
  /** The beginning of the rule that the plan breaks. */
  readonly rule: string;
  /** Values by path, parts joined with a slash; undefined removes the field. */
  readonly values: Values;
  readonly path: string;
  readonly message: RegExp;
}

const apply = (values: Values): ((plan: Document) => void) => {
  return (plan) => {
    for (const [joined, value] of Object.entries(values)) {
      const path = joined.split("/").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
      if (value === undefined) plan.deleteIn(path);
      else plan.setIn(path, plan.createNode(value));
    }
  };
};

/** The example with its sites narrowed to zones of one region. */
const inOneRegion: Values = {
  "sites/standby/region": "eu-west-1",
  "sites/primary/availabilityZones": ["eu-west-1a"],
  "sites/standby/availabilityZones": ["eu-west-1b", "eu-west-1c"],
  "certificates/0/arns/paris": "arn:aws:acm:eu-west-1:111122223333:certificate/0b6f",
};

const certificate = (region: string, account: string): string =>
  `arn:aws:acm:${region}:${account}:certificate/1`;

const errors: readonly Case[] = [
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
  {
    rule: "The two sites lie in different regions",
    values: { ...inOneRegion, "sites/standby/availabilityZones": ["eu-west-1b", "eu-west-1a"] },
    path: "sites.standby.availabilityZones[1]",
    message: /eu-west-1a belongs to both sites/,
  },
  {
    rule: "The zones of a site lie in its region",
    values: { "sites/primary/availabilityZones": ["eu-west-2a"] },
    path: "sites.primary.availabilityZones[0]",
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
    path: "stores[0].clusters.paris",
    message: /the value for the site "paris" is missing/,
  },
  ...[
    ["decision/signals/0/urls", "decision.signals[0].urls.paris"],
    ["stores/1/buckets", "stores[1].buckets.paris"],
    ["secrets/0/secretIds", "secrets[0].secretIds.paris"],
    ["certificates/0/arns", "certificates[0].arns.paris"],
    ["services/0/clusters", "services[0].clusters.paris"],
    ["workers/0/groups", "workers[0].groups.paris"],
    ["traffic/0/endpoints", "traffic[0].endpoints.paris"],
    ["traffic/0/switches", "traffic[0].switches.paris"],
    ["traffic/1/configurations", "traffic[1].configurations.paris"],
    ["checks/0/urls", "checks[0].urls.paris"],
  ].map(([field = "", path = ""]): Case => ({
    rule: "Every map of values per site",
    values: { [`${field}/paris`]: undefined },
    path,
    message: /"paris" is missing/,
  })),
  {
    rule: "Names are unique within a list",
    values: { "services/2/name": "server" },
    path: "services[2].name",
    message: /called "server" already/,
  },
  {
    rule: "Names are unique within a list",
    values: { "decision/signals/3/name": "lease" },
    path: "decision.signals[4].name",
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
    path: "decision.signals[4]",
    message: /one vote, not two/,
  },
  {
    rule: "No alarm is named by two signals",
    values: { "decision/signals/3/alarm": "spacelift-unreachable-from-standby" },
    path: "decision.signals[3].alarm",
    message: /"probe-from-standby" reads this alarm/,
  },
  {
    rule: "In automatic mode `lossLimit`",
    values: { "decision/lossLimit": "2m" },
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
    values: { "ledger/lease/fenceWithin": "90s" },
    path: "ledger.lease.fenceWithin",
    message: /takes up to 90s, but the lease holds only 90s/,
  },
  {
    rule: "Three renewals fit",
    values: { "ledger/lease/renewEvery": "24s" },
    path: "ledger.lease.renewEvery",
    message: /renew at least every 23s/,
  },
  {
    rule: "`driftMargin` is at least",
    values: { "ledger/lease/driftMargin": "89ms" },
    path: "ledger.lease.driftMargin",
    message: /take at least 90ms/,
  },
  {
    rule: "`driftMargin` is at least",
    values: { "ledger/lease/driftMargin": "90s" },
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
    path: "stores[2].buckets.paris",
    message: /used at stores.1.buckets.paris already/,
  },
  {
    rule: "The `key` of a secret",
    values: { "secrets/0/key": "other" },
    path: "secrets[0].key",
    message: /no key is called "other"; there is encryption/,
  },
  {
    rule: "The `key` of a secret",
    values: { keys: [] },
    path: "secrets[0].key",
    message: /no key is called "encryption"; there is none/,
  },
  {
    rule: "The `store` of an SQL canary",
    values: { "checks/2": { name: "another", type: "sql-canary", store: "states" } },
    path: "checks[2].store",
    message: /the store "states" is no database; there is database/,
  },
  {
    rule: "Every database has an SQL canary",
    values: { "checks/1": undefined },
    path: "stores[0].name",
    message: /no check of type sql-canary writes to "database"/,
  },
  {
    rule: "An IoT custom domain `follows`",
    values: { "traffic/1/follows": "worker-broker" },
    path: "traffic[1].follows",
    message: /"worker-broker" is no switch; there is server/,
  },
  {
    rule: "Each host is moved once",
    values: { "traffic/1/host": "spacelift.example.com" },
    path: "traffic[1].host",
    message: /"server" moves this host already/,
  },
  {
    rule: "The endpoints of a switch",
    values: { "traffic/0/endpoints/ireland": "spacelift.example.com" },
    path: "traffic[0].endpoints.ireland",
    message: /cannot be its own endpoint/,
  },
  {
    rule: "The endpoints of a switch",
    values: { "traffic/0/endpoints/paris": "server-ireland.elb.example.com" },
    path: "traffic[0].endpoints.paris",
    message: /would move nothing/,
  },
  {
    rule: "The endpoints of a switch",
    values: { "traffic/0/switches/paris/bucket": "spacelift-switch-eu-west-1" },
    path: "traffic[0].switches.paris",
    message: /lost with its region/,
  },
  {
    rule: "The endpoints of a switch",
    values: { ...inOneRegion, "traffic/0/switches/paris/bucket": "spacelift-switch-eu-west-1" },
    path: "traffic[0].switches.paris",
    message: /would move nothing/,
  },
  ...["500ms", "1500ms", "301s"].map((ttl): Case => ({
    rule: "The TTL of a switch",
    values: { "traffic/0/ttl": ttl },
    path: "traffic[0].ttl",
    message: /take 1s to 5m/,
  })),
  {
    rule: "Probes and checks ask",
    values: { "decision/signals/1/urls/paris": "https://spacelift.example.com/health" },
    path: "decision.signals[1].urls.paris",
    message: /follows the traffic/,
  },
  {
    rule: "Probes and checks ask",
    values: { "checks/0/urls/ireland": "https://spacelift.example.com:8443/" },
    path: "checks[0].urls.ireland",
    message: /ask the site's own endpoint/,
  },
  {
    rule: "Each note belongs",
    values: { "notes/0/phase": "shift" },
    path: "notes[0].phase",
    message: /no phase is called "shift"; the phases are load-plan, /,
  },
  {
    rule: "ARNs belong",
    values: { "certificates/0/arns/paris": certificate("eu-west-1", "111122223333") },
    path: "certificates[0].arns.paris",
    message: /is of eu-west-1, but the site "paris" lies in eu-west-3/,
  },
  {
    rule: "ARNs belong",
    values: { "secrets/0/secretIds/ireland": "arn:aws:secretsmanager:eu-west-2:111122223333:secret:a" },
    path: "secrets[0].secretIds.ireland",
    message: /is of eu-west-2/,
  },
];

const warnings: readonly Case[] = [
  {
    rule: "Warning: where a database has no enforcer",
    values: { "stores/0/enforcer": "none" },
    path: "stores[0].enforcer",
    message: /will wait for a person in spite of `mode: automatic`/,
  },
  {
    rule: "Warning: the waits that no recovery can avoid",
    values: { "objectives/rto": "153s" },
    path: "objectives.rto",
    message: /alone take 153s of 153s/,
  },
  {
    rule: "ARNs belong",
    values: { "certificates/0/arns/paris": certificate("eu-west-3", "444455556666") },
    path: "certificates[0].arns.paris",
    message: /of the account 444455556666, the plan's is 111122223333/,
  },
];

describe("a plan that breaks a rule across fields", () => {
  it.each(errors)("is refused: $rule ($path)", ({ values, path, message }) => {
    const reading = readPlan(withEdit(apply(values)), { file: "x.yaml" });
    const found = reading.ok ? [] : reading.problems.filter((problem) => problem.path === path);
    expect(found).toMatchObject([{ severity: "error", message: expect.stringMatching(message) as string }]);
  });

  it.each(warnings)("works, with a warning: $rule ($path)", ({ values, path, message }) => {
    const { warnings: found } = readValid(withEdit(apply(values)));
    expect(found).toMatchObject([
      { severity: "warning", path, message: expect.stringMatching(message) as string },
    ]);
  });

  it("says once that both sites have one name", () => {
    const reading = readPlan(withEdit(apply({ "sites/standby/name": "ireland" })), { file: "x.yaml" });
    expect(reading.ok ? [] : reading.problems).toHaveLength(1);
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
      values: { "decision/mode": "approval", "decision/lossLimit": "1h" },
    },
    {
      what: "a lease at its limits",
      values: { "ledger/lease/renewEvery": "23333ms", "ledger/lease/driftMargin": "90ms" },
    },
    { what: "a TTL at its limits", values: { "traffic/0/ttl": "5m" } },
    { what: "an RTO just above the waits", values: { "objectives/rto": "154s" } },
    {
      what: "presumed fencing that is accepted",
      values: { "stores/0/enforcer": "none", "decision/acceptPresumedFencing": true },
    },
    {
      what: "no enforcer, when a person decides",
      values: { "stores/0/enforcer": "none", "decision/mode": "approval" },
    },
    {
      what: "one alarm's name at two places",
      values: { "decision/signals/3/alarm": "spacelift-server-5xx" },
    },
    { what: "a workload without a database", values: { "stores/0": undefined, "checks/1": undefined } },
  ])("has no problem: $what", ({ values }) => {
    expect(readValid(withEdit(apply(values))).warnings).toEqual([]);
  });

  it("is judged by what can be read of it", () => {
    const { plan } = readValid(exampleText);
    expect(checkPlan({})).toEqual([]);
    expect(checkPlan({ sites: plan.sites, witness: { region: "eu-west-3" } })).toMatchObject([
      { path: ["witness", "region"] },
    ]);
  });
});
