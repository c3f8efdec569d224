import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import type { DashboardBody } from "@lifeboat/control-plane/manifest";
import { machineArn, deployedName } from "@lifeboat/control-plane/names";
import { functionLogGroup } from "@lifeboat/control-plane/role-permissions";
import { describe, expect, it } from "vitest";
import { exampleText, readValid, withValue } from "./plan-example.ts";

const { plan } = readValid(exampleText);
const manifest = buildManifest(plan);
const [entry] = manifest.places.flatMap(({ dashboards }) => dashboards);
const widgets = entry?.body.widgets ?? [];

type Widget = DashboardBody["widgets"][number];
type Metric = readonly (string | { readonly region?: string })[];

const metricsOf = ({ properties }: Widget): readonly Metric[] =>
  (properties["metrics"] as readonly Metric[] | undefined) ?? [];
const titled = (title: RegExp): readonly Widget[] =>
  widgets.filter(({ properties }) => title.test(String(properties["title"])));

describe("the dashboard", () => {
  it("is one, and lies at the witness, which outlives either site", () => {
    const places = manifest.places.filter(({ dashboards }) => dashboards.length > 0);
    expect(places.map(({ kind, dashboards }) => [kind, dashboards.length])).toEqual([["witness", 1]]);
    expect(widgets.length).toBeGreaterThan(10);
  });

  it("is not there, with its alarm, when the plan does not ask for it", () => {
    const { plan: plain } = readValid(withValue(["observe"], undefined));
    expect(plain.observe).toEqual({ dashboard: false, fastHealthChecks: true });
    const { places } = buildManifest(plain);
    expect(places.flatMap(({ dashboards }) => dashboards)).toEqual([]);
    expect(places.flatMap(({ compositeAlarms }) => compositeAlarms)).toEqual([]);
  });

  it("shows the lag, the lease, the readiness, the last recovery, RTO and RPO against what was asked for", () => {
    for (const title of [/lag/, /^Lease/, /^Readiness/, /^Last recoveries/])
      expect(titled(title).length).toBeGreaterThan(0);
    const line = (title: RegExp) => titled(title).map(({ properties }) => properties["annotations"]);
    expect(line(/how long they took/)).toEqual([{ horizontal: [{ label: "RTO", value: 900_000 }] }]);
    expect(line(/what they lost/)).toEqual([{ horizontal: [{ label: "RPO", value: 60_000 }] }]);
  });

  it("names the region of every metric, and none but the plan's: Route 53's are in us-east-1 only", () => {
    const known = manifest.places.map(({ region }) => region);
    const metrics = widgets.flatMap(metricsOf);
    expect(metrics.length).toBeGreaterThan(15);
    for (const metric of metrics) {
      const options = metric.at(-1);
      expect(known).toContain(typeof options === "object" ? options.region : "none");
      expect(metric[0]).not.toBe("AWS/Route53");
    }
    for (const { type, properties } of widgets)
      if (type === "log" || type === "metric") expect(known).toContain(properties["region"]);
  });

  it("asks for functions, machines, logs and alarms that the manifest has", () => {
    const text = JSON.stringify(widgets);
    const functions = manifest.places.flatMap((place) => place.functions.map(({ name }) => name));
    const groups = [...text.matchAll(/SOURCE '([^']+)'/g)].map(([, group]) => group);
    expect(groups.length).toBe(6);
    const logs = functions.map((name) => functionLogGroup(plan.workload, name));
    expect(groups.filter((group) => !logs.includes(String(group)))).toEqual([]);
    const deployed = functions.map((name) => deployedName(plan.workload, name));
    for (const [, name] of text.matchAll(/"FunctionName","([^"]+)"/g)) expect(deployed).toContain(name);
    const machines = manifest.places.flatMap((place) =>
      place.machines.map(({ name }) => machineArn(plan.account, place.region, plan.workload, name)),
    );
    for (const [, arn] of text.matchAll(/"StateMachineArn","([^"]+)"/g)) expect(machines).toContain(arn);
    const alarms = manifest.places.flatMap(({ compositeAlarms }) => compositeAlarms.map(({ name }) => name));
    expect(text).toContain(`:alarm:${alarms[0]}`);
  });

  it("has no two widgets in one place, and none beyond the 24 columns", () => {
    const cells = widgets.map(({ x, y }) => `${x},${y}`);
    expect(new Set(cells).size).toBe(cells.length);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  });
});

describe("the alarm that sums up", () => {
  it("is made of alarms of its own region, which the same stack creates or the plan names there", () => {
    const witness = manifest.places.find(({ kind }) => kind === "witness");
    const alarms = witness?.alarms.map(({ name }) => name);
    expect(witness?.compositeAlarms.map(({ anyOf }) => anyOf)).toEqual([alarms]);
  });

  it("decides nothing: no rule hears of it", () => {
    const [name] = manifest.places.flatMap(({ compositeAlarms }) => compositeAlarms.map((one) => one.name));
    expect(name).toBe("lifeboat-spacelift-in-trouble");
    expect(JSON.stringify(manifest.places.map(({ rules }) => rules))).not.toContain(name);
  });
});
