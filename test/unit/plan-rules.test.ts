import { checkPlan, planRules } from "@lifeboat/recovery/check-plan";
import { describe, expect, it } from "vitest";
import { decisionErrors, decisionWarnings } from "./plan-rule-cases-of-decisions.ts";
import { referenceErrors } from "./plan-rule-cases-of-references.ts";
import { siteErrors, siteWarnings } from "./plan-rule-cases-of-sites.ts";
import {
  accessBy,
  certificatesOf,
  inOneRegion,
  plan,
  problemsWith,
  type Values,
} from "./plan-with-values.ts";

const errors = [...siteErrors, ...decisionErrors, ...referenceErrors];
const warnings = [...siteWarnings, ...decisionWarnings];

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
