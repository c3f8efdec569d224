import type { QueryLanguage } from "../definition/check-structure.ts";
import type { DefinitionPath } from "../definition/finding.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../values/json.ts";

/** A state where it stands. */
export interface Site {
  readonly name: string;
  readonly type: string;
  readonly state: JsonObject;
  readonly path: DefinitionPath;
  readonly language: QueryLanguage;
  readonly group: Group;
  /** Names of the states that it can go on to, in its group. */
  readonly targets: readonly string[];
}

/** The states of one processor: the machine, a branch or a Map's processor. */
export interface Group {
  readonly startAt: string;
  readonly path: DefinitionPath;
  readonly sites: Map<string, Site>;
  /** The Parallel or Map around it. */
  readonly owner: Site | undefined;
  /** Its executions are apart: they see no variables from around. */
  readonly isDistributed: boolean;
}

const stringOf = (value: Json | undefined): string[] => (typeof value === "string" ? [value] : []);

const entriesOf = (value: Json | undefined): JsonObject[] =>
  value !== undefined && isJsonArray(value) ? value.filter(isJsonObject) : [];

/** Retriers, catchers or rules of a state: those entries that are objects. */
export const listOf = (site: Site, name: "Retry" | "Catch" | "Choices"): JsonObject[] =>
  entriesOf(site.state[name]);

const targetsOf = (state: JsonObject): string[] => [
  ...stringOf(state["Next"]),
  ...stringOf(state["Default"]),
  ...[...entriesOf(state["Choices"]), ...entriesOf(state["Catch"])].flatMap((entry) =>
    stringOf(entry["Next"]),
  ),
];

/** All groups of a definition, outer ones first. Whatever is not well-formed is left out. */
export const outline = (definition: Json): Group[] => {
  const groups: Group[] = [];
  if (!isJsonObject(definition)) return groups;
  const machineLanguage = definition["QueryLanguage"] === "JSONata" ? "JSONata" : "JSONPath";

  const addGroup = (processor: Json | undefined, path: DefinitionPath, owner: Site | undefined): void => {
    if (!isJsonObject(processor) || !isJsonObject(processor["States"])) return;
    const config = processor["ProcessorConfig"];
    const group: Group = {
      startAt: stringOf(processor["StartAt"])[0] ?? "",
      path,
      sites: new Map(),
      owner,
      isDistributed: isJsonObject(config) && config["Mode"] === "DISTRIBUTED",
    };
    groups.push(group);
    for (const [name, state] of Object.entries(processor["States"])) {
      if (!isJsonObject(state) || typeof state["Type"] !== "string") continue;
      const site: Site = {
        name,
        type: state["Type"],
        state,
        path: [...path, "States", name],
        language: state["QueryLanguage"] === "JSONata" ? "JSONata" : machineLanguage,
        group,
        targets: targetsOf(state),
      };
      group.sites.set(name, site);
      if (isJsonArray(state["Branches"] ?? null)) {
        for (const [index, branch] of (state["Branches"] as readonly Json[]).entries()) {
          addGroup(branch, [...site.path, "Branches", index], site);
        }
      }
      addGroup(state["ItemProcessor"] ?? state["Iterator"], [...site.path, "ItemProcessor"], site);
    }
  };
  addGroup(definition, [], undefined);
  return groups;
};

/** Names of the states that a walk from `from` comes to, `from` not included unless a way leads back. */
export const reachableFrom = (group: Group, from: string): Set<string> => {
  const seen = new Set<string>();
  const left = [...(group.sites.get(from)?.targets ?? [])];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (seen.has(name) || !group.sites.has(name)) continue;
    seen.add(name);
    left.push(...(group.sites.get(name)?.targets ?? []));
  }
  return seen;
};
