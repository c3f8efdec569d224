import type { Report } from "../definition/check-fields.ts";
import { expressionsOf, type ExpressionSite } from "./expression-sites.ts";
import type { SyntaxNode } from "../expressions/syntax-node.ts";
import { isJsonObject, type Json } from "../values/json.ts";
import { listOf, type Group, type Site } from "./outline.ts";
import { variablesAt } from "./check-variables.ts";

interface Edge {
  readonly from: Site;
  readonly to: string;
  readonly assigns: readonly string[];
}

const namesIn = (holder: Json | undefined): string[] =>
  isJsonObject(holder) && isJsonObject(holder["Assign"])
    ? Object.keys(holder["Assign"]).map((name) => name.replace(/\.\$$/, ""))
    : [];

const edgesOf = (site: Site): Edge[] => {
  const edges: Edge[] = [];
  const add = (to: Json | undefined, assigns: readonly string[]): void => {
    if (typeof to === "string") edges.push({ from: site, to, assigns });
  };
  // A Choice's own Assign is for its Default; that of a rule or a catcher for its way alone.
  add(site.state["Next"] ?? site.state["Default"], namesIn(site.state));
  for (const entry of [...listOf(site, "Choices"), ...listOf(site, "Catch")])
    add(entry["Next"], namesIn(entry));
  return edges;
};

/** Variables that have a value on every way to a state: the intersection over all ways, to a fixed point. */
const surelyAssigned = (group: Group, around: ReadonlySet<string>): Map<string, ReadonlySet<string>> => {
  const sure = new Map<string, ReadonlySet<string>>([[group.startAt, around]]);
  const edges = [...group.sites.values()].flatMap(edgesOf);
  for (let changed = true; changed;) {
    changed = false;
    for (const { from, to, assigns } of edges) {
      const before = sure.get(from.name);
      // Not reached yet: its ways count when it is.
      if (before === undefined) continue;
      const arriving = new Set([...before, ...assigns]);
      const known = sure.get(to);
      const next = known === undefined ? arriving : new Set([...known].filter((name) => arriving.has(name)));
      if (known === undefined || next.size < known.size) {
        sure.set(to, next);
        changed = true;
      }
    }
  }
  return sure;
};

/** The variable whose absence makes the whole expression undefined: it is nothing but that variable or a path from it. */
const rootVariable = ({ expression: { syntax } }: ExpressionSite): string | undefined => {
  const first = syntax.type === "path" ? (syntax["steps"] as readonly SyntaxNode[])[0] : syntax;
  return first?.type === "variable" && typeof first.value === "string" ? first.value : undefined;
};

/** Expressions that are undefined, and so fail the state, when a variable was not assigned on the way that was taken. */
export const checkAssigned = (groups: readonly Group[], report: Report): void => {
  const possible = variablesAt(groups);
  const sureAt = new Map<Site, ReadonlySet<string>>();
  for (const group of groups) {
    const isApart = group.owner === undefined || group.isDistributed;
    const around = (isApart ? undefined : sureAt.get(group.owner)) ?? new Set<string>();
    const sure = surelyAssigned(group, around);
    for (const site of group.sites.values()) {
      const known = sure.get(site.name);
      if (known === undefined) continue;
      sureAt.set(site, known);
      for (const expression of expressionsOf(site)) {
        const name = rootVariable(expression);
        if (name === undefined || known.has(name) || possible.get(site)?.has(name) !== true) continue;
        report(
          expression.path,
          "maybe-undefined-variable",
          `on some way to '${site.name}' $${name} has no value; assign it before, or ask $exists($${name})`,
        );
      }
    }
  }
};

const isBareCause = (syntax: SyntaxNode): boolean => {
  const steps = syntax.type === "path" ? (syntax["steps"] as readonly SyntaxNode[]) : [];
  return (
    steps.length === 3 &&
    ["states", "errorOutput", "Cause"].every((name, index) => steps[index]?.value === name)
  );
};

/** A timeout has an error and no cause (recorded), so a catcher that takes the cause for granted fails when it is needed. */
export const checkBareCauses = (site: Site, report: Report): void => {
  for (const { path, expression, field } of expressionsOf(site)) {
    if (field === "Catch" && isBareCause(expression.syntax)) {
      report(
        path,
        "bare-cause",
        "an error need not have a Cause (a timeout has none), and then this is undefined; write $states.errorOutput.Cause & ''",
      );
    }
  }
};
