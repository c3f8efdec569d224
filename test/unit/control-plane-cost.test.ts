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

describe("an idle month of the example", () => {
  const items = idleCost(plan, manifest);

  it("costs less than 4 dollars without health checks and dashboard", () => {
    expect(partOf(items, "control plane")).toBeLessThan(4);
    expect(partOf(items, "control plane")).toBeGreaterThan(1);
  });

  it("costs less than 12 dollars with fast health checks and a dashboard", () => {
    expect(plan.observe).toEqual({ dashboard: true, fastHealthChecks: true });
    expect(totalOf(items)).toBeLessThan(12);
  });

  it("has no more than the dashboard's and the health checks' part for what can be left out", () => {
    expect(partOf(items, "health checks")).toBe(4.5);
    expect(partOf(items, "dashboard")).toBe(3.5);
  });

  it("costs less than 8 dollars with slow health checks and no dashboard", () => {
    const { plan: plain } = readValid(withValue(["observe"], { dashboard: false, fastHealthChecks: false }));
    expect(totalOf(idleCost(plain, buildManifest(plain)))).toBeCloseTo(7.47, 2);
  });

  it("costs nothing for a dashboard that nobody asked for, and a dollar less with slow checks", () => {
    const { plan: plain } = readValid(withValue(["observe"], { dashboard: false, fastHealthChecks: false }));
    const less = idleCost(plain, buildManifest(plain));
    expect(partOf(less, "dashboard")).toBe(0);
    expect(partOf(less, "health checks")).toBe(3.5);
    expect(partOf(less, "control plane")).toBe(partOf(items, "control plane"));
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
    expect(out.split("\n\n")).toHaveLength(2);
    for (const table of out.trim().split("\n\n")) expect(guide).toContain(table);
  });

  it("refuses what is no plan", async () => {
    const { code, err } = await lifeboat(["cost", "none.yaml"]);
    expect(code).toBe(2);
    expect(err).toContain("cannot read none.yaml");
  });
});
