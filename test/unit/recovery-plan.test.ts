import { entriesOf, placeOfArn, writtenDuration } from "@lifeboat/recovery/plan-rule";
import {
  canaryStore,
  forSite,
  otherSite,
  siteInRegion,
  siteNamed,
  sitesOf,
  type RecoveryPlan,
  type Store,
} from "@lifeboat/recovery/plan";
import { describe, expect, inject, it } from "vitest";

const plan = inject("examplePlan");
const { primary, standby } = plan.sites;

describe("the sites of a plan", () => {
  it("come in the order in which they were built", () => {
    expect(sitesOf(plan)).toEqual([primary, standby]);
  });

  it("are found by their names", () => {
    expect(siteNamed(plan, "ireland")).toBe(primary);
    expect(siteNamed(plan, "paris")).toBe(standby);
    expect(() => siteNamed(plan, "lyon")).toThrow('the plan of "spacelift" has no site "lyon"');
  });

  it("are each other's other site", () => {
    expect(otherSite(plan, "ireland")).toBe(standby);
    expect(otherSite(plan, "paris")).toBe(primary);
    expect(() => otherSite(plan, "lyon")).toThrow(RangeError);
  });

  it("are found by their regions; the witness is none of them", () => {
    expect(siteInRegion(plan, "eu-west-1")).toBe(primary);
    expect(siteInRegion(plan, "eu-west-3")).toBe(standby);
    expect(siteInRegion(plan, plan.witness.region)).toBeUndefined();
  });

  it("have their own values, and a site that has none is a mistake of ours", () => {
    expect(forSite(plan.ledger.buckets, "paris")).toBe("spacelift-lifeboat-eu-west-3");
    expect(() => forSite(plan.ledger.buckets, "lyon")).toThrow('no value for the site "lyon"');
    expect(forSite({ paris: 0 }, "paris")).toBe(0);
  });
});

describe("the store that takes the canary rows", () => {
  const [database, bucket] = plan.stores;
  const another = { ...database, name: "another" } as Store;
  const storeOf = (changes: Partial<RecoveryPlan>): Store | undefined => canaryStore({ ...plan, ...changes });

  it("is the database that the SQL check names, wherever it stands among the stores", () => {
    expect(storeOf({})).toBe(database);
    expect(storeOf({ stores: [another, ...plan.stores] })).toBe(database);
  });

  it("is none where no check writes, or where it writes to what is no database", () => {
    expect(storeOf({ checks: plan.checks.filter(({ type }) => type === "http") })).toBeUndefined();
    expect(storeOf({ stores: [{ ...bucket, name: "database" } as Store] })).toBeUndefined();
    expect(storeOf({ stores: [another] })).toBeUndefined();
  });
});

describe("an ARN", () => {
  it("says where its resource is", () => {
    expect(placeOfArn("arn:aws:acm:eu-west-1:111122223333:certificate/1")).toEqual({
      region: "eu-west-1",
      account: "111122223333",
    });
  });

  it.each(["", "spacelift/connection", "a:b:c:d:e", "arn:aws:acm", "arn:aws:acm:eu-west-1"])(
    "says nothing where it is none, or cut off: %j",
    (text) => {
      expect(placeOfArn(text)).toBeUndefined();
    },
  );
});

describe("a duration in a message", () => {
  it.each([
    [500, "500ms"],
    [1000, "1000ms"],
    [1500, "1500ms"],
    [2000, "2s"],
    [60_000, "60s"],
    [90_000, "90s"],
    [120_000, "2m"],
    [3_600_000, "60m"],
    [7_200_000, "2h"],
    [9_000_000, "150m"],
  ])("of %d ms is written %s: the longest unit of which it is a multiple, twice at least", (ms, text) => {
    expect(writtenDuration(ms)).toBe(text);
  });
});

describe("the entries of a section", () => {
  it("are the members of its list, each with its place", () => {
    expect(entriesOf(plan, "keys")).toEqual([{ path: ["keys", 0], fields: plan.keys[0] }]);
    const signals = entriesOf(plan, "decision");
    expect(signals).toHaveLength(plan.decision.signals.length);
    expect(signals[1]).toEqual({ path: ["decision", "signals", 1], fields: plan.decision.signals[1] });
  });

  it("are one where it is no list, and none where it is a word", () => {
    expect(entriesOf(plan, "ledger")).toEqual([{ path: ["ledger"], fields: plan.ledger }]);
    expect(entriesOf(plan, "workload")).toEqual([]);
  });
});
