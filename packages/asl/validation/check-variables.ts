import { freeVariables, isFunctionName } from "./check-expressions.ts";
import type { Report } from "../definition/check-fields.ts";
import { expressionsOf } from "./expression-sites.ts";
import { isJsonObject, type Json } from "../values/json.ts";
import { listOf, reachableFrom, type Group, type Site } from "./outline.ts";

const namesIn = (assign: Json | undefined): string[] =>
  isJsonObject(assign) ? Object.keys(assign).map((name) => name.replace(/\.\$$/, "")) : [];

/** Names of the variables that a state may assign, by whichever way it is left. */
const assignedBy = (site: Site): string[] => [
  ...namesIn(site.state["Assign"]),
  ...listOf(site, "Catch").flatMap((catcher) => namesIn(catcher["Assign"])),
  ...listOf(site, "Choices").flatMap((rule) => namesIn(rule["Assign"])),
];

/** Variables that may have a value when a state is entered: those of all states on some way to it, and from around. */
export const variablesAt = (groups: readonly Group[]): Map<Site, Set<string>> => {
  const known = new Map<Site, Set<string>>();
  for (const group of groups) {
    // Outer groups come first, so the owner's variables are known.
    const around = group.owner === undefined || group.isDistributed ? [] : (known.get(group.owner) ?? []);
    for (const site of group.sites.values()) known.set(site, new Set(around));
    for (const site of group.sites.values()) {
      const names = assignedBy(site);
      if (names.length === 0) continue;
      for (const target of reachableFrom(group, site.name)) {
        const later = group.sites.get(target);
        const set = later === undefined ? undefined : known.get(later);
        for (const name of names) set?.add(name);
      }
    }
  }
  return known;
};

/**
 * Variables that no state on the way assigns, and variables of an inner scope that have the name of an outer one
 * (which Step Functions refuses).
 */
export const checkVariables = (groups: readonly Group[], report: Report): void => {
  const known = variablesAt(groups);
  for (const group of groups) {
    const outer = group.owner === undefined || group.isDistributed ? undefined : known.get(group.owner);
    for (const site of group.sites.values()) {
      if (outer !== undefined) {
        for (const name of assignedBy(site)) {
          if (outer.has(name)) {
            report(
              site.path,
              "shadowed-variable",
              `$${name} has a value outside '${group.owner?.name}' and cannot be assigned inside`,
            );
          }
        }
      }
      for (const { expression, path, offset } of expressionsOf(site)) {
        for (const [name, position] of freeVariables(expression.syntax)) {
          if (known.get(site)?.has(name) === true || isFunctionName(name)) continue;
          if (isCalled(expression.syntax, name)) continue;
          report(path, "undefined-variable", `no state before '${site.name}' assigns $${name}`, {
            offset: offset + Math.max(0, (position ?? 1) - name.length - 1),
          });
        }
      }
    }
  }
};

/** A name that is only called is reported as an unknown function. */
const isCalled = (syntax: unknown, name: string): boolean => {
  let called = false;
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { procedure } = value as { procedure?: { type?: string; value?: unknown } };
    if (procedure?.type === "variable" && procedure.value === name) called = true;
    for (const child of Object.values(value)) walk(child);
  };
  walk(syntax);
  return called;
};
