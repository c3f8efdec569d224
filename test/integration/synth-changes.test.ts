import { describe, expect, it } from "vitest";
import type { Graph, GraphResource } from "../../infra/synth/graph.ts";
import { exampleText, withValue } from "../unit/plan-example.ts";
import { withResources } from "../unit/plan-of-many.ts";
import { ROLE } from "./access-plan.ts";
import { checkActions, checkPolicySizes } from "./synth-checks.ts";
import { graphOf, places, synthesized, unavailable } from "./synth-example.ts";
import { created, region, rolesOf, synthesizePlaces } from "./synth-graph.ts";
import { LONG_PARIS, longAccessGraphs, longGraphs } from "./synth-longest.ts";

const changed = withValue(["services", 0, "activeCount"], 7);
const fifty = withResources(exampleText, 50);
const changedGraphs = await synthesized(changed, ["paris"]);
const fiftyGraphs = await synthesized(fifty, ["paris"]);

/** The current plan, and the same by its hash. */
const isPlan = (name: string): boolean => name === "PublishedPlan" || /^Plan[0-9a-f]{12}$/.test(name);

describe.skipIf(unavailable !== undefined)("a deployment while another region is gone", () => {
  it.each(places)("of %s asks nothing of another region", (place) => {
    const graph = graphOf(place);
    const elsewhere = graph.lookups.filter(({ inputs }) => {
      const asked = (inputs as Record<string, unknown>)["region"];
      return asked !== undefined && asked !== region(graph);
    });
    expect(graph.lookups.length).toBeGreaterThan(0);
    expect(elsewhere).toEqual([]);
  });

  it.each([
    ["paris", "eu-west-1"],
    ["ireland", "eu-west-3"],
  ])("of %s names %s only where a name is enough", (place, other) => {
    const naming = created(graphOf(place)).filter(({ inputs }) => JSON.stringify(inputs).includes(other));
    const kindOf = ({ type, name }: (typeof naming)[number]): string =>
      isPlan(name) ? "PublishedPlan" : type === "aws:lambda/function:Function" ? name : type;
    expect([...new Set(naming.map(kindOf))].toSorted()).toEqual([
      // Knows the name of the other site's writer, for which it may stand in.
      "CanaryFunction",
      "PublishedPlan",
      "aws:cloudwatch/eventTarget:EventTarget",
      "aws:iam/rolePolicy:RolePolicy",
    ]);
  });
});

describe.skipIf(unavailable !== undefined)("a changed plan", () => {
  /** What is created in a place of a variant of the example and not just so in the example's, by its name. */
  const differing = (place: string, from: ReadonlyMap<string, Graph>): readonly string[] => {
    const keyOf = ({ type, name, parent }: GraphResource): string => `${type} ${name} ${parent}`;
    const before = new Map(created(graphOf(place)).map((one) => [keyOf(one), JSON.stringify(one)] as const));
    const after = created(graphOf(place, from));
    // The current plan and the same by its hash, whose name is new: nothing else comes or goes.
    expect(after.length).toBe(before.size);
    return after
      .filter((one) => before.get(keyOf(one)) !== JSON.stringify(one))
      .map(({ name }) => (isPlan(name) ? "PublishedPlan" : name));
  };

  it("changes the published plan, and nothing else where it asks for nothing else", () => {
    expect(differing("paris", changedGraphs)).toEqual(["PublishedPlan", "PublishedPlan"]);
  });

  it("changes what roles may do besides where it names more resources, and creates none", () => {
    const names = differing("paris", fiftyGraphs);
    expect(names.filter((name) => name === "PublishedPlan")).toHaveLength(2);
    const others = names.filter((name) => name !== "PublishedPlan");
    expect(others.length).toBeGreaterThan(3);
    expect(others.filter((name) => !name.endsWith("ExecutionPolicy"))).toEqual([]);
    expect(checkPolicySizes(rolesOf(graphOf("paris", fiftyGraphs)))).toEqual([]);
    expect(checkActions(rolesOf(graphOf("paris", fiftyGraphs)))).toEqual([]);
  });

  it("of two hundred resources is refused before anything is created, with advice", async () => {
    const many = synthesizePlaces(withResources(exampleText, 200), ["paris"]);
    await expect(many).rejects.toThrow(/IAM allows 10240: .*split it into plans of several workloads/);
  });

  it("of another workload is another app, and shares no role, function, machine or rule", () => {
    for (const place of longGraphs.keys()) {
      const [here, there] = [graphOf(place === LONG_PARIS ? "paris" : place), graphOf(place, longGraphs)];
      expect(here.app.name).not.toBe(there.app.name);
      // Buckets and the signals' alarms are called as the plan says; both plans say the same here.
      const named = (graph: Graph): readonly string[] =>
        created(graph)
          .filter(({ type }) => !/s3|metricAlarm/.test(type))
          .map(({ type, inputs }) => `${type} ${typeof inputs["name"] === "string" ? inputs["name"] : ""}`)
          .filter((name) => !/ $| own$/.test(name));
      expect(named(here).filter((name) => named(there).includes(name))).toEqual([]);
      expect(named(here).length).toBeGreaterThan(5);
    }
  });

  it("of another workload speaks of nothing that is the example's: no name of its stack, no key of its ledger", () => {
    const speaking = (graph: Graph): readonly string[] =>
      created(graph)
        .filter(({ inputs }) =>
          // The role in the other account is the plan's own word.
          /lifeboat-spacelift\b|spacelift-lifeboat-[a-z0-9-]+\/spacelift\//.test(
            JSON.stringify(inputs).replaceAll(ROLE, ""),
          ),
        )
        .map(({ type, name }) => `${type} ${name}`);
    for (const graph of [...longGraphs.values(), ...longAccessGraphs.values()])
      expect(speaking(graph)).toEqual([]);
    for (const place of places) expect(speaking(graphOf(place)).length).toBeGreaterThan(20);
  });
});
