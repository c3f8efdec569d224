import type { Graph, GraphResource } from "../../infra/synth/graph.ts";
import { readValid } from "../unit/plan-example.ts";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { orderGraph } from "./workshop.ts";

/** The graphs of all places of a plan, by the place's name. Throws with the stack's own errors. */
export const synthesizePlaces = async (
  planText: string,
  only?: readonly string[],
): Promise<ReadonlyMap<string, Graph>> => {
  const places = buildManifest(readValid(planText).plan)
    .places.map(({ place }) => place)
    .filter((place) => only?.includes(place) ?? true);
  const graphs = await Promise.all(
    places.map(async (place) => {
      const result = await orderGraph(`production-${place}`, planText);
      if (!result.ok) throw new Error(result.errors.join("\n"));
      return [place, result.graph] as const;
    }),
  );
  return new Map(graphs);
};

export const ofType = (graph: Graph, type: string): readonly GraphResource[] =>
  graph.resources.filter((resource) => resource.type === type && !resource.existing);

export const created = (graph: Graph): readonly GraphResource[] =>
  graph.resources.filter(({ custom, existing }) => custom && !existing);

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly NotAction?: readonly string[];
  readonly NotResource?: readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const list = (value: unknown): readonly string[] =>
  typeof value === "string" ? [value] : ((value ?? []) as readonly string[]);

export const statementsOf = (policy: unknown): readonly Statement[] => {
  const { Statement: statements } = JSON.parse(String(policy)) as { Statement: readonly Statement[] };
  return statements.map((statement) => ({
    ...statement,
    Action: list(statement.Action),
    Resource: list(statement.Resource),
  }));
};

/** Every role that the stack creates, with what it may do and who may take it. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly trust: readonly Statement[];
  readonly policies: readonly string[];
  readonly statements: readonly Statement[];
}

export const rolesOf = (graph: Graph): readonly Role[] =>
  ofType(graph, "aws:iam/role:Role").map(({ inputs }) => {
    const name = String(inputs["name"]);
    const policies = ofType(graph, "aws:iam/rolePolicy:RolePolicy")
      .filter((policy) => policy.inputs["role"] === name)
      .map((policy) => String(policy.inputs["policy"]));
    return {
      name,
      arn: `arn:aws:iam::${account(graph)}:role/${name}`,
      trust: statementsOf(inputs["assumeRolePolicy"]),
      policies,
      statements: policies.flatMap(statementsOf),
    };
  });

export const account = (graph: Graph): string => graph.app.providers.aws.allowedAccountIds[0] ?? "";

export const region = (graph: Graph): string => graph.app.providers.aws.region;

/** IAM's wildcards: `*` any number of characters, `?` one. */
export const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(text);

/** May the role do this, conditions aside? */
export const allows = (role: Pick<Role, "statements">, action: string, resource: string): boolean =>
  role.statements.some(
    ({ Effect, Action, Resource }) =>
      Effect === "Allow" && Action.includes(action) && Resource.some((pattern) => matches(pattern, resource)),
  );

interface AlarmPattern {
  readonly source?: readonly string[];
  readonly region?: readonly string[];
  readonly detail?: {
    readonly alarmName?: readonly string[];
    readonly state?: { readonly value?: readonly string[] };
  };
}

/** The targets of the rules that match a change of an alarm of this stack to a state. */
export const hearersOf = (graph: Graph, alarmName: string, state: string): readonly string[] => {
  const matching = ofType(graph, "aws:cloudwatch/eventRule:EventRule").filter(({ inputs }) => {
    const pattern = JSON.parse(String(inputs["eventPattern"])) as AlarmPattern;
    return (
      pattern.source?.includes("aws.cloudwatch") === true &&
      (pattern.region?.includes(region(graph)) ?? true) &&
      pattern.detail?.alarmName?.includes(alarmName) === true &&
      pattern.detail.state?.value?.includes(state) === true
    );
  });
  const rules = matching.map(({ inputs }) => inputs["name"]);
  return ofType(graph, "aws:cloudwatch/eventTarget:EventTarget")
    .filter(({ inputs }) => rules.includes(inputs["rule"]))
    .map(({ inputs }) => String(inputs["arn"]));
};
