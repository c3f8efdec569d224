import { readFileSync } from "node:fs";
import { costTables } from "@lifeboat/cli/print-cost";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { failoverCost, idleCost, runsAMonth, totalOf, type CostItem } from "@lifeboat/control-plane/cost";
import type { Manifest, PlaceManifest } from "@lifeboat/control-plane/manifest";
import { pricesIn } from "@lifeboat/control-plane/prices";
import { describe, expect, it } from "vitest";
import { lifeboat } from "../integration/cli-in-process.ts";
import { exampleFile, exampleText, readValid, withEdit, withValue } from "./plan-example.ts";

const { plan } = readValid(exampleText);
const manifest = buildManifest(plan);

const partOf = (items: readonly CostItem[], part: CostItem["part"]): number =>
  totalOf(items.filter((item) => item.part === part));
const dollarsOf = (items: readonly CostItem[], what: RegExp): number =>
  totalOf(items.filter((item) => what.test(item.what)));

/** The manifest with a change in each of its places. */
const changed = (change: (place: PlaceManifest) => Partial<PlaceManifest>): Manifest => ({
  ...manifest,
  places: manifest.places.map((place) => ({ ...place, ...change(place) })),
});

const withObserve = (dashboard: boolean, fastHealthChecks: boolean): readonly CostItem[] => {
  const { plan: chosen } = readValid(withValue(["observe"], { dashboard, fastHealthChecks }));
  return idleCost(chosen, buildManifest(chosen));
};

describe("an idle month of the example", () => {
  const items = idleCost(plan, manifest);
  const plain = withObserve(false, false);

  it("costs less than 4 dollars without dashboard and fast health checks", () => {
    expect(totalOf(plain)).toBeLessThan(4);
    expect(totalOf(plain)).toBeGreaterThan(1);
  });

  it("costs less than 12 dollars with both", () => {
    expect(plan.observe).toEqual({ dashboard: true, fastHealthChecks: true });
    expect(totalOf(items)).toBeLessThan(12);
  });

  it("shows both apart, and both can be left out", () => {
    const parts = ["control plane", "health checks", "fast health checks", "dashboard"] as const;
    const sums = (list: readonly CostItem[]): readonly number[] => parts.map((part) => partOf(list, part));
    const own = partOf(items, "control plane");
    expect(sums(items)).toEqual([own, 0, 2, 3.5]);
    expect(sums(withObserve(true, false))).toEqual([own, 0, 0, 3.5]);
    expect(sums(withObserve(false, true))).toEqual([own, 0, 2, 0]);
    expect(sums(plain)).toEqual([own, 0, 0, 0]);
    expect(plain.map(({ part }) => part)).not.toContain("fast health checks");
    expect(plain.map(({ part }) => part)).not.toContain("dashboard");
  });

  it.each([
    [0, "5 × 0.00", 0],
    [45, "5 × 0.00", 0],
    [47, "3 × 0.00 + 2 × 0.50", 1],
    [50, "5 × 0.50", 2.5],
    [190, "5 × 0.50", 2.5],
  ])(
    "counts what is free over the account: beside %i other checks its own are %s",
    (others, much, dollars) => {
      const list = idleCost(plan, manifest, { otherHealthChecks: others });
      const basic = list.filter(({ part }) => part === "health checks");
      expect(basic.map(({ howMuch, dollars: sum }) => [howMuch, sum])).toEqual([[much, dollars]]);
      expect(totalOf(list) - totalOf(items)).toBeCloseTo(dollars, 9);
      // Options have no free tier.
      expect(partOf(list, "fast health checks")).toBe(2);
    },
  );

  it("costs less than 12 dollars with both in an account whose free health checks are used up, too", () => {
    expect(totalOf(idleCost(plan, manifest, { otherHealthChecks: 50 }))).toBeLessThan(12);
  });

  it("has its health checks on the bill: eleven switches have more than are free", () => {
    const one = manifest.places.flatMap(({ healthChecks }) => healthChecks);
    const many: Manifest = {
      ...manifest,
      places: manifest.places.map((place) => ({
        ...place,
        healthChecks: place.kind === "witness" ? Array.from({ length: 11 }, () => one).flat() : [],
      })),
    };
    const list = idleCost(plan, many);
    expect(list.find(({ part }) => part === "health checks")).toMatchObject({
      howMuch: "50 × 0.00 + 5 × 0.50",
      dollars: 2.5,
    });
    expect(partOf(list, "fast health checks")).toBe(22);
  });

  it("counts what the manifest has: one more alarm, schedule or megabyte is on the bill", () => {
    const total = totalOf(items);
    const [alarm] = manifest.places.flatMap(({ dutyAlarms }) => dutyAlarms);
    const [schedule] = manifest.places.flatMap(({ schedules }) => schedules);
    if (alarm === undefined || schedule === undefined) throw new Error("the example has both");
    const more = (change: Parameters<typeof changed>[0]): number =>
      totalOf(idleCost(plan, changed(change))) - total;
    expect(more(({ dutyAlarms }) => ({ dutyAlarms: [...dutyAlarms, alarm] }))).toBeCloseTo(0.3, 5);
    expect(more(({ alarms }) => ({ alarms: [...alarms, { ...alarm, periodSeconds: 10 }] }))).toBeCloseTo(
      0.9,
      5,
    );
    expect(more(({ schedules }) => ({ schedules: [...schedules, schedule] }))).toBeGreaterThan(0.1);
    expect(
      more(({ functions }) => ({
        functions: functions.map((entry) => ({ ...entry, memoryMegabytes: 2 * entry.memoryMegabytes })),
      })),
    ).toBeGreaterThan(0.3);
    expect(
      more(({ functions }) => ({ functions: functions.map(({ quiet: _quiet, ...entry }) => entry) })),
    ).toBeGreaterThan(0.05);
  });

  it("grows with the pace of the renewals", () => {
    const slower = readValid(
      withEdit((document) => {
        document.setIn(["ledger", "lease", "renewEvery"], "20s");
      }),
    ).plan;
    const [fast, slow] = [items, idleCost(slower, buildManifest(slower))].map((list) =>
      dollarsOf(list, /renewals of the lease/),
    );
    expect(fast ?? 0).toBeCloseTo((slow ?? 0) * (20_000 / plan.ledger.lease.renewEveryMs), 5);
  });
});

describe("a failover", () => {
  it("costs less than 5 cents", () => {
    expect(totalOf(failoverCost(manifest))).toBeLessThan(0.05);
    expect(totalOf(failoverCost(manifest))).toBeGreaterThan(0.005);
  });
});

describe("a schedule", () => {
  it.each([
    ["rate(1 minute)", 43_200],
    ["rate(5 minutes)", 8640],
    ["rate(1 day)", 30],
    ["cron(15 3 * * ? *)", 720],
    ["cron(*/5 * * * ? *)", 43_200],
  ])("of %s runs %i times a month, at most", (expression, runs) => {
    expect(runsAMonth({ name: "x", expression })).toBe(runs);
  });

  it("that is no rate and no cron is not guessed", () => {
    expect(() => runsAMonth({ name: "x", expression: "at(2026-11-22T00:00:00)" })).toThrow("is no rate");
  });
});

describe("a region whose prices are not listed", () => {
  it("is counted at the dearest", () => {
    expect(pricesIn("ap-east-9")).toEqual({ thousandPuts: 0.0054, thousandGets: 0.00043, logGigabyte: 0.63 });
  });
});

describe("lifeboat cost", () => {
  it("prints what the guide for deployments says", async () => {
    const guide = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
    const { code, out, err } = await lifeboat(["cost", exampleFile], {
      files: { [exampleFile]: exampleText },
    });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toBe(costTables(plan));
    const [idle, account, failover, waiting, ...others] = out.trim().split("\n\n");
    expect(others).toEqual([]);
    expect(idle).toContain("**fast health checks**");
    expect(account).toBe(
      "An account's first 50 health checks of AWS endpoints are free of charge. Where the account has 50 others, " +
        "these cost 0.50 each: 2.50 dollars more a month, 11.97 together.",
    );
    expect(waiting).toBe(
      "Each hour in which it waits for people costs 36 state transitions, 0.0009 dollars, more.",
    );
    for (const part of [idle, account, failover, waiting]) expect(guide).toContain(part);
  });

  it("says nothing of health checks for a plan that has none", () => {
    const tables = costTables({ ...plan, traffic: [] });
    expect(tables.trim().split("\n\n")).toHaveLength(3);
    expect(tables).not.toContain("health check");
  });

  it("refuses what is no plan", async () => {
    const { code, err } = await lifeboat(["cost", "none.yaml"]);
    expect(code).toBe(2);
    expect(err).toContain("cannot read none.yaml");
  });
});
